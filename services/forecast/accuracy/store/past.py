"""What people had forecast and won in earlier periods that compare with that of a cycle.

Comparable is a cycle of the same kind of period, currency, basis and plan categories. Of several for one period the
one that opened last counts, and in it a person's own seat, as long as it has not passed to somebody else.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, DateTime, FromClause, Text, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import array, distinct_on

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.suggesting import PastPeriod
from services.forecast.accuracy.store.measured import measured
from services.forecast.confirmation.tables import confirmation, live_line
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.tables import forecast_cycle, seat, standing

c = forecast_cycle.c


def comparable() -> ColumnElement[bool]:
    """Return whether a cycle is open, of the same kind as another, and opened no later (binds: `comparable_binds`)."""
    return and_(
        c.state == "open",
        c.period_kind == bindparam("period_kind", type_=Text()),
        c.currency == bindparam("currency", type_=Text()),
        c.amount_basis == bindparam("amount_basis", type_=Text()),
        c.plan_categories == bindparam("plan", type_=ARRAY(Text())),
        c.period_start <= bindparam("start", type_=Date()),
        c.opened_at <= bindparam("opened_at", type_=DateTime(timezone=True)),
    )


def comparable_binds(cycle: Cycle) -> dict[str, Any]:
    """Return what `comparable` binds to find the like of a cycle."""
    return {
        "period_kind": cycle.period_kind,
        "currency": cycle.currency,
        "amount_basis": cycle.amount_basis,
        "plan": cycle.plan_categories,
        "start": cycle.period_start,
        "opened_at": cycle.opened_at,
    }


def won_below_each(seats: FromClause) -> FromClause:
    """Return what was won at each of a few seats and below, found along the index on lines."""
    below = seat.alias("below")
    return (
        select(seats.c.id.label("seat_id"), func.sum(confirmation.c.amount).label("amount"))
        .select_from(
            below.join(live_line, live_line.c.seat_id == below.c.id).join(
                confirmation, confirmation.c.id == live_line.c.confirmation_id
            )
        )
        .where(
            below.c.line.op("@>", is_comparison=True)(array([seats.c.id], type_=Uuid())),
            confirmation.c.category == "closed",
        )
        .lateral("won_below")
    )


_own = (
    select(seat.c.id, seat.c.cycle_id, seat.c.person_id, standing.c.level, c.period_start)
    .select_from(seat.join(standing, standing.c.seat_id == seat.c.id).join(forecast_cycle, c.id == seat.c.cycle_id))
    .where(
        seat.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid()))),
        standing.c.holder_id == seat.c.person_id,
        comparable(),
        c.period_start < bindparam("start", type_=Date()),
        c.period_end <= bindparam("today", type_=Date()),
    )
    .ext(distinct_on(seat.c.person_id, c.period_start))
    .order_by(seat.c.person_id, c.period_start, c.opened_at.desc(), c.id.desc())
    .subquery("own")
)
_found = measured(_own, won_below_each(_own), months=False)
PAST = prepared(
    select(
        _own.c.person_id,
        _own.c.period_start,
        _found.forecast.label("forecast"),
        _found.actual.label("actual"),
    )
    .select_from(_found.rows)
    .where(_found.handed_in == "in_time")
)


async def periods_of(
    tx: Questions, person_ids: Collection[UUID], cycle: Cycle, today: date, zone: str
) -> dict[UUID, list[PastPeriod]]:
    """Return what each of some people had handed in in time in periods before that of a cycle, and what was won."""
    binds = comparable_binds(cycle) | {"person_ids": list(person_ids), "today": today, "zone": zone}
    periods: dict[UUID, list[PastPeriod]] = {person_id: [] for person_id in person_ids}
    for row in await tx.all(PAST, **binds) if periods else []:
        periods[row["person_id"]].append(PastPeriod(row["period_start"], row["forecast"], row["actual"]))
    return periods
