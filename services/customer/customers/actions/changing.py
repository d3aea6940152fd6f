"""Changing a customer: its plain attributes, its parent, who looks after it, its tier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.money import Money
from servicekit.values.versions import check_version
from services.customer.customers.actions.people import check_active, check_may_change, decider_of, superiors_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.rules import deciding, describing
from services.customer.customers.rules.values import NameKind, Tier
from services.customer.customers.store import records, writes
from services.customer.customers.store.records import CustomerDetail, CustomerRow
from services.customer.events import CUSTOMER_ASSIGNED, CUSTOMER_TIER_CHANGED, CUSTOMER_UPDATED

REQUIRED = frozenset({"kind", "legal_name", "country"})


@dataclass(frozen=True, slots=True)
class Change:
    """A merge patch: the fields that were sent, null where one is to be emptied."""

    fields: Mapping[str, Any]


async def change(
    tx: Writing, viewer: Viewer, customer_id: UUID, expected_version: int, patch: Change, *, today: date
) -> CustomerDetail:
    """Lay a merge patch over a customer.

    Raises:
        Stale: it was changed since.
        CustomerExists: its new name in its new place is another customer's.
    """
    present = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, present, today=today)
    check_version(present.version, expected_version)
    describing.check_not_emptied(patch.fields, REQUIRED)
    await lay_over(tx, viewer, present, patch.fields, today=today)
    return await publish(tx, CUSTOMER_UPDATED, present.id)


async def lay_over(
    tx: Writing, viewer: Viewer, present: CustomerRow, fields: Mapping[str, Any], *, today: date
) -> None:
    """Write changed attributes; a legal name that is given up stays as a former one."""
    values = {name: getattr(present, _SOURCES.get(name, name)) for name in writes.MUTABLE} | _columns(present, fields)
    key = describing.key_of(values["legal_name"], values["country"], values["city"])
    values |= {"name_key": key.name_key, "country": key.country, "city_key": key.city_key}
    if (key.name_key, key.country, key.city_key) != (present.name_key, present.country, present.city_key):
        existing = await writes.find_by_key(tx, key)
        if existing not in (None, present.id):
            raise await writes.exists_already(tx, viewer, existing, "name_country_and_city")
    await tx.execute(writes.UPDATE_CUSTOMER, the_id=present.id, now=tx.now, **values)
    if values["legal_name"] != present.legal_name:
        await _keep_former_name(tx, today, present)
        await writes.refresh_search_text(tx, present.id, values["legal_name"])


_SOURCES = {
    "parent_id": "own_parent_id",
    "annual_revenue": "revenue_amount",
    "annual_revenue_currency": "revenue_currency",
}


def _columns(present: CustomerRow, fields: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(fields)
    if "annual_revenue" in columns:
        revenue: Money | None = columns["annual_revenue"]
        columns["annual_revenue"] = revenue.amount if revenue else None
        columns["annual_revenue_currency"] = revenue.currency if revenue else None
    if "attributes" in columns:
        columns["attributes"] = describing.merged_attributes(present.attributes, columns["attributes"])
    return columns


async def _keep_former_name(tx: Writing, today: date, present: CustomerRow) -> None:
    former = writes.name_values(present.id, NameKind.FORMER.value, present.legal_name, present.name_key, (None, today))
    await tx.execute(writes.INSERT_NAME_IF_NEW, **former)


async def assign(
    tx: Writing, viewer: Viewer, customer_id: UUID, manager: UUID | None, reason: str, *, today: date
) -> CustomerDetail:
    """Say who looks after a customer from now on."""
    present = await records.lock(tx, viewer, customer_id)
    await check_active(tx, manager)
    await write_assignment(tx, viewer, present, manager, reason, today=today)
    return await publish(tx, CUSTOMER_ASSIGNED, present.id, previous_account_manager_id=present.account_manager_id)


async def write_assignment(
    tx: Writing, viewer: Viewer, present: CustomerRow, manager: UUID | None, reason: str, *, today: date
) -> None:
    """Check and write an assignment of a locked customer."""
    former = present.account_manager_id
    above_former, above_new = await superiors_of(tx, former, today), await superiors_of(tx, manager, today)
    deciding.check_assignment(decider_of(viewer), former, manager, above_former, above_new)
    await tx.execute(writes.SET_MANAGER, the_id=present.id, now=tx.now, manager=manager)
    row = writes.assignment_values(tx, writes.Made(present.id, present.version + 1), manager, former, reason)
    await tx.execute(writes.INSERT_ASSIGNMENT, **row)


async def classify(
    tx: Writing, viewer: Viewer, customer_id: UUID, tier: Tier | None, reason: str, *, today: date
) -> CustomerDetail:
    """Say a customer's tier from now on."""
    present = await records.lock(tx, viewer, customer_id)
    await write_tier(tx, viewer, present, tier, reason, today=today)
    return await publish(tx, CUSTOMER_TIER_CHANGED, present.id, previous_tier=present.tier)


async def check_may_classify(tx: Writing, viewer: Viewer, present: CustomerRow, *, today: date) -> None:
    """Refuse to let somebody decide on the tier of a customer who may not."""
    superiors = await superiors_of(tx, present.account_manager_id, today)
    deciding.check_may_classify(decider_of(viewer), present.account_manager_id, superiors)


async def write_tier(
    tx: Writing, viewer: Viewer, present: CustomerRow, tier: Tier | None, reason: str, *, today: date
) -> None:
    """Check and write a tier of a locked customer."""
    former = Tier(present.tier) if present.tier else None
    superiors = await superiors_of(tx, present.account_manager_id, today)
    deciding.check_classification(decider_of(viewer), former, tier, present.account_manager_id, superiors)
    value = tier.value if tier else None
    await tx.execute(writes.SET_TIER, the_id=present.id, now=tx.now, tier=value)
    row = writes.tier_change_values(tx, writes.Made(present.id, present.version + 1), value, present.tier, reason)
    await tx.execute(writes.INSERT_TIER_CHANGE, **row)
