"""Questions about what a plan asks of an ERP system, in that system's codes; read row by row however much it is."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Snapshot
from services.forecast.confirmation.tables import known_product
from services.forecast.cycles.rules.definition import PlanPeriod
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.demand_plan.store import DemandPlanLine
from services.forecast.demand_plan.tables import demand_plan, demand_plan_line
from services.forecast.erp.rules.demand import Demand, Handed, InMoneyOnly
from services.forecast.erp.rules.periods import Horizon
from services.forecast.erp.rules.references import ReferenceKind, Unmapped
from services.forecast.erp.tables import confirmed_order, erp_reference

MOST_TOLD = 100
line, plan, order = demand_plan_line.c, demand_plan.c, confirmed_order.c
_PLAN = bindparam("plan_id", type_=Uuid())
_SYSTEM = bindparam("system", type_=Text())
_CYCLE = bindparam("cycle_id", type_=Uuid())
_FIRST, _AFTER = bindparam("first", type_=Date()), bindparam("after", type_=Date())
_MONTH = bindparam("month", type_=Date())
_COUNTED = line.unit.isnot(None)
_SUBJECT: ColumnElement[Any] = func.coalesce(line.product_id, line.product_line_id)
_UNIT = bindparam("period_kind", type_=Text())
_PERIOD = cast(func.date_trunc(_UNIT, case((_UNIT == "week", line.week), else_=line.month)), Date)
"""The period of a line as an ERP knows it; none where weeks are asked for and the line's cycle has months."""
_IS_PRODUCT = line.product_id.isnot(None)
_KIND = case((_IS_PRODUCT, ReferenceKind.PRODUCT.value), else_=ReferenceKind.PRODUCT_LINE.value)

