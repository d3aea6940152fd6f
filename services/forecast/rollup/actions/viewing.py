"""Looking at records: one with all that it rests on, and the roll-up of a cycle.

Only its holder sees the figures of a draft.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions
from servicekit.values.money import round_money
from services.forecast.cycles.rules.definition import COUNTED, Category, Cycle, CycleState, check_open, is_late
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.seats import Seat, SeatScope
from services.forecast.rollup.actions.contents import Totals
from services.forecast.rollup.actions.sums import gathered_totals, sums_of
from services.forecast.rollup.actions.working import open_cycle_of, seat_and_record
from services.forecast.rollup.rules.cells import Total, plan_total
from services.forecast.rollup.rules.states import Record, RecordState, ShownState, shown_state
from services.forecast.rollup.store import progress, records, submissions, tops
from services.forecast.rollup.store.progress import Progress
from services.forecast.rollup.store.records import MadeAdjustment
from services.forecast.rollup.store.views import (
    AdjustmentView,
    CategoryFigures,
    Figures,
    LevelView,
    RecordView,
    ReportView,
)


def figures_of(cycle: Cycle, totals: Mapping[Category, Total]) -> Figures:
    """Return the figures that totals by category come to."""
    plan = plan_total(totals, cycle.plan)
    by_category = [
        CategoryFigures(category, *_shown(totals.get(category, Total()), cycle.currency)) for category in COUNTED
    ]
    own, gathered, adjustment, result = _shown(plan, cycle.currency)
    return Figures(own, gathered, adjustment, result, by_category)


def _shown(total: Total, currency: str) -> list[Decimal]:
    """Return own, gathered, adjustment and result with the decimals of the currency; none is rounded by that."""
    return [round_money(each, currency) for each in (total.own, total.gathered, total.adjustment, total.result)]


async def view(tx: Questions, viewer: Viewer, forecast_id: UUID, now: datetime) -> RecordView:
    """Return a record that the viewer may see."""
    seat, record = await seat_and_record(tx, viewer, forecast_id)
    cycle = await definitions.get(tx, record.cycle_id)
    below = await gathered_totals(tx, record)
    figures, adjustments = await _contents(tx, viewer, cycle, seat, record=record, below=below)
    due_at = cycle.due_at(seat.level)
    return RecordView(
        id=record.id,
        cycle_id=record.cycle_id,
        seat_id=record.seat_id,
        person_id=seat.holder_id,
        name=seat.name,
        level=seat.level,
        revision=record.revision,
        state=_state_of(seat, record),
        stale_reason=seat.stale_reason,
        currency=cycle.currency,
        figures=figures,
        reports=await _reports(tx, cycle, record, below, now),
        adjustments=adjustments,
        decisions=await records.decisions_on(tx, record.id),
        gathered_at=record.gathered_at,
        submitted_at=record.submitted_at,
        due_at=due_at,
        is_late=is_late(due_at, record.handed_in_at, now),
    )


def _state_of(seat: Seat, record: Record | None) -> ShownState:
    """Return how a record is shown; what a later revision has taken the place of is no longer stale, but past."""
    state = RecordState(record.state) if record else None
    counts = record is not None and record.id in (seat.draft_id, seat.handed_in_id)
    return shown_state(state, is_stale=seat.is_stale and counts)


async def _contents(
    tx: Questions, viewer: Viewer, cycle: Cycle, seat: Seat, *, record: Record, below: Mapping[UUID, Totals]
) -> tuple[Figures | None, list[AdjustmentView]]:
    if record.state == RecordState.DRAFT:
        if viewer.acts_as != seat.holder_id:
            return None, []
        found = await sums_of(tx, cycle, record, below)
        views = [
            _adjustment(
                made,
                outcome.base,
                outcome.delta,
                cycle.currency,
                is_flagged=outcome.is_flagged,
                needs_figure=outcome.needs_figure,
            )
            for made, outcome in zip(found.made, found.applied, strict=True)
        ]
        return figures_of(cycle, found.totals), views
    totals = await submissions.totals_of(tx, [record.id])
    applied = await submissions.applied_in(tx, record.id)
    views = [
        _adjustment(made, *applied[made.id], cycle.currency, is_flagged=False, needs_figure=False)
        for made in await records.adjustments_in(tx, record.id)
        if made.id in applied
    ]
    return figures_of(cycle, totals[record.id]), views


def _adjustment(
    made: MadeAdjustment, base: Decimal, delta: Decimal, currency: str, *, is_flagged: bool, needs_figure: bool
) -> AdjustmentView:
    return AdjustmentView(
        id=made.id,
        mode=made.mode,
        value=made.value,
        category=made.category,
        report_seat_id=made.report_seat_id,
        reason=made.reason,
        made_by=made.made_by,
        at=made.at,
        base=round_money(base, currency),
        delta=round_money(delta, currency),
        result=round_money(base + delta, currency),
        is_flagged=is_flagged,
        needs_figure=needs_figure,
    )


async def _reports(
    tx: Questions, cycle: Cycle, record: Record, below: Mapping[UUID, Totals], now: datetime
) -> list[ReportView]:
    reports = await seats.reports_of(tx, record.seat_id)
    if not reports:
        return []
    standing = await records.standing_on(tx, [report.id for report in reports])
    views = []
    for report in reports:
        latest, taken = standing.get(report.id), below.get(report.id)
        views.append(
            ReportView(
                seat_id=report.id,
                person_id=report.holder_id,
                name=report.name,
                level=report.level,
                state=_state_of(report, latest),
                is_gathered=taken is not None,
                is_late=is_late(cycle.due_at(report.level), latest.handed_in_at if latest else None, now),
                result=None if taken is None else round_money(plan_total(taken, cycle.plan).result, cycle.currency),
            )
        )
    return views


async def roll_up(tx: Questions, viewer: Viewer, cycle_id: UUID, now: datetime) -> tuple[Cycle, list[LevelView]]:
    """Return the roll-up of a cycle as far as the viewer may see it, from the top down."""
    cycle = await definitions.get(tx, cycle_id)
    check_open(CycleState(cycle.state))
    seen = await seats.visible(tx, viewer, cycle.id)
    return cycle, await levels_of(tx, viewer, cycle, _ordered(seen), now)


async def list_tops(
    tx: Questions, viewer: Viewer, cycle_id: UUID, window: Window, filters: Mapping[str, Any], *, now: datetime
) -> tuple[Slice[Seat], list[LevelView]]:
    """Return a page of the tops that the viewer may see, and how each stands."""
    cycle = await open_cycle_of(tx, cycle_id)
    found = await tops.list_tops(tx, SeatScope(viewer, cycle.id), window, filters)
    return found, await levels_of(tx, viewer, cycle, found.items, now)


async def levels_of(
    tx: Questions, viewer: Viewer, cycle: Cycle, chosen: Sequence[Seat], now: datetime
) -> list[LevelView]:
    """Return how some seats stand that the viewer may see, in their order."""
    standing = await records.standing_on(tx, [seat.id for seat in chosen])
    handed_in = [each.id for each in standing.values() if each.state != RecordState.DRAFT]
    totals = await submissions.totals_of(tx, handed_in)
    below = await progress.below(tx, cycle.id, _roots(chosen), cycle.late_levels(now))
    levels = []
    for seat in chosen:
        record = standing.get(seat.id)
        figures = await _figures(tx, viewer, cycle, seat, record=record, totals=totals)
        part = below.get(seat.id, Progress())
        levels.append(_level(cycle, seat, record, figures=figures, below=part, now=now))
    return levels


def _roots(seen: Sequence[Seat]) -> list[UUID]:
    """Return the seats that have others below and nobody of these above."""
    ids = {seat.id for seat in seen}
    return [seat.id for seat in seen if seat.level > 1 and seat.superior_seat_id not in ids]


async def _figures(
    tx: Questions,
    viewer: Viewer,
    cycle: Cycle,
    seat: Seat,
    *,
    record: Record | None,
    totals: Mapping[UUID, Mapping[Category, Total]],
) -> Figures | None:
    if record is None or _state_of(seat, record) is ShownState.MISSING:
        return None
    if record.state != RecordState.DRAFT:
        return figures_of(cycle, totals[record.id])
    if seat.holder_id == viewer.acts_as:
        return figures_of(cycle, (await sums_of(tx, cycle, record)).totals)
    return None


def _level(
    cycle: Cycle, seat: Seat, record: Record | None, *, figures: Figures | None, below: Progress, now: datetime
) -> LevelView:
    due_at = cycle.due_at(seat.level)
    return LevelView(
        seat_id=seat.id,
        superior_seat_id=seat.superior_seat_id,
        person_id=seat.holder_id,
        name=seat.name,
        level=seat.level,
        forecast_id=record.id if record else None,
        revision=record.revision if record else None,
        state=_state_of(seat, record),
        stale_reason=seat.stale_reason,
        currency=cycle.currency,
        figures=figures,
        submitted_at=record.submitted_at if record else None,
        due_at=due_at,
        is_late=is_late(due_at, record.handed_in_at if record else None, now),
        below=below,
    )


def _ordered(seen: Sequence[Seat]) -> list[Seat]:
    """Return the seats from the top down, everybody directly after those above them, by name."""
    below: dict[UUID | None, list[Seat]] = {}
    ids = {seat.id for seat in seen}
    for seat in sorted(seen, key=lambda each: (-each.level, each.name, each.id)):
        above = seat.superior_seat_id if seat.superior_seat_id in ids else None
        below.setdefault(above, []).append(seat)
    ordered: list[Seat] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        seat = waiting.pop()
        ordered.append(seat)
        waiting.extend(reversed(below.get(seat.id, [])))
    return ordered
