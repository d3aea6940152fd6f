"""Who looks after a customer by the assignment rules: when it is made, and later out of the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions.people import check_active
from services.customer.customers.actions.publishing import state_of
from services.customer.customers.rules.deciding import WRITING_ROLES
from services.customer.customers.rules.refusals import UnknownPerson
from services.customer.customers.rules.values import AddressKind, TypedCustomer
from services.customer.customers.store import records, unassigned, writes
from services.customer.customers.store.unassigned import Waiting
from services.customer.events import CUSTOMER_ASSIGNED
from services.customer.matching.rules.places import normalise_country
from services.customer.rulings.rules import LATER, Ask, Ruling

BY_RULE = "assigned by rule"
NOT_ASKED, NO_RULE, ENTERED = "not_asked", "no_rule", "entered"


async def ruled(ask: Ask, typed: TypedCustomer, source: str | None = None) -> TypedCustomer:
    """Return a new customer with what the assignment rules say of it, unless its account manager is given.

    To be called before the first statement of a transaction, for a peer is asked. Where it is away the customer is
    made with nobody to look after it, and asked about later; where no rules are in force nothing is changed.
    """
    if typed.manager_given:
        return typed
    found = await ask([attributes_of(typed, source)])
    if found is None:
        return replace(typed, ruling=LATER)
    return typed if found.number is None else replace(typed, ruling=found.of[0])


async def ruling_of_many(ask: Ask, viewer: Viewer) -> Ruling | None:
    """Return that new customers of a batch wait for the rules, if any are in force or nobody can say.

    Those whom nobody would look after anyway wait by themselves.
    """
    if viewer.is_machine or viewer.has_role(*WRITING_ROLES):
        return None
    found = await ask([])
    return None if found is not None and found.number is None else LATER


def attributes_of(typed: TypedCustomer, source: str | None) -> dict[str, Any]:
    """Return what the rules look at of a new customer; the region is the headquarters', else that of any address."""
    in_order = sorted(typed.addresses, key=lambda each: each.kind is not AddressKind.HEADQUARTERS)
    revenue = typed.annual_revenue
    return {
        "kind": typed.kind.value,
        "country": normalise_country(typed.country),
        "region": next((each.region for each in in_order if each.region), None),
        "city": typed.city,
        "industry": typed.industry,
        "tier": typed.tier.value if typed.tier else None,
        "source": source,
        "revenue": f"{revenue.amount:f}" if revenue else None,
        "revenue_currency": revenue.currency if revenue else None,
    }


async def manager_by(tx: Writing, ruling: Ruling) -> UUID | None:
    """Return whom a rule names, unless they have left meanwhile."""
    return ruling.account_manager_id if await _is_there(tx, ruling.account_manager_id) else None


async def _is_there(tx: Writing, person_id: UUID | None) -> bool:
    try:
        await check_active(tx, person_id)
    except UnknownPerson:
        return False
    return True


async def note_unruled(tx: Writing, customer_id: UUID, ruling: Ruling, fallback: UUID | None) -> None:
    """Say of a new customer why no rule has given it to anybody; who entered it gets it if there are no rules."""
    if ruling.number is None or ruling.account_manager_id is not None:  # somebody whom the copy does not know yet
        await unassigned.say_why(tx, customer_id, NOT_ASKED, fallback_id=fallback)
    else:
        await unassigned.note_checked(tx, [customer_id], NO_RULE, ruling.number)


async def take_out(tx: Writing, waiting: Sequence[Waiting], rulings: Sequence[Ruling]) -> int:
    """Give customers of the queue to whom the rules name; return of how many something is settled by it.

    Those that somebody looks after by now stay with them. Who is named and not known here yet is asked for again.
    """
    ruled = {one.id: ruling for one, ruling in zip(waiting, rulings, strict=True)}
    still = {row.id: row for row in await unassigned.lock(tx, list(ruled))}
    named = {each.account_manager_id for each in ruled.values()} - {None}
    there = {person for person in named if await _is_there(tx, person)}
    given = {each: ruled[each] for each in still if ruled[each].account_manager_id in there}
    await _give(tx, {each: still[each].version for each in given}, given)
    left = [each for each in still if ruled[each].account_manager_id is None]
    for number in {ruled[each].number for each in left}:
        same = [each for each in left if ruled[each].number == number]
        await unassigned.note_checked(tx, same, NO_RULE if number else ENTERED, number or 0)
    return len(given) + len(left)


async def _give(tx: Writing, versions: Mapping[UUID, int], given: Mapping[UUID, Ruling]) -> None:
    ids = sorted(given)
    managers: list[dict[str, object]] = [
        {"the_id": each, "now": tx.now, "manager": given[each].account_manager_id} for each in ids
    ]
    await tx.execute_many(writes.SET_MANAGER, managers)
    rows = [
        writes.assignment_values(
            tx,
            writes.Made(each, versions[each] + 1),
            given[each].account_manager_id,
            None,
            BY_RULE if given[each].rule_name else None,
            ruling=given[each],
        )
        for each in ids
    ]
    await tx.execute_many(writes.INSERT_ASSIGNMENT, rows)
    for detail in await tx.all(records.READ_MANY, ids=ids) if ids else []:
        tx.publish(CUSTOMER_ASSIGNED, detail.id, state_of(detail) | {"previous_account_manager_id": None})
