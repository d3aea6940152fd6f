"""What a merge would combine, and what whoever merges has to decide, before anything is written."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotVisible
from servicekit.values.money import Money
from services.customer.customers.actions.people import decider_of
from services.customer.customers.store import hierarchy, identity, records
from services.customer.customers.store.hierarchy import Standing
from services.customer.customers.store.records import CustomerDetail
from services.customer.merging import rules
from services.customer.merging.actions.merging import decided_of, parent_of_merged, responsible_of
from services.customer.merging.store import contacts, participants
from services.customer.merging.store.contacts import Pair
from services.customer.merging.store.participants import Principal

STAYS = (
    *("legal_name", "country", "city", "phone", "website", "industry", "annual_revenue", "employees", "founded"),
    "attributes",
)
"""What a customer has one of: the survivor's stays as it is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the two say of one field, as text."""

    field: str
    survivor: str | None
    merged: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would combine; `undecided` has to be decided, `differences` stay as the survivor has them."""

    survivor: CustomerDetail
    merged: CustomerDetail
    undecided: list[Difference]
    differences: list[Difference]
    contacts: int
    same_contacts: list[Pair]
    children: list[Standing]
    more_children: bool
    opportunities: int
    principals: list[Principal]


async def preview(tx: Questions, viewer: Viewer, customer_id: UUID, merged_id: UUID, *, today: date) -> Preview:
    """Return what merging a duplicate into a customer would combine."""
    survivor = await records.get(tx, viewer, customer_id)
    try:
        merged = await records.get(tx, viewer, merged_id)
    except NotVisible:
        raise rules.UnknownDuplicate from None
    if survivor.id == merged.id:
        raise rules.SameCustomer
    if survivor.kind != merged.kind:
        raise rules.KindsDiffer
    both = [await responsible_of(tx, each, today) for each in (survivor, merged)]
    rules.check_may_merge(decider_of(viewer), both)
    parent = await parent_of_merged(tx, survivor, merged)
    ours, theirs = decided_of(survivor), decided_of(merged) | {"parent_id": parent}
    undecided = [Difference(name, _told(ours[name]), _told(theirs[name])) for name in rules.differing(ours, theirs)]
    moved = await identity.group_of(tx, merged.id)
    pairs = await contacts.pairs_of(tx, await identity.group_of(tx, survivor.id), moved)
    below = await hierarchy.below(tx, viewer, merged.id)
    principals = await participants.principals_of(tx, moved)
    return Preview(
        survivor,
        merged,
        undecided,
        _differences(survivor, merged),
        contacts=await contacts.count_of(tx, moved),
        same_contacts=pairs,
        children=[each for each in below if each.distance == 1][: hierarchy.MOST_LISTED],
        more_children=len(below) > hierarchy.MOST_LISTED,
        opportunities=sum(each.opportunities for each in principals),
        principals=principals,
    )


def _differences(survivor: CustomerDetail, merged: CustomerDetail) -> list[Difference]:
    both = {name: (_told(getattr(survivor, name)), _told(getattr(merged, name))) for name in STAYS}
    return [Difference(name, ours, theirs) for name, (ours, theirs) in both.items() if ours != theirs]


def _told(value: Any) -> str | None:
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {told}" for name, told in sorted(value.items())) or None
    return None if value is None else str(value)
