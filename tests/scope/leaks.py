"""What no answer may tell, whatever was asked: an id of something hidden, a name that was erased.

Judges of single operations know what is due. This looks at all that was told, problems too.
"""

import json
import re
from collections.abc import Callable, Iterator

from tests.scope.asking import Answer, Ask
from tests.scope.rule import Actor, World

FIRST_REFUSAL = 400
CONTACT = re.compile(r"Contact [0-9a-f]{12}")
BY_SEAT = ("forecast", "candidates", "seat", "roll_up", "demand_plan", "adjustment", "confirm_opportunity")
"""Words of operations that show opportunities and customers by the frozen line, to whoever sees a seat."""

HISTORY = "list_customer_changes"
"""Shows where each value of a customer came from and what it was before: of an intake or a company but its id."""

READ_IN_FULL = ("_events", "_audit", "_job_result")
"""Whoever gets these gets all of it: who follows a feed, who audits; a file holds what was shown when it was made."""

Sees = Callable[[World, Actor, str], bool]


def _of_contact(world: World, actor: Actor, contact: str) -> bool:
    return world.sees_customer(actor, world.contacts[contact])


def _of_seat(world: World, actor: Actor, seat: str) -> bool:
    """Where a shown seat hands in is no secret, nor from whom it gathers: a record tells of both."""
    return (
        world.sees_seat(actor, seat)
        or any(world.sees_seat(actor, each) for each in world.seats[seat].above[:1])
        or any(known.above[:1] == (seat,) and world.sees_seat(actor, each) for each, known in world.seats.items())
    )


def _of_delivery(world: World, actor: Actor, delivery: str) -> bool:
    return world.sees_webhook(actor, world.deliveries[delivery].webhook)


def _customer(world: World, actor: Actor, customer: str) -> bool:
    """Whom a shown company belongs to is a fact about that company, and whose a lead is, about the lead.

    Of the other nothing but its id is told.
    """
    return (
        world.sees_customer(actor, customer)
        or any(known.parent == customer and world.sees_customer(actor, each) for each, known in world.customers.items())
        or any(known.customer == customer and world.sees_lead(actor, each) for each, known in world.leads_heard.items())
    )


def _belonged(world: World, actor: Actor, customer: str) -> bool:
    """To whom a shown company belonged before is a fact of its history, as to whom it belongs is one about it."""
    return _customer(world, actor, customer) or any(
        customer in known.former_parents and world.sees_customer(actor, each) for each, known in world.customers.items()
    )


def _opportunity(world: World, actor: Actor, opportunity: str) -> bool:
    """What a shown lead became is a fact about that lead, and for what resources are asked, about that request."""
    return (
        world.sees_opportunity(actor, opportunity)
        or any(
            known.opportunity == opportunity and world.sees_lead(actor, each)
            for each, known in world.leads_heard.items()
        )
        or any(
            known.opportunity == opportunity and world.sees_resources(actor, each)
            for each, known in world.resources.items()
        )
    )


def _source(world: World, actor: Actor, intake: str) -> bool:
    """Where a shown customer's values came from is a fact about that customer: of its own intakes, and no others."""
    customer = world.intakes[intake].customer
    return world.sees_intake(actor, intake) or (customer is not None and world.sees_customer(actor, customer))


SALES: dict[str, Sees] = {"customers": _customer, "opportunities": _opportunity}
OTHERS: dict[str, Sees] = {
    "contacts": _of_contact,
    "intakes": World.sees_intake,
    "proposals": lambda world, actor, change: world.sees_customer(actor, world.proposals[change]),
    "activities": World.sees_activity,
    "leads_heard": World.sees_lead,
    "account_plans": World.sees_account_plan,
    "portfolios": lambda world, actor, each: world.sees_portfolio(actor, each),
    "targets": lambda world, actor, each: world.looks_after(actor, world.targets[each]),
    "key_proposals": lambda world, actor, each: world.looks_after(actor, world.key_proposals[each][0]),
    "seats": _of_seat,
    "plans": World.sees_plan,
    "handovers": World.sees_handover,
    "jobs": World.sees_job,
    "webhooks": World.sees_webhook,
    "deliveries": _of_delivery,
}


def leaked(world: World, name: str, actor: Actor, ask: Ask, answer: Answer) -> str | None:
    """Return what an answer tells that its reader may not know, apart from what they have named themselves."""
    if answer.status >= FIRST_REFUSAL and answer.etag:
        return f"a refusal with the version {answer.etag}"
    asked = ""
    if world.erased and (told := set(CONTACT.findall(answer.text)) & set(world.erased.values())):
        asked = _asked(ask)
        if personal := [each for each in told if each not in asked]:
            return f"tells {personal}, who are erased"
    if name.endswith(READ_IN_FULL):
        return None
    hidden = list(_hidden(world, name, actor, answer))
    asked = asked or (_asked(ask) if hidden else "")
    known = [each for each in hidden if each not in asked]
    return f"tells of {known}, which are hidden" if known else None


def _hidden(world: World, name: str, actor: Actor, answer: Answer) -> Iterator[str]:
    sees = OTHERS if any(word in name for word in BY_SEAT) else SALES | OTHERS
    if name == HISTORY:
        sees = sees | {"intakes": _source, "customers": _belonged}
    tables = [(getattr(world, table), may) for table, may in sees.items()]
    for each in answer.ids:
        for things, may in tables:
            if each in things and not may(world, actor, each):
                yield each


def _asked(ask: Ask) -> str:
    return json.dumps([dict(ask.path), dict(ask.query), ask.body])
