"""Customers that nobody looks after: since when, why, and which of them the rules were not asked about yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    select,
    update,
)

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.store.records import ROW_COLUMNS, CustomerRow
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import customer, customer_address, unassigned

_c, _u, _p = customer.c, unassigned.c, customer_address.c
_ID = bindparam("the_id", type_=Uuid())
ASKING = ("entered", "not_asked", "no_rule")
"""Why a customer waits for the rules; one that was returned or reclaimed waits for a person."""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A customer in the queue; `id` is the customer's."""

    id: UUID
    kind: str
    legal_name: str
    country: str
    city: str | None
    tier: str | None
    since: datetime
    why: str
    reason: str | None
    former_manager_id: UUID | None
    checked_number: int
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer that the rules are to be asked about, with what they look at."""

    id: UUID
    kind: str
    country: str
    region: str | None
    city: str | None
    industry: str | None
    tier: str | None
    source: str | None
    revenue: Decimal | None
    revenue_currency: str | None
    fallback_id: UUID | None


_listed = select(
    *(_c.id, _c.kind, _c.legal_name, _c.country, _c.city, _c.tier, _u.since, _u.why, _u.reason),
    *(_u.former_manager_id, _u.checked_number, _u.checked_at),
).join(customer, and_(_c.id == _u.customer_id, _c.merged_into_id.is_(None)))
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "why": _u.why == bindparam("why", type_=Text()),
    "kind": _c.kind == bindparam("kind", type_=Text()),
    "country": _c.country == bindparam("country", type_=Text()),
    "since_gte": _u.since >= bindparam("since_gte", type_=DateTime(timezone=True)),
    "since_lt": _u.since < bindparam("since_lt", type_=DateTime(timezone=True)),
}


def _listing(*conditions: Sequence[ColumnElement[bool]]) -> Listing[Unassigned]:
    parts = [_listed.where(*condition) for condition in conditions]
    keys = {"since": SortKey(_u.since)}
    return Listing(*parts, into=Unassigned, filters=FILTERS, keys=keys, identifier=_c.id, default="since")


_ALL, _SEEN = _listing(()), _listing(*[(leg,) for leg in legs()[1:]])

_region = (
    select(_p.region)
    .where(_p.customer_id == _c.id, _p.ended_on.is_(None), _p.region.isnot(None))
    .order_by(_p.kind != "headquarters", _p.id)
    .limit(1)
    .scalar_subquery()
)
_waiting = select(
    *(_c.id, _c.kind, _c.country, _region.label("region"), _c.city, _c.industry, _c.tier, _u.source),
    *(_c.annual_revenue.label("revenue"), _c.annual_revenue_currency.label("revenue_currency"), _u.fallback_id),
).join(customer, and_(_c.id == _u.customer_id, _c.merged_into_id.is_(None)))
_limit = bindparam("limit", type_=Integer())
_reasons = _u.why == any_(bindparam("reasons", type_=ARRAY(Text())))
NOT_CHECKED = prepared(
    _waiting.where(
        _reasons,
        _u.checked_number < bindparam("number", type_=BigInteger()),
    )
    .order_by(_u.checked_number, _u.customer_id)
    .limit(_limit),
    into=Waiting,
)
IS_ANY = prepared(select(_u.customer_id).where(_reasons).limit(1))
LOCK = prepared(
    select(*ROW_COLUMNS)
    .where(
        _c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        _c.account_manager_id.is_(None),
        _c.merged_into_id.is_(None),
    )
    .order_by(_c.id)
    .with_for_update(of=customer),
    into=CustomerRow,
)
SAY_WHY = prepared(
    update(unassigned)
    .where(_u.customer_id == _ID)
    .values({name: bindparam(name, type_=_u[name].type) for name in ("why", "reason", "fallback_id")})
)
NOTE_SOURCE = prepared(update(unassigned).where(_u.customer_id == _ID).values(source=bindparam("source", type_=Text())))
CHECKED = prepared(
    update(unassigned)
    .where(_u.customer_id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .values(
        why=bindparam("why", type_=Text()),
        checked_number=bindparam("number", type_=BigInteger()),
        checked_at=bindparam("now", type_=DateTime(timezone=True)),
        fallback_id=None,
    )
)


def listing(viewer: Viewer) -> Listing[Unassigned]:
    """Return the whole queue, or those of its customers that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def is_any(tx: Questions, reasons: Sequence[str]) -> bool:
    """Whether a customer waits for one of these reasons."""
    return await tx.value(IS_ANY, reasons=list(reasons)) is not None


async def not_checked(tx: Questions, reasons: Sequence[str], number: int, *, limit: int) -> list[Waiting]:
    """Return some customers that wait for these reasons and for which no rules as late as these were asked."""
    return await tx.all(NOT_CHECKED, reasons=list(reasons), number=number, limit=limit)


async def lock(tx: Writing, ids: Sequence[UUID]) -> list[CustomerRow]:
    """Return those that nobody looks after still, locked in the order of their ids."""
    return await tx.all(LOCK, ids=list(ids))


async def say_why(
    tx: Writing, customer_id: UUID, why: str, *, reason: str | None = None, fallback_id: UUID | None = None
) -> None:
    """Say why a customer is in the queue."""
    await tx.execute(SAY_WHY, the_id=customer_id, why=why, reason=reason, fallback_id=fallback_id)


async def note_source(tx: Writing, customer_id: UUID, source: str) -> None:
    """Keep where a new customer was heard of, for the rules that will be asked about it."""
    await tx.execute(NOTE_SOURCE, the_id=customer_id, source=source)


async def note_checked(tx: Writing, ids: Sequence[UUID], why: str, number: int) -> None:
    """Keep by which version of the rules these were looked at in vain."""
    if ids:
        await tx.execute(CHECKED, ids=list(ids), why=why, number=number, now=tx.now)


def attributes_of(waiting: Waiting) -> dict[str, Any]:
    """Return what the rules are told of a customer."""
    names = ("id", "kind", "country", "region", "city", "industry", "tier", "source", "revenue", "revenue_currency")
    return {name: getattr(waiting, name) for name in names}
