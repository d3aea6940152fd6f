"""The periods of a track: which cycle stands for each, and the seats of a person or the tops in it.

Comparable cycles up to the one asked for are taken (`store.past`), of several for one period the last opened: of a
person those in which a seat was frozen for them, of the whole line those that are about the same people.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, FromClause, Integer, Subquery, Uuid, and_, any_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from orgchart.tables import unit
from servicekit.data.statements import Row, Statement, prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.parts import HandedIn, SeatResult
from services.forecast.accuracy.store.bases import about_the_same_people
from services.forecast.accuracy.store.measured import measured, won_below
from services.forecast.accuracy.store.past import comparable, comparable_binds, won_below_each
from services.forecast.confirmation.tables import live_line
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.cycles.tables import forecast_cycle, seat, standing

c = forecast_cycle.c
_PERSON = bindparam("person_id", type_=Uuid())
_VIEWER = bindparam("viewer_id", type_=Uuid())
_CYCLES = any_(bindparam("cycle_ids", type_=ARRAY(Uuid())))
_takes_part = exists(select(seat.c.id).where(seat.c.cycle_id == c.id, seat.c.person_id == _PERSON))
_comparable = select(forecast_cycle).where(comparable()).ext(distinct_on(c.period_start))
_latest = (c.period_start.desc(), c.opened_at.desc(), c.id.desc())
_MOST = bindparam("most", type_=Integer())
OF_PERSON = prepared(_comparable.where(_takes_part).order_by(*_latest).limit(_MOST), into=Cycle)
OF_LINE = prepared(_comparable.where(about_the_same_people()).order_by(*_latest).limit(_MOST), into=Cycle)

_mine = standing.alias("mine")
_in_line = exists(
    select(_mine.c.seat_id).where(
        _mine.c.cycle_id == seat.c.cycle_id, _mine.c.holder_id == _VIEWER, _mine.c.seat_id == any_(seat.c.line)
    )
)
_headed = exists(select(unit.c.id).where(unit.c.id == seat.c.business_unit_id, unit.c.head_id == _VIEWER))
_seats = (
    select(*(seat.c[name] for name in ("id", "cycle_id", "line", "business_unit_id")), standing.c.level)
    .join(standing, standing.c.seat_id == seat.c.id)
    .where(
        seat.c.cycle_id == _CYCLES,
        or_(
            bindparam("sees_all", type_=Boolean()),
            _in_line,
            and_(seat.c.superior_seat_id.is_(None), _headed),
        ),
    )
)
_person = _seats.where(seat.c.person_id == _PERSON).subquery("asked")
_tops = _seats.where(seat.c.superior_seat_id.is_(None)).subquery("asked")


def _results(seats: Subquery, won: FromClause) -> Statement[Row]:
    found = measured(seats, won, months=False)
    return prepared(
        select(
            *(seats.c[name] for name in ("id", "cycle_id", "line", "business_unit_id")),
            found.handed_in.label("handed_in"),
            found.forecast_id.label("forecast_id"),
            found.forecast.label("forecast"),
            found.actual.label("actual"),
        ).select_from(found.rows)
    )


SEATS_OF_PERSON = _results(_person, won_below_each(_person))
TOPS = _results(_tops, won_below(live_line.c.cycle_id == _CYCLES, months=False))


async def cycles_of(tx: Questions, cycle: Cycle, person_id: UUID | None, most: int) -> list[Cycle]:
    """Return the cycles that stand for the latest periods, the earliest first; without a person: of the whole line."""
    statement = OF_LINE if person_id is None else OF_PERSON
    binds = comparable_binds(cycle) | {"cycle_id": cycle.id, "person_id": person_id, "most": most}
    return list(reversed(await tx.all(statement, **binds)))


async def results_in(
    tx: Questions, scope: SeatScope, cycles: Sequence[Cycle], person_id: UUID | None, zone: str
) -> dict[UUID, list[SeatResult]]:
    """Return, by cycle, what a person's seat (or each top) had forecast and won, where that cycle's line shows it."""
    found: dict[UUID, list[SeatResult]] = {}
    statement = TOPS if person_id is None else SEATS_OF_PERSON
    binds = {"cycle_ids": [cycle.id for cycle in cycles], "person_id": person_id, "zone": zone}
    for row in await tx.all(statement, viewer=scope, **binds):
        result = SeatResult(
            seat_id=row["id"],
            line=row["line"],
            business_unit_id=row["business_unit_id"],
            handed_in=HandedIn(row["handed_in"]),
            forecast_id=row["forecast_id"],
            forecast=row["forecast"],
            actual=row["actual"],
        )
        found.setdefault(row["cycle_id"], []).append(result)
    return found
