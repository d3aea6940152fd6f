"""Looking back: what each seat has handed in, what stood at an instant, what moved between two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions
from servicekit.values.money import round_money
from services.forecast.cycles.actions import seat_seen
from services.forecast.cycles.rules.definition import Category, Cycle
from services.forecast.cycles.store.seats import Seat, SeatScope
from services.forecast.history.rules.movement import Movement, Part, check_instants, moved
from services.forecast.history.store import moved as moves
from services.forecast.history.store import standing
from services.forecast.history.store.standing import HandedIn, Snapshot
from services.forecast.rollup.actions.viewing import figures_of
from services.forecast.rollup.actions.working import open_cycle_of
from services.forecast.rollup.rules.cells import plan_total
from services.forecast.rollup.store import submissions
from services.forecast.rollup.store.views import Figures


@dataclass(frozen=True, slots=True)
class Between:
    """Between which instants, and of which figure: that of one category, or the one that counts (None)."""

    from_at: datetime | None
    to_at: datetime | None
    category: Category | None


async def list_history(
    tx: Questions, viewer: Viewer, cycle_id: UUID, seat_id: UUID, window: Window
) -> tuple[Cycle, Slice[HandedIn], dict[UUID, Figures]]:
    """Return a page of what a seat has handed in, each with its figures, which never change."""
    cycle = await open_cycle_of(tx, cycle_id)
    seat = await seat_seen(tx, viewer, cycle.id, seat_id)
    found = await standing.list_handed_in(tx, seat.id, window)
    return cycle, found, await _figures(tx, cycle, [each.id for each in found.items])


async def list_snapshots(
    tx: Questions, viewer: Viewer, cycle_id: UUID, window: Window, filters: Mapping[str, Any], *, as_of: datetime
) -> tuple[Cycle, Slice[Snapshot], dict[UUID, Figures]]:
    """Return a page of the seats that the viewer may see, with what stood on each at an instant."""
    cycle = await open_cycle_of(tx, cycle_id)
    found = await standing.list_snapshots(tx, SeatScope(viewer, cycle.id), window, filters, as_of)
    return cycle, found, await _figures(tx, cycle, [each.forecast_id for each in found.items if each.forecast_id])


async def _figures(tx: Questions, cycle: Cycle, forecast_ids: Sequence[UUID]) -> dict[UUID, Figures]:
    totals = await submissions.totals_of(tx, forecast_ids)
    return {forecast_id: figures_of(cycle, by_category) for forecast_id, by_category in totals.items()}


async def movement(
    tx: Questions, viewer: Viewer, cycle_id: UUID, seat_id: UUID, between: Between, *, now: datetime
) -> tuple[Cycle, Seat, Movement]:
    """Return what moved in a seat's forecast between what stood at two instants, by cause.

    From the opening of the cycle (when nothing stood), and up to now, unless other instants are named.

    Raises:
        InstantsNotInOrder: they are not, or the later one has not come yet.
    """
    cycle = await open_cycle_of(tx, cycle_id)
    seat = await seat_seen(tx, viewer, cycle.id, seat_id)
    from_at, to_at = between.from_at or cycle.opened_at or now, between.to_at or now
    check_instants(from_at, to_at, now)
    before_id = await standing.stood_at(tx, seat.id, from_at)
    after_id = await standing.stood_at(tx, seat.id, to_at)
    categories = (between.category,) if between.category else cycle.plan
    totals = await submissions.totals_of(tx, [each for each in (before_id, after_id) if each])
    opening, closing = (
        plan_total(totals.get(each, {}) if each else {}, categories).result for each in (before_id, after_id)
    )
    causes = await moves.by_cause(tx, cycle.id, before_id, after_id, categories=categories, to_at=to_at)
    opening, closing, parts = moved(opening, closing, causes)
    shown = [Part(part.cause, _shown(part.amount, cycle), part.count) for part in parts]
    return cycle, seat, Movement(from_at, to_at, cycle.currency, _shown(opening, cycle), _shown(closing, cycle), shown)


def _shown(amount: Decimal, cycle: Cycle) -> Decimal:
    """Return an amount with the decimals of the currency; none is rounded by that."""
    return round_money(amount, cycle.currency)
