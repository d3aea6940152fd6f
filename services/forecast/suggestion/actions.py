"""Beginning a suggestion, and looking at what is suggested beside what is confirmed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions, Writing
from services.forecast.cycles.actions import check_operations
from services.forecast.cycles.rules.definition import Cycle, CycleState, check_open
from services.forecast.cycles.store import definitions
from services.forecast.suggestion.rules.periods import as_of_day, history_months
from services.forecast.suggestion.store import history, lines, suggestions
from services.forecast.suggestion.store.showing import Shown, shown
from services.forecast.suggestion.store.suggestions import Suggestion


async def check_may_suggest(tx: Questions, viewer: Viewer, cycle_id: UUID, today: date, as_of: date | None) -> date:
    """Return the day before which wins count, where figures of a cycle may be suggested.

    Raises:
        NotOperations, CycleNotOpen, SuggestedTooLate: they may not.
    """
    check_operations(viewer)
    cycle = await definitions.get(tx, cycle_id)
    check_open(CycleState(cycle.state))
    return as_of_day(cycle.period, today, as_of)


async def begin(tx: Writing, suggestion_id: UUID, cycle_id: UUID, as_of: date) -> None:
    """Keep that a job of that id makes a suggestion."""
    cycle = await definitions.get(tx, cycle_id)
    rates = await rates_of(tx, cycle)
    without_rate = await history.count_without_rate(tx, history_months(as_of), rates)
    begun = Suggestion(
        id=suggestion_id,
        cycle_id=cycle_id,
        as_of=as_of,
        asked_at=tx.now,
        asked_by=tx.actor.person_id,
        on_behalf_of=tx.actor.on_behalf_of,
        without_rate=without_rate,
        finished_at=None,
    )
    await suggestions.append(tx, begun)


async def rates_of(tx: Questions, cycle: Cycle) -> dict[str, Decimal]:
    """Return the rates into a cycle's currency that were frozen with it, its own among them."""
    return await definitions.rates_by_currency(tx, cycle.id) | {cycle.currency: Decimal(1)}


async def list_shown(
    tx: Questions, viewer: Viewer, cycle_id: UUID, window: Window, filters: Mapping[str, Any]
) -> Slice[Shown]:
    """Return a page of the figures of a suggestion (the latest finished one) of the seats that the viewer sees."""
    cycle = await definitions.get(tx, cycle_id)
    chosen = dict(filters)
    wanted: UUID | None = chosen.pop("suggestion_id", None)
    of = await suggestions.get(tx, wanted) if wanted else await suggestions.latest(tx, cycle.id)
    if of is None or of.cycle_id != cycle.id or of.finished_at is None:
        return Slice([], None, 0 if window.with_total else None)
    page = await suggestions.list_figures(tx, viewer, of, window, chosen)
    own = {figure.seat_id for figure in page.items if figure.scope == "own"}
    confirmed = await lines.confirmed_on(tx, sorted(own), cycle.plan_categories) if own else {}
    items = [shown(cycle, of, figure, confirmed) for figure in page.items]
    return Slice(items, page.position, page.total)
