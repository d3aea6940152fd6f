"""Portfolio plans: seen by their owner and those above; their parts, and what came of them."""

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
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.scope import in_scope
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.money import Money, round_money
from services.customer.activities.tables import activity
from services.customer.customers.store.identity import is_of, named, of_survivor, survivor, survivor_of
from services.customer.customers.store.scope import PEOPLE
from services.customer.customers.tables import customer
from services.customer.opportunity_facts.tables import opportunity_fact
from services.customer.portfolio_plans.rules import MOST_CUSTOMERS, Basis, Share, TierTarget
from services.customer.portfolio_plans.tables import portfolio_allocation, portfolio_coverage, portfolio_plan
from services.customer.potential.tables import customer_potential

_p, _l, _v, _c = portfolio_plan.c, portfolio_allocation.c, portfolio_coverage.c, customer.c
_f, _a, _r = opportunity_fact.c, activity.c, customer_potential.c
_ID = bindparam("the_id", type_=Uuid())
_NOW = bindparam("now", type_=DateTime(timezone=True))
_FROM, _UNTIL = bindparam("from_date", type_=Date()), bindparam("until_date", type_=Date())
_NUMBER = bindparam("number", type_=Integer())


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is now."""

    id: UUID
    version: int
    name: str
    owner_id: UUID
    from_date: date
    until_date: date
    currency: str
    targets: list[dict[str, Any]]
    state: str
    allocation: int | None
    allocations_made: int
    revises_id: UUID | None
    reason: str | None
    written_by: UUID | None
    in_force_from: date | None
    ends_on: date | None
    approved_at: datetime | None
    approved_by: UUID | None
    approved_for: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def said(self) -> list[TierTarget]:
        """Its targets, as plain values."""
        return [
            TierTarget(one["tier"], Decimal(one["amount"]), one["coverage"], Basis(one["basis"]))
            for one in self.targets
        ]


@dataclass(frozen=True, slots=True)
class Allocated:
    """A customer's part of a plan; `id` is whom it was shared out to, `customer_id` whom that one stands for."""

    id: UUID
    customer_id: UUID
    legal_name: str
    tier: str
    account_manager_id: UUID
    amount: Decimal
    currency: str
    coverage: int
    fixed: bool

    @property
    def money(self) -> Money:
        """The part, as its currency is written."""
        return Money(round_money(self.amount, self.currency), self.currency)


@dataclass(frozen=True, slots=True)
class Part(Allocated):
    """A customer's part of a plan in force, for those who look after it."""

    plan_id: UUID
    in_force_from: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class CustomerOfTier:
    """A customer that a tier's target is shared out to."""

    id: UUID
    tier: str
    account_manager_id: UUID
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class Due:
    """A customer whose part is still to become activities; `survivor_id` is whom it stands for."""

    plan_id: UUID
    customer_id: UUID
    survivor_id: UUID
    name: str
    account_manager_id: UUID
    coverage: int
    in_force_from: date
    until_date: date
    approved_by: UUID | None


@dataclass(frozen=True, slots=True)
class TierStanding:
    """How far a tier has come: customers, target, planned visits."""

    tier: str
    customers: int
    target: Decimal
    coverage: int


