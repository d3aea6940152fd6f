"""Questions about what was reminded of, and the one statement that reminds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, Uuid, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from orgchart.tables import unit
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.cycles.rules.definition import Cycle, CycleState
from services.forecast.cycles.store.seats import SeatScope, visible_seats
from services.forecast.cycles.tables import forecast_cycle, seat, standing
from services.forecast.reminders.rules import ReminderKind, kind_of
from services.forecast.reminders.tables import forecast_reminder

_r = forecast_reminder.c


@dataclass(frozen=True, slots=True)
class Reminder:
    """What was reminded of: `days` after the deadline, negative before it."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    due_at: datetime
    days: int
    level: int
    holder_id: UUID
    superior_id: UUID | None
    at: datetime

    @property
    def kind(self) -> ReminderKind:
        """Whether it came before the deadline."""
        return kind_of(self.days)


CURRENT = prepared(
    select(forecast_cycle)
    .where(
        forecast_cycle.c.state == CycleState.OPEN.value, forecast_cycle.c.period_end > bindparam("today", type_=Date())
    )
    .order_by(forecast_cycle.c.id),
    into=Cycle,
)
_DUE_AT = bindparam("due_at", type_=DateTime(timezone=True))
_DAYS = bindparam("days", type_=Integer())
_above = standing.alias("above")
_told = (
    select(_r.id)
    .where(_r.seat_id == standing.c.seat_id, _r.due_at == _DUE_AT, _r.days == _DAYS)
    .correlate(standing)
    .exists()
)
_superior = func.nullif(func.coalesce(_above.c.holder_id, unit.c.head_id), standing.c.holder_id)
_missing = (
    select(
        standing.c.cycle_id,
        standing.c.seat_id,
        _DUE_AT.label("due_at"),
        _DAYS.label("days"),
        standing.c.level,
        standing.c.holder_id,
        case((_DAYS >= 0, _superior)).label("superior_id"),
        bindparam("now", type_=DateTime(timezone=True)).label("at"),
    )
    .select_from(
        standing.join(seat, seat.c.id == standing.c.seat_id)
        .outerjoin(_above, _above.c.seat_id == seat.c.superior_seat_id)
        .outerjoin(unit, (unit.c.id == seat.c.business_unit_id) & seat.c.superior_seat_id.is_(None))
    )
    .where(
        standing.c.cycle_id == bindparam("cycle_id", type_=Uuid()),
        standing.c.level == bindparam("level", type_=Integer()),
        standing.c.handed_in_id.is_(None),
        ~_told,
    )
    .order_by(standing.c.seat_id)
    .limit(bindparam("at_once", type_=Integer()))
    .with_for_update(read=True, of=standing, skip_locked=True)
)
_kept = insert(forecast_reminder).from_select(list(_missing.selected_columns.keys()), _missing)
REMIND = prepared(_kept.on_conflict_do_nothing().returning(forecast_reminder), into=Reminder)

_seen = visible_seats().subquery("seen")
REMINDERS = Listing(
    select(forecast_reminder).join(_seen, _seen.c.id == _r.seat_id),
    into=Reminder,
    filters={
        "seat_id": _r.seat_id == bindparam("seat_id", type_=Uuid()),
        "person_id": or_(
            _r.holder_id == bindparam("person_id", type_=Uuid()), _r.superior_id == bindparam("person_id", type_=Uuid())
        ),
    },
    keys={"at": SortKey(_r.at)},
    identifier=_r.id,
    default="-at",
)


async def current_cycles(tx: Questions, today: date) -> list[Cycle]:
    """Return the cycles that are open and whose period is not over."""
    return await tx.all(CURRENT, today=today)


async def remind(
    tx: Writing, cycle_id: UUID, *, level: int, due_at: datetime, days: int, at_once: int
) -> list[Reminder]:
    """Write down who is reminded of a turn now: seats with nothing handed in that were not reminded of it yet.

    A seat that is just being submitted (locked) is passed over, and none can be submitted before this commits.
    """
    return await tx.all(REMIND, cycle_id=cycle_id, level=level, due_at=due_at, days=days, now=tx.now, at_once=at_once)


async def list_reminders(
    tx: Questions, scope: SeatScope, window: Window, filters: Mapping[str, Any]
) -> Slice[Reminder]:
    """Return a page of what was reminded of, of the seats that the viewer may see."""
    return await REMINDERS.page(tx, window, filters, viewer=scope)
