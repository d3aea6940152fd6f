"""Questions about the tops of units: their heads see their own, roles that see all seats see all of them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Uuid, and_, any_, bindparam, func, or_, select

from orgchart.tables import unit
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions
from services.forecast.cycles.rules.definition import Category
from services.forecast.cycles.store.seats import CYCLE_ID, SeatScope
from services.forecast.cycles.tables import seat, standing
from services.forecast.rollup.rules.cells import Total
from services.forecast.rollup.rules.states import RecordState
from services.forecast.rollup.tables import forecast, submission_total
from services.forecast.unit_forecasts.rules import Tops, UnitForecast

_holds = and_(standing.c.handed_in_id.isnot(None), standing.c.stale_since.is_(None))
_missing = standing.c.handed_in_id.is_(None)
_tops = (
    seat.join(standing, standing.c.seat_id == seat.c.id)
    .outerjoin(unit, unit.c.id == seat.c.business_unit_id)
    .outerjoin(forecast, forecast.c.id == standing.c.handed_in_id)
)
_mine = and_(
    seat.c.cycle_id == CYCLE_ID,
    seat.c.superior_seat_id.is_(None),
    or_(bindparam("sees_all", type_=Boolean()), unit.c.head_id == bindparam("viewer_id", type_=Uuid())),
)
UNITS = prepared(
    select(
        seat.c.business_unit_id.label("unit_id"),
        unit.c.name,
        unit.c.head_id,
        func.count().label("tops"),
        func.count().filter(_holds).label("handed_in"),
        func.count().filter(~_missing, standing.c.stale_since.isnot(None)).label("stale"),
        func.count().filter(_missing).label("missing"),
        func.count()
        .filter(_missing, standing.c.level == any_(bindparam("late_levels", type_=ARRAY(Integer()))))
        .label("late"),
        func.count().filter(_holds, forecast.c.state == RecordState.APPROVED.value).label("approved"),
    )
    .select_from(_tops)
    .where(_mine)
    .group_by(seat.c.business_unit_id, unit.c.name, unit.c.head_id)
    .order_by(unit.c.name.nulls_last(), seat.c.business_unit_id)
)
TOTALS = prepared(
    select(
        seat.c.business_unit_id.label("unit_id"),
        submission_total.c.category,
        *(func.sum(submission_total.c[name]).label(name) for name in ("own", "gathered", "adjustment")),
    )
    .select_from(_tops.join(submission_total, submission_total.c.forecast_id == standing.c.handed_in_id))
    .where(_mine, _holds)
    .group_by(seat.c.business_unit_id, submission_total.c.category)
)


async def units_of(tx: Questions, scope: SeatScope, late_levels: Collection[int]) -> list[UnitForecast]:
    """Return what each unit has been handed in, of those that the viewer heads or that a role shows."""
    totals: dict[UUID | None, dict[Category, Total]] = {}
    for row in await tx.all(TOTALS, viewer=scope):
        figures = Total(row["own"], row["gathered"], row["adjustment"])
        totals.setdefault(row["unit_id"], {})[Category(row["category"])] = figures
    rows: Sequence[Row] = await tx.all(UNITS, viewer=scope, late_levels=list(late_levels))
    return [
        UnitForecast(
            row["unit_id"],
            row["name"],
            row["head_id"],
            Tops(*(row[name] for name in Tops.__dataclass_fields__)),
            totals.get(row["unit_id"], {}),
        )
        for row in rows
    ]
