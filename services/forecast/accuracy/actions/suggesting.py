"""What own past bias suggests for the figures of a cycle: beside them, never in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.suggesting import Figure, PastPeriod, suggestion
from services.forecast.accuracy.store import past
from services.forecast.accuracy.store.suggested import SuggestedRevision
from services.forecast.cycles.rules.definition import Category, Cycle
from services.forecast.cycles.store.seats import Seat
from services.forecast.rollup.actions.sums import sums_of
from services.forecast.rollup.rules.cells import Total, plan_total
from services.forecast.rollup.store import records, submissions


@dataclass(frozen=True, slots=True)
class _Standing:
    """A record whose figures may be shown, and what it adds up to by category."""

    forecast_id: UUID
    totals: dict[Category, Total]


async def suggested(  # noqa: PLR0917 (who asks when, for which seats)
    tx: Questions, viewer: Viewer, cycle: Cycle, seats: Sequence[Seat], today: date, zone: str
) -> list[SuggestedRevision]:
    """Return what past bias makes of the figure that stands on each of some seats, all of which the viewer sees.

    The figure is that of the record handed in; to its holder, that of the draft in the making. Past periods are
    those of who holds the seat. Who sees the seat now sees the ratios of earlier periods, and none of their figures.
    """
    standing = await _standing(tx, viewer, cycle, seats)
    periods = await past.periods_of(tx, {seat.holder_id for seat in seats}, cycle, today, zone)
    return [_suggested(cycle, seat, standing.get(seat.id), periods[seat.holder_id]) for seat in seats]


async def _standing(tx: Questions, viewer: Viewer, cycle: Cycle, seats: Sequence[Seat]) -> dict[UUID, _Standing]:
    handed_in = {seat.id: seat.handed_in_id for seat in seats if seat.handed_in_id is not None}
    totals = await submissions.totals_of(tx, list(handed_in.values()))
    standing = {seat_id: _Standing(record_id, totals[record_id]) for seat_id, record_id in handed_in.items()}
    for seat in seats:
        if seat.draft_id is not None and seat.holder_id == viewer.acts_as:
            sums = await sums_of(tx, cycle, await records.get(tx, seat.draft_id))
            standing[seat.id] = _Standing(seat.draft_id, dict(sums.totals))
    return standing


def _suggested(
    cycle: Cycle, seat: Seat, standing: _Standing | None, periods: Sequence[PastPeriod]
) -> SuggestedRevision:
    figure = None
    if standing is not None:
        closed = standing.totals.get(Category.CLOSED, Total()).result
        figure = Figure(plan_total(standing.totals, cycle.plan).result, closed)
    found = suggestion(figure, periods, cycle.currency)
    off = None if figure is None or found.suggested is None else found.suggested - figure.amount
    return SuggestedRevision(
        id=seat.id,
        currency=cycle.currency,
        person_id=seat.holder_id,
        name=seat.name,
        superior_seat_id=seat.superior_seat_id,
        level=seat.level,
        forecast_id=standing.forecast_id if standing else None,
        figure=figure.amount if figure else None,
        closed=figure.closed if figure else None,
        suggested=found.suggested,
        difference=off,
        periods=found.past.count,
        wape=found.past.wape,
        bias=found.past.bias,
        reason=found.reason,
    )
