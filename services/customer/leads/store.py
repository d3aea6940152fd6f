"""Leads: seen by their owner, those above, and those who look after the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Text, Uuid, and_, any_, bindparam, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.scope import in_scope
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.store.identity import columns_of, is_of, with_survivor
from services.customer.customers.store.scope import PEOPLE, is_looked_after
from services.customer.customers.tables import customer
from services.customer.leads.tables import lead

_c = lead.c
_ID = bindparam("the_id", type_=Uuid())
_NOW = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it is now; `own_customer_id` is whom it was written for, `customer_id` whom that one stands for."""

    id: UUID
    version: int
    customer_id: UUID | None
    own_customer_id: UUID | None
    company_name: str | None
    heard: str
    source: str
    owner_id: UUID
    state: str
    drop_reason: str | None
    opportunity_id: UUID | None
    hand_over: dict[str, Any] | None
    refusal: str | None
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


COLUMNS = (
    *columns_of(lead, [name for name in Lead.__dataclass_fields__ if name != "own_customer_id"]),
    _c.customer_id.label("own_customer_id"),
)
_leads = select(*COLUMNS).select_from(with_survivor(lead, _c.customer_id))
_seen = or_(in_scope(_c.owner_id), is_looked_after())

GET = prepared(_leads.where(_c.id == _ID, _seen), into=Lead)
LOCK = prepared(_leads.where(_c.id == _ID, _seen).with_for_update(of=lead), into=Lead)
LOCK_DIRECTLY = prepared(select(*COLUMNS).where(_c.id == _ID).with_for_update(), into=Lead)
BY_KEY = prepared(select(*COLUMNS).where(_c.hand_over_key == bindparam("hand_over_key")), into=Lead)
INSERT_IF_NEW = prepared(insert(lead).on_conflict_do_nothing().returning(_c.id))
MUTABLE = (
    *("customer_id", "company_name", "heard", "source", "owner_id", "state", "drop_reason", "opportunity_id"),
    *("hand_over", "refusal", "try_at"),
)
UPDATE = prepared(
    update(lead)
    .where(_c.id == _ID)
    .values(
        {name: bindparam(name, type_=_c[name].type) for name in MUTABLE}
        | {"version": _c.version + 1, "updated_at": _NOW}
    )
    .returning(*COLUMNS),
    into=Lead,
)
_due = (
    select(_c.id)
    .where(_c.state == "converting", _c.try_at <= _NOW)
    .order_by(_c.try_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
TAKE_DUE = prepared(
    update(lead)
    .where(_c.id == _due.scalar_subquery())
    .values(try_at=bindparam("again_at", type_=DateTime(timezone=True)))
    .returning(*COLUMNS),
    into=Lead,
)

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_c.customer_id, bindparam("customer_id", type_=Uuid())),
    "owner_id": _c.owner_id == bindparam("owner_id", type_=Uuid()),
    "state": _c.state == bindparam("state", type_=Text()),
    "source": _c.source == bindparam("source", type_=Text()),
    "opportunity_id": _c.opportunity_id == bindparam("opportunity_id", type_=Uuid()),
}


def _listing(*conditions: ColumnElement[bool]) -> Listing[Lead]:
    return Listing(
        *[_leads.where(condition) for condition in conditions],
        into=Lead,
        filters=FILTERS,
        keys={"created_at": SortKey(_c.created_at), "updated_at": SortKey(_c.updated_at)},
        identifier=_c.id,
        default="-created_at",
    )


_ALL = _listing(true())
_SEEN = _listing(
    _c.owner_id == any_(PEOPLE),
    customer.c.account_manager_id == any_(PEOPLE),
    and_(customer.c.account_manager_id.is_(None), customer.c.created_by == any_(PEOPLE)),
)


def listing(viewer: Viewer) -> Listing[Lead]:
    """Return the list of all leads, or of those that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, lead_id: UUID) -> Lead:
    """Return a lead, or raise `NotVisible`."""
    return await tx.visible(GET, "lead", lead_id, viewer=viewer, the_id=lead_id)


async def lock(tx: Writing, viewer: Viewer, lead_id: UUID) -> Lead:
    """Return the lead, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "lead", lead_id, viewer=viewer, the_id=lead_id)


async def lock_promised(tx: Writing, lead_id: UUID) -> Lead:
    """Return a lead that is on its way to `opportunity`, locked: whoever promised it was let, whoever ends it."""
    return await tx.one(LOCK_DIRECTLY, the_id=lead_id)


async def insert_if_new(tx: Writing, values: Mapping[str, Any]) -> bool:
    """Insert a lead; return False where the request that hands over has made one before."""
    return await tx.value(INSERT_IF_NEW, **values) is not None


async def find_by_key(tx: Questions, hand_over_key: bytes) -> Lead | None:
    """Return the lead that a request to hand over has made, or None."""
    return await tx.first(BY_KEY, hand_over_key=hand_over_key)


async def write(tx: Writing, present: Lead, **changes: Any) -> Lead:
    """Write changed columns of a locked lead; `try_at` is empty unless it is named."""
    kept = {name: getattr(present, name) for name in MUTABLE if name != "try_at"}
    values = kept | {"customer_id": present.own_customer_id, "try_at": None} | changes
    return await tx.one(UPDATE, the_id=present.id, now=tx.now, **values)


async def take_due(tx: Writing, again_at: datetime) -> Lead | None:
    """Take a lead whose hand-over is due; nobody else takes it before `again_at`."""
    return await tx.first(TAKE_DUE, now=tx.now, again_at=again_at)