_columns = tuple(_p[name] for name in Plan.__dataclass_fields__)
GET = prepared(select(*_columns).where(_p.id == _ID, in_scope(_p.owner_id)), into=Plan)
LOCK = prepared(select(*_columns).where(_p.id == _ID, in_scope(_p.owner_id)).with_for_update(), into=Plan)
LOCK_DIRECTLY = prepared(select(*_columns).where(_p.id == _ID).with_for_update(), into=Plan)
INSERT = prepared(insert(portfolio_plan))
MUTABLE = (
    *("name", "from_date", "until_date", "currency", "targets", "state", "allocation", "allocations_made"),
    *("written_by", "in_force_from", "ends_on", "approved_at", "approved_by", "approved_for"),
)
UPDATE = prepared(
    update(portfolio_plan)
    .where(_p.id == _ID)
    .values(
        {name: bindparam(name, type_=_p[name].type) for name in MUTABLE}
        | {"version": _p.version + 1, "updated_at": _NOW}
    )
    .returning(*_columns),
    into=Plan,
)
CUSTOMERS = prepared(
    select(_c.id, _c.tier, _c.account_manager_id, _r.score)
    .select_from(customer.outerjoin(customer_potential, _r.customer_id == _c.id))
    .where(
        _c.kind == "customer",
        _c.merged_into_id.is_(None),
        _c.account_manager_id == any_(bindparam("people", type_=ARRAY(Uuid()))),
        _c.tier == any_(bindparam("tiers", type_=ARRAY(Text()))),
    )
    .order_by(_c.id)
    .limit(MOST_CUSTOMERS + 1),
    into=CustomerOfTier,
)
INSERT_ALLOCATION = prepared(insert(portfolio_allocation))
BEGIN_COVERAGE = prepared(
    insert(portfolio_coverage).from_select(
        ["plan_id", "customer_id"],
        select(_l.plan_id, _l.customer_id).where(_l.plan_id == _ID, _l.number == _NUMBER, _l.coverage > 0),
    )
)
_part = and_(_l.plan_id == _v.plan_id, _l.customer_id == _v.customer_id, _l.number == _p.allocation)
DUE = prepared(
    select(
        *(_v.plan_id, _v.customer_id, survivor_of(_v.customer_id).label("survivor_id"), _p.name),
        *(_l.account_manager_id, _l.coverage),
        *(_p.in_force_from, _p.until_date, _p.approved_by),
    )
    .select_from(portfolio_coverage.join(portfolio_plan, _p.id == _v.plan_id).join(portfolio_allocation, _part))
    .where(_v.planned_at.is_(None))
    .order_by(_v.plan_id, _v.customer_id)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(of=portfolio_coverage, skip_locked=True),
    into=Due,
)
COVERED = prepared(
    update(portfolio_coverage)
    .where(_v.plan_id == bindparam("plan_id", type_=Uuid()), _v.customer_id == bindparam("customer", type_=Uuid()))
    .values(planned_at=_NOW, activities=bindparam("made", type_=Integer()))
)
_of_allocation = and_(_l.plan_id == _ID, _l.number == _NUMBER)
_holder, _one, _first = customer.alias("holder"), customer.alias("one"), portfolio_allocation.alias("first")
_is_first = ~(
    select(_first.c.customer_id)
    .join(_one, _one.c.id == _first.c.customer_id)
    .where(
        *(_first.c.plan_id == _l.plan_id, _first.c.number == _l.number, _first.c.customer_id < _l.customer_id),
        survivor(_one) == survivor(_holder),
    )
    .exists()
)
_held = portfolio_allocation.join(_holder, _holder.c.id == _l.customer_id).join(
    named, and_(survivor(named) == survivor(_holder), _is_first)
)
"""Parts with the customers that mean the same as theirs: where two of them have parts, what was brought counts once."""

TIERS = prepared(
    select(
        _l.tier,
        func.count().label("customers"),
        func.sum(_l.amount).label("target"),
        func.sum(_l.coverage).label("coverage"),
    )
    .where(_of_allocation)
    .group_by(_l.tier),
    into=TierStanding,
)
WON = prepared(
    select(_l.tier, _f.currency, func.sum(_f.amount))
    .select_from(_held.join(opportunity_fact, _f.customer_id == named.c.id))
    .where(_of_allocation, _f.state == "won", _f.decided_on >= _FROM, _f.decided_on < _UNTIL, _f.amount.isnot(None))
    .group_by(_l.tier, _f.currency)
)
DONE = prepared(
    select(_l.tier, func.count())
    .select_from(_held.join(activity, _a.customer_id == named.c.id))
    .where(_of_allocation, _a.done_on >= _FROM, _a.done_on < _UNTIL)
    .group_by(_l.tier)
)
PLANNED = prepared(
    select(func.coalesce(func.sum(_v.activities), 0), func.count().filter(_v.planned_at.is_(None))).where(
        _v.plan_id == _ID
    )
)
_allocated = of_survivor(
    select(
        *(_l.customer_id.label("id"), _c.id.label("customer_id"), _c.legal_name, _l.tier, _l.account_manager_id),
        *(_l.amount, _p.currency, _l.coverage, _l.fixed),
    ).select_from(portfolio_allocation.join(portfolio_plan, _p.id == _l.plan_id)),
    _l.customer_id,
)
ALLOCATIONS = Listing(
    _allocated,
    into=Allocated,
    filters={
        "plan_id": _l.plan_id == bindparam("plan_id", type_=Uuid()),
        "number": _l.number == _NUMBER,
        "tier": _l.tier == bindparam("tier", type_=Text()),
        "account_manager_id": _l.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    },
    keys={"amount": SortKey(_l.amount)},
    identifier=_l.customer_id,
    default="-amount",
)
_in_force = and_(
    _p.allocation == _l.number,
    _p.state == "approved",
    _p.in_force_from <= bindparam("today", type_=Date()),
    _p.ends_on > bindparam("today", type_=Date()),
)
_parts = _allocated.add_columns(_l.plan_id, _p.in_force_from, _p.ends_on).where(_in_force)


