"""The track of several periods: of a seat's person, or of the whole line to who sees it whole."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.tracking import Track, point_of
from services.forecast.accuracy.store import track
from services.forecast.cycles.actions import seat_chosen
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.rollup.actions.working import open_cycle_of


@dataclass(frozen=True, slots=True)
class AskedTrack:
    """Who asks, up to which cycle, of whose seat (None: the whole line to who sees all, else their own), how long."""

    viewer: Viewer
    cycle_id: UUID
    seat_id: UUID | None
    periods: int
    today: date
    zone: str


async def read_track(tx: Questions, asked: AskedTrack) -> Track:
    """Return the periods up to a cycle's; in each the frozen line of its own cycle decides whether it is shown.

    Raises:
        NoSeat: who sees not all has no seat in the cycle, and named none.
    """
    cycle = await open_cycle_of(tx, asked.cycle_id)
    scope = SeatScope(asked.viewer, cycle.id)
    is_whole = asked.seat_id is None and scope.sees_all
    seat = None if is_whole else await seat_chosen(tx, asked.viewer, cycle, asked.seat_id)
    person_id = seat.person_id if seat else None
    cycles = await track.cycles_of(tx, cycle, person_id, asked.periods)
    results = await track.results_in(tx, scope, cycles, person_id, asked.zone)
    points = [point_of(each, results[each.id], asked.today) for each in cycles if each.id in results]
    return Track(cycle, seat.id if seat else None, seat.name if seat else None, points)
