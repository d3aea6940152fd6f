"""Looking at who has handed in and who has not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions
from services.forecast.cycles.actions import seat_seen
from services.forecast.cycles.rules.definition import Cycle, is_late
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.progress import store
from services.forecast.progress.store import MissingSeat
from services.forecast.rollup.actions.working import open_cycle_of
from services.forecast.rollup.store.progress import Progress


@dataclass(frozen=True, slots=True)
class Missing:
    """Who has handed in nothing, by when they were to, and for how long they are late."""

    seat_id: UUID
    superior_seat_id: UUID | None
    person_id: UUID
    name: str
    level: int
    state: str
    due_at: datetime | None
    is_late: bool
    late_seconds: int | None


async def list_missing(
    tx: Questions, viewer: Viewer, cycle_id: UUID, window: Window, filters: Mapping[str, Any], *, now: datetime
) -> tuple[Slice[MissingSeat], list[Missing]]:
    """Return a page of who has handed in nothing, as far as the viewer may see.

    Raises:
        NotVisible: a seat that a filter names is not there, or not for the viewer.
    """
    cycle = await open_cycle_of(tx, cycle_id)
    for name in ("below_seat_id", "superior_seat_id"):
        if name in filters:
            await seat_seen(tx, viewer, cycle.id, filters[name])
    found = await store.list_missing(tx, SeatScope(viewer, cycle.id), window, filters, cycle.late_levels(now))
    return found, [_missing(cycle, each, now) for each in found.items]


def _missing(cycle: Cycle, seat: MissingSeat, now: datetime) -> Missing:
    due_at = cycle.due_at(seat.level)
    late = is_late(due_at, None, now)
    return Missing(
        seat_id=seat.id,
        superior_seat_id=seat.superior_seat_id,
        person_id=seat.holder_id,
        name=seat.name,
        level=seat.level,
        state=seat.state,
        due_at=due_at,
        is_late=late,
        late_seconds=int((now - due_at).total_seconds()) if due_at and late else None,
    )


async def progress_of(
    tx: Questions, viewer: Viewer, cycle_id: UUID, seat_id: UUID | None, now: datetime
) -> tuple[Cycle, dict[int, Progress]]:
    """Return how far each level has come: in the whole part below a seat, or of all that the viewer may see.

    Who sees a seat is told how many below it are missing, also where (as the head of a unit) they do not see who.
    """
    cycle = await open_cycle_of(tx, cycle_id)
    late_levels = cycle.late_levels(now)
    if seat_id is None:
        return cycle, await store.of_seen(tx, SeatScope(viewer, cycle.id), late_levels)
    seat = await seat_seen(tx, viewer, cycle.id, seat_id)
    return cycle, await store.of_part_below(tx, seat.id, late_levels)