def _part_listing(*conditions: ColumnElement[bool]) -> Listing[Part]:
    return Listing(
        *[_parts.where(condition) for condition in conditions],
        into=Part,
        filters={"customer_id": is_of(_l.customer_id, bindparam("customer_id", type_=Uuid()))},
        keys={"amount": SortKey(_l.amount)},
        identifier=_l.customer_id,
        default="-amount",
    )


_PARTS = (
    _part_listing(true()),
    _part_listing(
        _c.account_manager_id == any_(PEOPLE),
        and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE)),
    ),
)


def _plan_listing(condition: ColumnElement[bool]) -> Listing[Plan]:
    return Listing(
        select(*_columns).where(condition),
        into=Plan,
        filters={
            "owner_id": _p.owner_id == bindparam("owner_id", type_=Uuid()),
            "state": _p.state == bindparam("state", type_=Text()),
        },
        keys={"created_at": SortKey(_p.created_at)},
        identifier=_p.id,
        default="-created_at",
    )


_PLANS = (_plan_listing(true()), _plan_listing(_p.owner_id == any_(PEOPLE)))


def plans(viewer: Viewer) -> Listing[Plan]:
    """Return all plans, or those of the viewer and people below them."""
    return _PLANS[0] if viewer.sees_all else _PLANS[1]


def parts(viewer: Viewer) -> Listing[Part]:
    """Return the parts of plans in force, all or those of customers that the viewer looks after."""
    return _PARTS[0] if viewer.sees_all else _PARTS[1]


async def get(tx: Questions, viewer: Viewer, plan_id: UUID) -> Plan:
    """Return a plan, or raise `NotVisible`."""
    return await tx.visible(GET, "portfolio plan", plan_id, viewer=viewer, the_id=plan_id)


async def lock(tx: Writing, viewer: Viewer, plan_id: UUID) -> Plan:
    """Return the plan, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "portfolio plan", plan_id, viewer=viewer, the_id=plan_id)


async def write(tx: Writing, present: Plan, **changes: Any) -> Plan:
    """Write changed columns of a locked plan."""
    values = {name: getattr(present, name) for name in MUTABLE} | changes
    return await tx.one(UPDATE, the_id=present.id, now=tx.now, **values)


async def insert_allocation(tx: Writing, plan_id: UUID, number: int, shares: Sequence[Share]) -> None:
    """Keep how the targets of a plan are shared out."""
    rows: list[dict[str, object]] = [
        {
            "plan_id": plan_id,
            "number": number,
            "customer_id": one.customer_id,
            "tier": one.tier,
            "account_manager_id": one.account_manager_id,
            "amount": one.amount,
            "coverage": one.coverage,
            "fixed": one.fixed,
        }
        for one in shares
    ]
    await tx.execute_many(INSERT_ALLOCATION, rows)


def kept_targets(targets: Sequence[TierTarget]) -> list[dict[str, Any]]:
    """Return targets as they are kept."""
    return [
        {
            "tier": one.tier,
            "territory_id": str(one.territory_id) if one.territory_id else None,
            "amount": f"{one.amount:f}",
            "coverage": one.coverage,
            "basis": one.basis.value,
        }
        for one in targets
    ]


async def standings(
    tx: Questions, plan: Plan, days: Mapping[str, date]
) -> tuple[list[TierStanding], list[tuple[str, str, Decimal]], dict[str, int]]:
    """Return what each tier was to bring, what was won of it by currency, and how often it was visited."""
    binds: dict[str, Any] = {"the_id": plan.id, "number": plan.allocation, **days}
    tiers = await tx.all(TIERS, the_id=plan.id, number=plan.allocation)
    won = [(row[0], row[1], row[2]) for row in await tx.all(WON, **binds)]
    return tiers, won, {row[0]: row[1] for row in await tx.all(DONE, **binds)}
