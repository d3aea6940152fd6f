"""Intakes, and the review queue."""

from dataclasses import replace
from typing import Any

from tests.scope.asking import Answer, Ask, Draw, batch, everybody, listing, thing, word
from tests.scope.rule import Actor, Customer, Intake, World
from tests.scope.trials import jobs

PLACE = {"country": "DE", "city": "Hamburg"}


def _arrival(draw: Draw) -> tuple[dict[str, Any], Any]:
    """Return what arrives, of a company that is known or of a new one, and what it makes of the world."""
    actor, known = draw.actor, None
    if draw.either():
        chosen = draw.one(draw.world.customers)
        here = draw.world.customers.get(chosen)
        known = chosen if here and here.name.startswith("Customer ") else None
    name = draw.world.customers[known].name if known else f"Company {word()}"
    body = {"source": "referral", "company": {"legal_name": name, **PLACE}}

    async def effect(world: World, answer: Answer) -> None:
        made = answer.content["items"][0] if "items" in answer.content else answer.content
        customer = made.get("customer_id") or known
        if customer is not None and customer not in world.customers:
            world.customers[customer] = Customer(name, None, actor.authority)
        world.intakes[made["id"]] = Intake(name, actor.authority, customer)

    return body, effect


def create_intake(draw: Draw) -> Ask:
    body, effect = _arrival(draw)
    return Ask(everybody, body=body, effect=effect)


def create_intakes(draw: Draw) -> Ask:
    """Of a batch only what is known already: its answer does not tell the customer that it made."""
    known = draw.one(each for each, one in draw.world.customers.items() if one.name.startswith("Customer "))
    name, actor = draw.world.customers[known].name, draw.actor

    async def effect(world: World, answer: Answer) -> None:
        world.intakes[answer.content["items"][0]["id"]] = Intake(name, actor.authority, known)

    item = {"source": "referral", "company": {"legal_name": name, **PLACE}}
    return Ask(batch(everybody), body={"items": [item]}, effect=effect)


def list_intakes(draw: Draw) -> Ask:
    is_queue = draw.either()

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.intakes.items()
            if known.is_open >= is_queue and world.sees_intake(actor, each)
        }

    return Ask(listing(visible), query={"limit": 500} | ({"outcome": "review"} if is_queue else {}))


def _intake(draw: Draw) -> str:
    is_open = draw.either()
    chosen = [each for each, known in draw.world.intakes.items() if known.is_open >= is_open]
    return draw.seen(chosen, draw.world.sees_intake)


def reading(draw: Draw) -> Ask:
    intake = _intake(draw)
    return Ask(thing(lambda world, actor: world.sees_intake(actor, intake)), {"intake_id": intake})


def _review(draw: Draw, body: Any) -> Ask:
    intake = _intake(draw)
    judge = thing(
        lambda world, actor: world.sees_intake(actor, intake), lambda world, actor: world.may_review(actor, intake)
    )

    async def effect(world: World, _: Answer) -> None:
        world.intakes[intake] = replace(world.intakes[intake], is_open=False)

    return Ask(judge, {"intake_id": intake}, body=body, effect=effect if body else None)


def decide_intake(draw: Draw) -> Ask:
    return _review(draw, {"decision": "not_a_company", "reason": "a joke"})


def check_intake(draw: Draw) -> Ask:
    return _review(draw, None)


def erase_intake_personal_data(draw: Draw) -> Ask:
    intake = _intake(draw)
    judge = thing(
        lambda world, actor: world.sees_intake(actor, intake),
        lambda world, actor: world.may_erase_intake(actor, intake),
    )
    return Ask(judge, {"intake_id": intake})


TRIALS = {
    "create_intake": create_intake,
    "create_intakes": jobs.also_later("customer", "create_intakes", create_intakes),
    "list_intakes": list_intakes,
    "get_intake": reading,
    "get_intake_personal_data": reading,
    "erase_intake_personal_data": erase_intake_personal_data,
    "decide_intake": decide_intake,
    "check_intake": check_intake,
}
