"""Questions about published plans.

A plan is the whole cycle's figure: those see it whose scope is the whole cycle, and the roles that work by it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    collate,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from orgchart.viewer import FINANCE, MARKETING, PRODUCTION_PLANNER, Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.tables import known_product
from services.forecast.cycles.tables import forecast_cycle, seat, standing
from services.forecast.demand_plan.rules import DecidedPart, Place, PlanLine, decisions_at, demand_at, plan_lines
from services.forecast.demand_plan.tables import (
    demand_plan,
    demand_plan_decision,
    demand_plan_line,
    demand_plan_part,
    demand_plan_source,
)
from services.forecast.rollup.rules.cells import Figures

TAKES_PLANS = frozenset({"demand_plans:read", "demand_plans:acknowledge"})


@dataclass(frozen=True, slots=True)
class DemandPlan:
    """A published version."""

    id: UUID
    cycle_id: UUID
    cycle_name: str
    number: int
    currency: str
    total: Decimal
    change: Decimal
    published_at: datetime
    published_by: UUID


@dataclass(frozen=True, slots=True)
class DemandPlanLine:
    """A line of a published version."""

    id: UUID
    currency: str
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    unit: str | None
    unit_is_whole: bool
    month: date
    week: date | None
    place: str
    quantity: Decimal
    amount: Decimal
    change_quantity: Decimal
    change_amount: Decimal

    @property
    def where(self) -> Place:
        """What, when and where the demand is for."""
        item = Item(self.product_id, self.product_line_id, self.unit, self.unit_is_whole)
        return Place(item, self.month, self.place, self.week)

    @property
    def said(self) -> PlanLine:
        """How much, and how it differs from the version before."""
        figures = Figures(self.quantity, self.amount)
        return PlanLine(self.where, figures, Figures(self.change_quantity, self.change_amount))


@dataclass(frozen=True, slots=True)
class _PlanScope:
    viewer: Viewer
    roles: tuple[str, ...] = (MARKETING, FINANCE, PRODUCTION_PLANNER)

    @property
    def binds(self) -> dict[str, object]:
        sees_all = self.viewer.sees_all or self.viewer.has_role(*self.roles)
        return {"viewer_id": self.viewer.acts_as, "sees_all": sees_all or self._takes_plans}

    @property
    def _takes_plans(self) -> bool:
        """Whether a program has a scope for plans: it sees what production planners see, without any role."""
        has_scope = self.viewer.is_machine and not TAKES_PLANS.isdisjoint(self.viewer.scopes or ())
        return has_scope and PRODUCTION_PLANNER in self.roles


@dataclass(frozen=True, slots=True)
class _OfPlan:
    plan_id: UUID

    @property
    def binds(self) -> dict[str, object]:
        return {"plan_id": self.plan_id}


c, line, part = demand_plan.c, demand_plan_line.c, demand_plan_part.c
PLACE = ("product_line_id", "product_id", "unit", "unit_is_whole", "month", "week", "place")
"""The columns that say what, when and where."""


def _in_scope() -> ColumnElement[bool]:
    """Whether a role shows the plans, or the viewer holds every seat at the top of the cycle."""
    tops = select(seat.c.id).join(standing, standing.c.seat_id == seat.c.id)
    tops = tops.where(seat.c.cycle_id == c.cycle_id, seat.c.superior_seat_id.is_(None))
    mine = standing.c.holder_id == bindparam("viewer_id", type_=Uuid())
    return or_(bindparam("sees_all", type_=Boolean()), and_(exists(tops.where(mine)), ~exists(tops.where(~mine))))


_plans = (
    select(
        *(c[name] for name in DemandPlan.__dataclass_fields__ if name != "cycle_name"),
        forecast_cycle.c.name.label("cycle_name"),
    )
    .join(forecast_cycle, forecast_cycle.c.id == c.cycle_id)
    .where(_in_scope())
)
_lines = (
    select(*[line[name] for name in DemandPlanLine.__dataclass_fields__ if name != "currency"], c.currency)
    .join(demand_plan, c.id == line.plan_id)
    .where(line.plan_id == bindparam("plan_id", type_=Uuid()))
)
GET = prepared(_plans.where(c.id == bindparam("id", type_=Uuid())), into=DemandPlan)
LATEST = prepared(select(c.id, c.number).where(c.cycle_id == bindparam("cycle_id")).order_by(c.number.desc()).limit(1))
LINE = prepared(_lines.where(line.id == bindparam("id", type_=Uuid())), into=DemandPlanLine)
ALL_LINES = prepared(_lines.order_by(line.id).limit(bindparam("most", type_=Integer())), into=DemandPlanLine)
COUNT_LINES = prepared(select(func.count()).select_from(demand_plan_line).where(line.plan_id == bindparam("plan_id")))
PLANS = Listing(
    _plans,
    into=DemandPlan,
    filters={"cycle_id": c.cycle_id == bindparam("cycle_id")},
    keys={"published_at": SortKey(c.published_at), "number": SortKey(c.number)},
    identifier=c.id,
    default="-published_at",
)
LINES = Listing(
    _lines,
    into=DemandPlanLine,
    filters={
        "product_id": line.product_id == bindparam("product_id"),
        "product_line_id": line.product_line_id == bindparam("product_line_id"),
        "month": line.month == bindparam("month"),
        "week": line.week == bindparam("week"),
        "place": line.place == bindparam("place"),
        "changed": or_(line.change_quantity != 0, line.change_amount != 0) == bindparam("changed", type_=Boolean()),
    },
    keys={"month": SortKey(line.month), "place": SortKey(line.place), "amount": SortKey(line.amount)},
    identifier=line.id,
    default="month",
)


def _said_of_places() -> Select[Any]:
    """Return what was put down for a plan and what the version before said, by place in the order of a plan.

    Nothing is added up here: sums by place would be held for all places at once. Texts are compared by their bytes.
    """
    no_decision: ColumnElement[Any] = literal_column("NULL::uuid")
    figures = ("quantity", "amount", "sales_quantity", "sales_amount", "decision_id")
    decided = select(*[part[name] for name in (*PLACE, *figures)], false().label("was_said")).where(
        part.plan_id == bindparam("plan_id", type_=Uuid())
    )
    before = select(
        *[line[name] for name in PLACE], line.quantity, line.amount, line.quantity, line.amount, no_decision, true()
    ).where(line.plan_id == bindparam("before_id", type_=Uuid()))
    said = union_all(decided, before).subquery("said")
    return select(said).order_by(
        said.c.product_line_id.nulls_first(),
        said.c.product_id.nulls_first(),
        collate(said.c.unit, "C").nulls_first(),
        func.coalesce(said.c.week, said.c.month),
        collate(said.c.place, "C"),
        said.c.unit_is_whole,
        said.c.week.nulls_first(),
    )


SAID_OF_PLACES = prepared(_said_of_places())
INSERT_PART = prepared(insert(demand_plan_part))
FORGET_PARTS = prepared(delete(demand_plan_part).where(part.plan_id == bindparam("of_plan", type_=Uuid())))
INSERT = prepared(insert(demand_plan))
INSERT_SOURCE = prepared(insert(demand_plan_source))
INSERT_LINE = prepared(insert(demand_plan_line))
INSERT_DECISION = prepared(insert(demand_plan_decision))
_PRODUCTS = any_(bindparam("product_ids", type_=ARRAY(Uuid())))
NAMES = prepared(
    select(known_product.c.id, known_product.c.code, known_product.c.name).where(known_product.c.id == _PRODUCTS)
)
Drafted = tuple[list[PlanLine], dict[Place, dict[UUID, Figures]]]
"""Some lines of a plan, and by how much each decision changed each place of them."""
AT_ONCE = 1000
"""Lines that are written together, so that publishing holds no more of a large plan than of a small one."""


async def get(tx: Questions, viewer: Viewer, plan_id: UUID) -> DemandPlan:
    """Return a plan, or raise `NotVisible`."""
    return await tx.visible(GET, "demand plan", plan_id, viewer=_PlanScope(viewer), id=plan_id)


async def sees_details(tx: Questions, viewer: Viewer, plan_id: UUID) -> bool:
    """Tell whether the viewer also sees the forecasts that a plan came from: finance and planners see only figures."""
    return await tx.first(GET, viewer=_PlanScope(viewer, (MARKETING,)), id=plan_id) is not None


async def get_line(tx: Questions, plan_id: UUID, line_id: UUID) -> DemandPlanLine:
    """Return a line of a plan that the viewer may see, or raise `NotVisible`."""
    return await tx.visible(LINE, "demand plan line", line_id, plan_id=plan_id, id=line_id)


async def list_plans(tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]) -> Slice[DemandPlan]:
    """Return a page of the plans that the viewer may see."""
    return await PLANS.page(tx, window, filters, viewer=_PlanScope(viewer))


async def list_lines(tx: Questions, plan_id: UUID, window: Window, filters: Mapping[str, Any]) -> Slice[DemandPlanLine]:
    """Return a page of a plan's lines."""
    return await LINES.page(tx, window, filters, viewer=_OfPlan(plan_id))