LINES = prepared(
    select(*[line[name] for name in DemandPlanLine.__dataclass_fields__ if name != "currency"], plan.currency)
    .join(demand_plan, plan.id == line.plan_id)
    .where(line.plan_id == _PLAN)
    .order_by(line.id),
    into=DemandPlanLine,
)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last period of which a plan says a quantity; None where it says none."""

    first: date | None
    last: date | None


SPAN = prepared(
    select(func.min(_PERIOD).label("first"), func.max(_PERIOD).label("last")).where(line.plan_id == _PLAN, _COUNTED),
    into=Span,
)


def _reference(kind: ColumnElement[Any] | str, subject: ColumnElement[Any], alias: str) -> tuple[Any, Any]:
    """Return the references under an alias, and what joins them to something of ours."""
    named = erp_reference.alias(alias)
    return named, and_(named.c.system == _SYSTEM, named.c.kind == kind, named.c.subject == cast(subject, Text))


def _unmapped() -> Any:
    item, of_item = _reference(_KIND, _SUBJECT, "item")
    place, of_place = _reference(ReferenceKind.PLACE.value, line.place, "place")
    of_plan = and_(line.plan_id == _PLAN, _COUNTED)
    label = func.max(line.product_code).label("label")
    items = select(_KIND.label("kind"), cast(_SUBJECT, Text).label("subject"), label)
    items = items.outerjoin(item, of_item).where(of_plan, item.c.id.is_(None)).group_by(_KIND, _SUBJECT)
    places = select(literal(ReferenceKind.PLACE.value).label("kind"), line.place.label("subject"), literal(None, Text))
    places = places.outerjoin(place, of_place).where(of_plan, place.c.id.is_(None)).group_by(line.place)
    both = union_all(items.order_by(label).limit(MOST_TOLD), places.order_by(line.place).limit(MOST_TOLD))
    return select(both.subquery("unmapped"))


def _mixed() -> Any:
    item, of_item = _reference(_KIND, _SUBJECT, "item")
    mixed = select(item.c.code).select_from(demand_plan_line).join(item, of_item)
    mixed = mixed.where(line.plan_id == _PLAN, _COUNTED).group_by(item.c.code)
    return mixed.having(func.count(distinct(line.unit)) > 1).order_by(item.c.code).limit(MOST_TOLD)


ZERO = literal(0, line.quantity.type)


def _amounts(**given: Any) -> tuple[Any, ...]:
    return tuple(given.get(name, ZERO).label(name) for name in ("quantity", "elsewhere", "earlier", "orders"))


def _keys() -> tuple[Any, ...]:
    named = (_SUBJECT.label("subject"), _IS_PRODUCT.label("is_product"))
    return (*named, line.unit, line.place, _PERIOD.label("period"))


def _own() -> Any:
    """Return what the plan says."""
    own = select(*_keys(), true().label("is_own"), line.unit_is_whole, *_amounts(quantity=line.quantity))
    return own.where(line.plan_id == _PLAN, _COUNTED)


def _elsewhere() -> Any:
    """Return what the latest plans of other cycles say in these months, and what of it earlier cycles say."""
    plans = select(plan.id, plan.cycle_id, forecast_cycle.c.period_start)
    plans = plans.join(forecast_cycle, forecast_cycle.c.id == plan.cycle_id).where(plan.cycle_id != _CYCLE)
    latest = plans.ext(distinct_on(plan.cycle_id)).order_by(plan.cycle_id, plan.number.desc()).cte("latest_elsewhere")
    mine = tuple_(bindparam("period_start", type_=Date()), _CYCLE)
    is_earlier = tuple_(latest.c.period_start, latest.c.cycle_id) < mine
    amounts = _amounts(elsewhere=line.quantity, earlier=case((is_earlier, line.quantity), else_=ZERO))
    lines = select(*_keys(), false().label("is_own"), line.unit_is_whole, *amounts)
    lines = lines.select_from(demand_plan_line).join(latest, latest.c.id == line.plan_id)
    return lines.where(_COUNTED, line.month >= _MONTH, line.month < _AFTER)


def _orders() -> list[Any]:
    """Return what is ordered in these periods; an order of a product is one of its product line as well."""
    counting = and_(order.state != "cancelled", order.due_on >= _FIRST, order.due_on < _AFTER)
    due = cast(func.date_trunc(_UNIT, order.due_on), Date).label("period")
    rest = (order.unit, order.place, due, false().label("is_own"), true().label("unit_is_whole"))
    amounts = _amounts(orders=order.quantity)
    of_line = known_product.c.product_line_id.label("subject")
    by_product = select(order.product_id.label("subject"), true().label("is_product"), *rest, *amounts)
    by_line = select(of_line, false().label("is_product"), *rest, *amounts)
    by_line = by_line.join(known_product, known_product.c.id == order.product_id)
    return [by_product.where(counting), by_line.where(counting)]


def _demand() -> Any:
    """Return the demand of a plan with what other cycles say of the same, and what is ordered of it.

    All is put below each other and added up once: joined, what is added up would be so for each line anew.
    """
    c = union_all(_own(), _elsewhere(), *_orders()).cte("said").c
    kind = case((c.is_product, ReferenceKind.PRODUCT.value), else_=ReferenceKind.PRODUCT_LINE.value)
    item, of_item = _reference(kind, c.subject, "item")
    place, of_place = _reference(ReferenceKind.PLACE.value, c.place, "place")
    unit, of_unit = _reference(ReferenceKind.UNIT.value, c.unit, "unit")
    sums = [func.sum(c[name]).label(name) for name in ("quantity", "elsewhere", "earlier", "orders")]
    return (
        select(
            place.c.code.label("location"),
            item.c.code.label("item"),
            func.max(unit.c.code).filter(c.is_own).label("unit_code"),
            c.period,
            func.bool_and(c.unit_is_whole).filter(c.is_own).label("is_whole"),
            *sums,
        )
        .join(item, of_item)
        .join(place, of_place)
        .outerjoin(unit, of_unit)
        .group_by(place.c.code, item.c.code, c.period)
        .having(func.bool_or(c.is_own))
        .order_by(place.c.code, item.c.code, c.period)
    )


UNMAPPED = prepared(_unmapped())
MIXED = prepared(_mixed())
DEMAND = prepared(_demand(), into=Demand)
IN_MONEY_ONLY = prepared(
    select(line.product_line_id, line.month, line.place, line.amount, plan.currency)
    .join(demand_plan, plan.id == line.plan_id)
    .where(line.plan_id == _PLAN, line.unit.is_(None), or_(line.amount != 0, line.change_amount != 0))
    .order_by(line.id),
    into=InMoneyOnly,
)


def each_line(tx: Snapshot, plan_id: UUID) -> AsyncIterator[DemandPlanLine]:
    """Yield the lines of a plan in their settled order."""
    return tx.each(LINES, plan_id=plan_id)


async def horizon_of(tx: Questions, plan_id: UUID, kind: PlanPeriod, otherwise: date) -> Horizon:
    """Return the periods of which a plan says a quantity; one of no matter where it says none."""
    span = await tx.one(SPAN, plan_id=plan_id, period_kind=kind.value)
    return Horizon(kind, span.first or otherwise, span.last or otherwise)


async def unmapped(tx: Questions, plan_id: UUID, system: str) -> Sequence[Unmapped]:
    """Return what a plan names and a system has no code for, at most 100 products or lines and 100 places."""
    rows = await tx.all(UNMAPPED, plan_id=plan_id, system=system)
    return [Unmapped(ReferenceKind(row[0]), row[1], row[2]) for row in rows]


async def mixed_units(tx: Questions, plan_id: UUID, system: str) -> list[str]:
    """Return the codes of a system under which a plan would add up what is counted in different units."""
    return [row[0] for row in await tx.all(MIXED, plan_id=plan_id, system=system)]


async def in_money_only(tx: Questions, plan_id: UUID) -> list[InMoneyOnly]:
    """Return the lines of a plan that have no quantity."""
    return await tx.all(IN_MONEY_ONLY, plan_id=plan_id)


def each_demand(tx: Snapshot, handed: Handed) -> AsyncIterator[Demand]:
    """Yield what a plan asks of a system by location, item and period, in this order."""
    return tx.each(
        DEMAND,
        plan_id=handed.plan_id,
        cycle_id=handed.cycle_id,
        period_start=handed.cycle_start,
        system=handed.system.name,
        first=handed.horizon.first,
        month=handed.horizon.first.replace(day=1),
        after=handed.horizon.end,
        period_kind=handed.horizon.kind.value,
    )
