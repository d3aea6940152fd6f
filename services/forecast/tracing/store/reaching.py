"""Which submitted records a line of a plan came through, and which rows of theirs are in that line."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    ColumnElement,
    Date,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    literal,
    null,
    select,
)

from services.forecast.cycles.rules.definition import Cycle, Granularity
from services.forecast.demand_plan.store import DemandPlan, DemandPlanLine
from services.forecast.demand_plan.tables import demand_plan_source
from services.forecast.rollup.tables import submission_cell, submission_part


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line of a plan, how its cycle tells figures apart, and whether the reader may see whose its parts are.

    That may marketing, operations, and who holds every seat at the top.
    """

    plan: DemandPlan
    line: DemandPlanLine
    cycle: Cycle
    has_details: bool

    @property
    def binds(self) -> dict[str, Any]:
        """What the statements need to know of it."""
        place = self.line.where
        return {
            "plan_id": self.plan.id,
            "line_id": self.line.id,
            "categories": [category.value for category in self.cycle.plan],
            "product_id": place.item.product_id,
            "product_line_id": place.item.product_line_id,
            "unit": place.item.unit,
            "unit_is_whole": place.item.unit_is_whole,
            "month": place.month,
            "week": place.week,
            "place": place.place,
            "by_product_line": self.cycle.granularity == Granularity.PRODUCT_LINE,
            "is_by_week": self.cycle.is_by_week,
        }


_PLAN = bindparam("plan_id", type_=Uuid())
CATEGORIES = any_(bindparam("categories", type_=ARRAY(Text())))


def in_line(c: Any, *, product_id: Any, week: Any, place: Any) -> ColumnElement[bool]:
    """Whether a row of cells, shares or confirmed lines is in the line of the plan that is traced."""
    return and_(
        c.month == bindparam("month", type_=Date()),
        place == bindparam("place", type_=Text()),
        c.unit_is_whole == bindparam("unit_is_whole", type_=Boolean()),
        product_id.is_not_distinct_from(bindparam("product_id", type_=Uuid())),
        c.product_line_id.is_not_distinct_from(bindparam("product_line_id", type_=Uuid())),
        c.unit.is_not_distinct_from(bindparam("unit", type_=Text())),
        week.is_not_distinct_from(bindparam("week", type_=Date())),
    )


def of_plan(c: Any) -> ColumnElement[bool]:
    """Whether a row of cells or shares is in that line and in the categories of the plan."""
    return and_(c.category == CATEGORIES, in_line(c, product_id=c.product_id, week=c.week, place=c.place))


def _reached() -> CTE:
    """Return the submitted records that the line came through, each with the one that gathered it."""
    c = submission_cell.c
    says = exists(select(c.id).where(c.forecast_id == submission_part.c.from_forecast_id, of_plan(c)))
    top = select(
        demand_plan_source.c.forecast_id, null().cast(Uuid()).label("gathered_by"), literal(0).label("depth")
    ).where(demand_plan_source.c.plan_id == _PLAN)
    reached = top.cte("reached", recursive=True)
    below = (
        select(submission_part.c.from_forecast_id, reached.c.forecast_id, reached.c.depth + 1)
        .join(reached, reached.c.forecast_id == submission_part.c.forecast_id)
        .where(says)
    )
    return reached.union_all(below)


REACHED = _reached()
"""The records, the one that gathered each (null: the plan), and how far below the top it is."""