async def lines_of(tx: Questions, plan_id: UUID, most: int | None = None) -> list[DemandPlanLine]:
    """Return the lines of a plan in its settled order, every one or the first so many."""
    return await tx.all(ALL_LINES, plan_id=plan_id, most=most)


async def count_lines(tx: Questions, plan_id: UUID) -> int:
    """Return how many lines a plan has."""
    count: int = await tx.value(COUNT_LINES, plan_id=plan_id)
    return count


async def find_latest(tx: Questions, cycle_id: UUID) -> tuple[UUID, int] | None:
    """Return the id and number of a cycle's latest plan, or None."""
    row = await tx.first(LATEST, cycle_id=cycle_id)
    return None if row is None else (row[0], row[1])


async def put_down(tx: Writing, plan_id: UUID, parts: AsyncIterator[DecidedPart]) -> None:
    """Put down what was decided for places, in any order and for a place more than once, until the plan is written."""
    rows: list[dict[str, Any]] = []
    number = 0
    async for each in parts:
        number += 1
        rows.append({"plan_id": plan_id, "number": number} | _part_row(each))
        if len(rows) == AT_ONCE:
            await tx.execute_many(INSERT_PART, rows)
            rows = []
    await tx.execute_many(INSERT_PART, rows)


async def drafted(tx: Writing, plan_id: UUID, before_id: UUID | None) -> AsyncIterator[Drafted]:
    """Yield the lines of what was put down in their settled order, some at a time, and what decisions changed there."""
    before: dict[Place, Figures] = {}
    parts: list[DecidedPart] = []
    last: Place | None = None
    async for row in tx.each(SAID_OF_PLACES, plan_id=plan_id, before_id=before_id):
        part, was_said = _said(row)
        if part.place != last and len(before) + len(parts) >= AT_ONCE:
            yield _drafted(parts, before)
            before, parts = {}, []
        last = part.place
        if was_said:
            before[part.place] = part.figures
        else:
            parts.append(part)
    yield _drafted(parts, before)


