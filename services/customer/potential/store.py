"""Questions about potential: what it is reckoned from, and the ranking of what the viewer looks after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.activities.tables import activity
from services.customer.customers.store.identity import named, of_survivor, survivor, survivor_of
from services.customer.customers.store.scope import PEOPLE
from services.customer.customers.tables import customer
from services.customer.opportunity_facts.tables import opportunity_fact
from services.customer.potential.rules import MODEL_VERSION, Potential
from services.customer.potential.tables import customer_potential

_c, _f, _a, _p = customer.c, opportunity_fact.c, activity.c, customer_potential.c
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_LAST, _BEFORE = bindparam("year_ago", type_=Date()), bindparam("two_years_ago", type_=Date())


@dataclass(frozen=True, slots=True)
class Company:
    """What the customer's own record says."""

    id: UUID
    tier: str | None
    employees: int | None
    annual_revenue: Decimal | None
    annual_revenue_currency: str | None
    industry: str | None


@dataclass(frozen=True, slots=True)
class Sales:
    """What was won, and is open, in one currency."""

    customer_id: UUID
    currency: str
    won_last_year: Decimal
    won_year_before: Decimal
    pipeline: Decimal


@dataclass(frozen=True, slots=True)
class Ranked:
    """A customer with its potential."""

    id: UUID
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    score: Decimal
    parts: list[dict[str, Any]]
    model_version: int
    reckoned_on: date


def _sum(amount: Any, of: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(amount).filter(of), literal_column("0", Numeric()))


_industry = func.lower(_c.industry)
OUTDATED = prepared(
    select(_p.customer_id)
    .join(customer, _c.id == _p.customer_id)
    .where(_p.reckoned_on < bindparam("today", type_=Date()), _c.merged_into_id.is_(None))
    .order_by(_p.reckoned_on, _p.customer_id)
    .limit(bindparam("limit", type_=Integer()))
)
MISSING = prepared(
    select(_c.id)
    .select_from(customer.outerjoin(customer_potential, _p.customer_id == _c.id))
    .where(
        _c.kind == "customer",
        _c.merged_into_id.is_(None),
        _c.created_at >= bindparam("since", type_=DateTime(timezone=True)),
        _p.customer_id.is_(None),
    )
    .order_by(_c.created_at, _c.id)
    .limit(bindparam("limit", type_=Integer()))
)
COMPANIES = prepared(
    select(
        _c.id, _c.tier, _c.employees, _c.annual_revenue, _c.annual_revenue_currency, _industry.label("industry")
    ).where(_c.id == any_(_IDS)),
    into=Company,
)
_won = and_(_f.state == "won", _f.decided_on >= _BEFORE)
_customer = survivor(named)
SALES = prepared(
    select(
        _customer.label("customer_id"),
        _f.currency,
        _sum(_f.amount, and_(_won, _f.decided_on >= _LAST)).label("won_last_year"),
        _sum(_f.amount, and_(_won, _f.decided_on < _LAST)).label("won_year_before"),
        _sum(_f.amount * _f.probability, _f.state == "open").label("pipeline"),
    )
    .join(named, named.c.id == _f.customer_id)
    .where(_customer == any_(_IDS))
    .group_by(_customer, _f.currency),
    into=Sales,
)
_line = func.unnest(_f.product_line_ids).column_valued("line")
_bought = _f.state.op("<>")(literal_column("'lost'", Text()))
LINES = prepared(
    select(_customer, _line)
    .select_from(opportunity_fact.join(named, named.c.id == _f.customer_id))
    .where(_customer == any_(_IDS), _bought)
    .distinct()
)
LAST_ACTIVITY = prepared(
    select(_customer, func.max(_a.done_on))
    .join(named, named.c.id == _a.customer_id)
    .where(_customer == any_(_IDS))
    .group_by(_customer)
)
BUYERS = prepared(
    of_survivor(select(_industry, func.count(_c.id.distinct())).select_from(opportunity_fact), _f.customer_id)
    .where(_bought, _c.industry.isnot(None))
    .group_by(_industry)
)
BUYERS_OF_LINES = prepared(
    of_survivor(select(_industry, _line, func.count(_c.id.distinct())).select_from(opportunity_fact), _f.customer_id)
    .where(_bought, _c.industry.isnot(None))
    .group_by(_industry, literal_column("line"))
)
_keeping = insert(customer_potential)
KEEP = prepared(
    _keeping.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={name: _keeping.excluded[name] for name in ("score", "parts", "model_version", "reckoned_on")},
    )
)
_ranked = select(
    *(_c.id, _c.legal_name, _c.tier, _c.account_manager_id),
    *(_p.score, _p.parts, _p.model_version, _p.reckoned_on),
).join(customer_potential, _p.customer_id == _c.id)
OF_CUSTOMER = prepared(_ranked.where(_c.id == survivor_of(bindparam("the_id", type_=Uuid()))), into=Ranked)
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "score_gte": _p.score >= bindparam("score_gte", type_=_p.score.type),
}


def _listing(*conditions: ColumnElement[bool]) -> Listing[Ranked]:
    return Listing(
        *[_ranked.where(_c.merged_into_id.is_(None), condition) for condition in conditions],
        into=Ranked,
        filters=FILTERS,
        keys={"score": SortKey(_p.score)},
        identifier=_c.id,
        default="-score",
    )


_ALL = _listing(true())
_SEEN = _listing(
    _c.account_manager_id == any_(PEOPLE),
    and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE)),
)


def listing(viewer: Viewer) -> Listing[Ranked]:
    """Return the ranking of all customers, or of those that the viewer looks after."""
    return _ALL if viewer.sees_all else _SEEN


async def due(tx: Questions, today: date, since: datetime, limit: int) -> list[UUID]:
    """Return customers made since an instant that have no potential yet, then those whose is not today's."""
    missing = await tx.all(MISSING, since=since, limit=limit)
    outdated = await tx.all(OUTDATED, today=today, limit=limit) if len(missing) < limit else []
    return [row[0] for row in (*missing, *outdated)][:limit]


async def industries(tx: Questions) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Return how many customers of each industry buy anything, and how many buy each product line."""
    by_line: dict[str, dict[str, int]] = {}
    for industry, line, count in await tx.all(BUYERS_OF_LINES):
        by_line.setdefault(industry, {})[str(line)] = count
    return {row[0]: row[1] for row in await tx.all(BUYERS)}, by_line


async def keep(tx: Writing, reckoned: Mapping[UUID, Potential], today: date) -> None:
    """Keep what was reckoned; where two reckon at once, the later one stays."""
    rows: list[dict[str, object]] = [
        {
            "customer_id": one,
            "score": found.score,
            "parts": [
                {
                    "name": part.name,
                    "weight": part.weight,
                    "points": f"{part.points:f}",
                    "known": part.known,
                    "reason": part.reason,
                }
                for part in found.parts
            ],
            "model_version": MODEL_VERSION,
            "reckoned_on": today,
        }
        for one, found in sorted(reckoned.items())
    ]
    await tx.execute_many(KEEP, rows)


async def of_customer(tx: Questions, customer_id: UUID) -> Ranked | None:
    """Return a customer's potential, or None where it is not reckoned yet."""
    return await tx.first(OF_CUSTOMER, the_id=customer_id)


async def sales_of(tx: Questions, ids: Sequence[UUID], year_ago: date, two_years_ago: date) -> list[Sales]:
    """Return what was won and is open, by customer and currency."""
    return await tx.all(SALES, ids=list(ids), year_ago=year_ago, two_years_ago=two_years_ago)
