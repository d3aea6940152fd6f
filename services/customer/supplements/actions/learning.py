"""Learning of a customer: what it does not know is added, what contradicts is proposed, the rest is confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.money import Money, exact_money
from services.customer.customers.actions import changing, creating
from services.customer.customers.actions.people import decider_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules import describing
from services.customer.customers.rules.values import TypedIdentifier
from services.customer.customers.store import records, sources, writes
from services.customer.customers.store.records import CustomerDetail
from services.customer.events import CUSTOMER_CHANGE_PROPOSED, CUSTOMER_UPDATED
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.names import normalise_name
from services.customer.supplements.rules import comparing
from services.customer.supplements.rules.comparing import ATTRIBUTE, Difference, Finding, Known, Told
from services.customer.supplements.rules.deciding import NothingTold
from services.customer.supplements.store import ages, proposals
from services.customer.supplements.store.proposals import From, ProposedChange


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of a supplement."""

    finding: Finding
    proposed: tuple[ProposedChange, ...]


async def supplement(
    tx: Writing, viewer: Viewer, customer_id: UUID, told: Told, source: From, *, today: date
) -> Learned:
    """Let a customer that the viewer sees learn something."""
    decider_of(viewer)
    if not (told.fields or told.names or told.identifiers or told.addresses):
        raise NothingTold
    present = await records.lock(tx, viewer, customer_id)
    return await learn(tx, viewer, present.id, told, source, today=today)


async def learn(tx: Writing, viewer: Viewer, customer_id: UUID, told: Told, source: From, *, today: date) -> Learned:
    """Let a locked customer learn something, whoever sees it: nothing that is known is overwritten."""
    present = await records.read(tx, customer_id)
    finding = comparing.compare(known_of(present), told)
    finding = await _without_what_others_have(tx, present, finding)
    async with sources.noted(tx, customer_id, source.kind, source.id):
        await _add(tx, viewer, present, finding, today=today)
        if aging := [name for name in finding.confirmed if not name.startswith(ATTRIBUTE)]:
            await ages.confirm(tx, customer_id, aging, source)
        made = [await proposals.append(tx, customer_id, each, source) for each in finding.differences]
    proposed = tuple(one for one in made if one is not None)
    if finding.adds:
        await publish(tx, CUSTOMER_UPDATED, customer_id)
    for one in proposed:
        told_of = {"id": customer_id, "proposed_change_id": one.id, "field": one.field, "source": one.source}
        tx.publish(CUSTOMER_CHANGE_PROPOSED, customer_id, told_of)
    return Learned(finding, proposed)


def known_of(present: CustomerDetail) -> Known:
    """Return a customer as supplements compare it."""
    fields = {name: comparing.as_value(getattr(present, name)) for name in comparing.FIELDS}
    fields |= {f"{ATTRIBUTE}{name}": value for name, value in present.attributes.items()}
    living = [one for one in present.identifiers if one["ended_on"] is None]
    return Known(
        present.country,
        fields,
        frozenset({present.name_key, *(normalise_name(one["name"]) for one in present.other_names)}),
        frozenset(Identifier(Scheme(one["scheme"]), one["value"], one["verified"]) for one in living),
        frozenset(comparing.spelled(one) for one in present.addresses if one["ended_on"] is None),
    )


def identifiers_of(
    typed: tuple[TypedIdentifier, ...], country: str, *, keeps_unverified: bool
) -> tuple[Identifier, ...]:
    """Return the identifiers that somebody tells, checked."""
    return describing.checked_identifiers(typed, country, keeps_unverified=keeps_unverified)


async def _without_what_others_have(tx: Writing, present: CustomerDetail, finding: Finding) -> Finding:
    """Leave out what only another customer can have: a number, or with a new city its name in its place."""
    free = [
        one for one in finding.identifiers if not one.verified or await writes.find_holder(tx, one, present.id) is None
    ]
    finding = replace(finding, identifiers=tuple(free))
    if "city" not in finding.added:
        return finding
    key = describing.key_of(present.legal_name, present.country, finding.added["city"])
    if await writes.find_by_key(tx, key) in (None, present.id):
        return finding
    added = {name: value for name, value in finding.added.items() if name != "city"}
    taken = Difference("city", None, finding.added["city"])
    return replace(finding, added=added, differences=(*finding.differences, taken))


async def _add(tx: Writing, viewer: Viewer, present: CustomerDetail, finding: Finding, *, today: date) -> None:
    if finding.added:
        await changing.lay_over(tx, viewer, present, patch_of(finding.added), today=today)
    for name in finding.names:
        row = writes.name_values(
            present.id, name.kind.value, name.name, normalise_name(name.name), (name.from_date, name.until_date)
        )
        await tx.execute(writes.INSERT_NAME_IF_NEW, **row)
    for identifier in finding.identifiers:
        await writes.insert_identifier(tx, viewer, present.id, identifier)
    for address in finding.addresses:
        await tx.execute(writes.INSERT_ADDRESS, **creating.address_values(present.id, address))
    if finding.names or finding.identifiers:
        await writes.refresh_search_text(tx, present.id, present.legal_name)
    if finding.names or finding.identifiers or finding.addresses:
        await tx.execute(writes.TOUCH_CUSTOMER, the_id=present.id, now=tx.now)


def patch_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of fields as a merge patch of a customer."""
    patch: dict[str, Any] = {name: value for name, value in values.items() if not name.startswith(ATTRIBUTE)}
    attributes = {name.removeprefix(ATTRIBUTE): value for name, value in values.items() if name.startswith(ATTRIBUTE)}
    if attributes:
        patch["attributes"] = attributes
    if "annual_revenue" in patch:
        patch["annual_revenue"] = money_of(patch["annual_revenue"])
    return patch


def money_of(value: Mapping[str, str]) -> Money:
    """Return an amount that JSON holds."""
    return exact_money(Decimal(value["amount"]), value["currency"])