def _said(row: Row) -> tuple[DecidedPart, bool]:
    """Return what was decided for a place, or what the version before said of it, and whether it is the latter."""
    line_id, product_id, unit, is_whole, month, week, name, quantity, amount, *sales, decision_id, was_said = row
    place = Place(Item(product_id, line_id, unit, is_whole), month, name, week)
    return DecidedPart(place, Figures(quantity, amount), Figures(*sales), decision_id), was_said


def _drafted(parts: Sequence[DecidedPart], before: Mapping[Place, Figures]) -> Drafted:
    demand = demand_at((each.place, each.figures) for each in parts)
    return plan_lines(demand, before), decisions_at(parts)


async def append(tx: Writing, values: Mapping[str, Any], sources: Sequence[UUID]) -> None:
    """Write a version, without its lines."""
    await tx.execute(INSERT, **values)
    plan = {"plan_id": values["id"]}
    await tx.execute_many(INSERT_SOURCE, [{**plan, "forecast_id": source} for source in sources])


async def append_lines(
    tx: Writing, plan_id: UUID, lines: Sequence[PlanLine], decisions: Mapping[Place, Mapping[UUID, Figures]]
) -> None:
    """Write lines, with the names that their products have now, and by how much decisions changed them."""
    products = {each.place.item.product_id for each in lines} - {None}
    names = {row[0]: (row[1], row[2]) for row in await tx.all(NAMES, product_ids=list(products))}
    rows = [{"plan_id": plan_id} | _line_row(each, names) for each in lines]
    await tx.execute_many(INSERT_LINE, rows)
    changes = [
        {"line_id": row["id"], "decision_id": decision_id, "quantity": change.quantity, "amount": change.amount}
        for each, row in zip(lines, rows, strict=True)
        for decision_id, change in decisions.get(each.place, {}).items()
    ]
    await tx.execute_many(INSERT_DECISION, changes)


async def forget_parts(tx: Writing, plan_id: UUID) -> None:
    """Take away what was put down for a plan, which is written now."""
    await tx.execute(FORGET_PARTS, of_plan=plan_id)


def _part_row(each: DecidedPart) -> dict[str, Any]:
    return _place_row(each.place) | {
        "quantity": each.figures.quantity,
        "amount": each.figures.amount,
        "sales_quantity": each.sales.quantity,
        "sales_amount": each.sales.amount,
        "decision_id": each.decision_id,
    }


def _place_row(place: Place) -> dict[str, Any]:
    return {
        "product_id": place.item.product_id,
        "product_line_id": place.item.product_line_id,
        "unit": place.item.unit,
        "unit_is_whole": place.item.unit_is_whole,
        "month": place.month,
        "week": place.week,
        "place": place.place,
    }


def _line_row(each: PlanLine, names: Mapping[UUID, tuple[str, str]]) -> dict[str, Any]:
    product_id = each.place.item.product_id
    code, name = names.get(product_id, (None, None)) if product_id else (None, None)
    return _place_row(each.place) | {
        "id": new_id(),
        "product_code": code,
        "product_name": name,
        "quantity": each.figures.quantity,
        "amount": each.figures.amount,
        "change_quantity": each.change.quantity,
        "change_amount": each.change.amount,
    }
