"""What was when: account managers, tiers, and every change in the audit trail."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, or_, select

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.tables import audit
from servicekit.data.transactions import Questions
from services.customer.customers.store.identity import group_of, survivor_of
from services.customer.customers.tables import assignment, change_source, tier_change

DERIVED = frozenset({"name_key", "city_key", "search_text", "updated_at", "email_key"})
"""Columns that say nothing that another does not say."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who looked after a customer from `at` on."""

    id: UUID
    version: int
    account_manager_id: UUID | None
    previous_id: UUID | None
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    rules_number: int | None
    rule_name: str | None


@dataclass(frozen=True, slots=True)
class TierChange:
    """A customer's tier from `at` on."""

    id: UUID
    version: int
    tier: str | None
    previous: str | None
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the audit trail; `id` is the aggregate's."""

    id: UUID
    sequence: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    operation: str
    part: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str | None
    source_id: str | None


_a, _t, _x, _s = assignment.c, tier_change.c, audit.c, change_source.c
PARTS = {"other_names": "customer_name", "identifiers": "customer_identifier", "addresses": "customer_address"}
"""What a customer is made of beside its own fields, and the table that the audit trail calls it by."""
_FIELD = bindparam("field", type_=Text())

ASSIGNMENTS = Listing(
    select(*[_a[name] for name in Assignment.__dataclass_fields__]),
    into=Assignment,
    filters={"customer_id": _a.customer_id == survivor_of(bindparam("customer_id", type_=Uuid()))},
    keys={"version": SortKey(_a.version)},
    identifier=_a.id,
    default="version",
)
TIER_CHANGES = Listing(
    select(_t.id, _t.version, _t.tier, _t.previous, _t.reason, _t.at, _t.decided_by, _t.on_behalf_of),
    into=TierChange,
    filters={"customer_id": _t.customer_id == survivor_of(bindparam("customer_id", type_=Uuid()))},
    keys={"version": SortKey(_t.version)},
    identifier=_t.id,
    default="version",
)
CHANGES = Listing(
    select(
        *(_x.aggregate_id.label("id"), _x.sequence, _x.at, _x.actor, _x.on_behalf_of, _x.operation),
        *(_x.table_name.label("part"), _x.before, _x.after, _s.kind.label("source"), _s.source_id),
    ).select_from(
        audit.outerjoin(
            change_source,
            and_(_s.customer_id == _x.aggregate_id, _x.sequence.between(_s.first_sequence, _s.last_sequence)),
        )
    ),
    into=Change,
    filters={
        "aggregate": _x.aggregate == bindparam("aggregate", type_=Text()),
        "aggregate_ids": _x.aggregate_id == any_(bindparam("aggregate_ids", type_=ARRAY(Uuid()))),
        "field": or_(
            _x.table_name == bindparam("table_of_field", type_=Text()),
            and_(
                _x.table_name == "customer",
                or_(_x.before[_FIELD].astext.isnot(None), _x.after[_FIELD].astext.isnot(None)),
            ),
        ),
    },
    keys={"sequence": SortKey(_x.sequence)},
    identifier=_x.aggregate_id,
    default="sequence",
)


async def list_changes(
    tx: Questions, aggregate: str, aggregate_id: UUID, window: Window, *, field: str | None = None
) -> Slice[Change]:
    """Return a page of the audit trail of a record, without what is derived; of one field only, if it is named.

    That of a customer has what became of those that were merged into it, too.
    """
    ids = await group_of(tx, aggregate_id) if aggregate == "customer" else [aggregate_id]
    given: dict[str, object] = {"aggregate": aggregate, "aggregate_ids": ids}
    if field is not None:
        given |= {"field": field}
    page = await CHANGES.page(tx, window, given, table_of_field=PARTS.get(field or "", ""))
    only = None if field is None or field in PARTS else field
    items = [replace(row, before=_told(row.before, only), after=_told(row.after, only)) for row in page.items]
    return replace(page, items=items)


def _told(values: dict[str, Any] | None, only: str | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: value for name, value in values.items() if name not in DERIVED and only in {None, name}}
