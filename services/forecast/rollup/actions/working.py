"""What the holder of a seat does: gather what lies below, adjust it, submit the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible, RuleViolated
from servicekit.values.ids import new_id
from services.forecast import events
from services.forecast.confirmation.actions.following import enter_won
from services.forecast.confirmation.rules.confirming import ProductUnknown
from services.forecast.confirmation.rules.lines import Item, check_quantity, first_of_month
from services.forecast.confirmation.store import known
from services.forecast.cycles.actions import seat_chosen
from services.forecast.cycles.rules import definition
from services.forecast.cycles.rules.definition import Category, Cycle, CycleState
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.seats import Seat
from services.forecast.rollup.actions.contents import contents_of
from services.forecast.rollup.actions.sums import sums_of
from services.forecast.rollup.rules import adjustments, states
from services.forecast.rollup.rules.adjustments import Mode
from services.forecast.rollup.rules.states import Record, RecordState
from services.forecast.rollup.store import records, submissions
from services.forecast.rollup.store.submissions import Submission


class NothingBelow(RuleViolated):
    """A seat without direct reports has only its own confirmations, which are changed by confirming again."""

    code = "nothing_below"

    def __init__(self) -> None:
        super().__init__("Only what comes from below is adjusted; what is your own, confirm again.")


class NotAReport(RuleViolated):
    """The adjustment names somebody who does not report to the seat."""

    code = "not_a_report"


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """Where an adjustment belongs that has no line below."""

    product_id: UUID | None
    product_line_id: UUID | None
    month: date
    place: str
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A revision of what came from below, as the superior states it; one per category, report and line is in force."""

    mode: Mode
    value: Decimal
    category: Category | None
    report_id: UUID | None
    line: StatedPlace | None
    reason: str


async def open_cycle_of(tx: Questions, cycle_id: UUID) -> Cycle:
    """Return an open cycle, or refuse."""
    cycle = await definitions.get(tx, cycle_id)
    definition.check_open(CycleState(cycle.state))
    return cycle


async def seat_and_record(tx: Questions, viewer: Viewer, forecast_id: UUID) -> tuple[Seat, Record]:
    """Return a record that the viewer may see, with its seat, or raise `NotVisible`."""
    record = await records.get(tx, forecast_id)
    seat = await seats.find_visible(tx, viewer, record.cycle_id, record.seat_id)
    if seat is None:
        raise NotVisible("forecast", forecast_id)
    return seat, record


async def gather(tx: Writing, viewer: Viewer, cycle_id: UUID, seat_id: UUID | None) -> Record:
    """Begin or refresh the seat's draft: hold what the direct reports have submitted and what still is true.

    What was submitted before stands until the draft is submitted; if it holds no more, it is superseded now.
    """
    cycle = await open_cycle_of(tx, cycle_id)
    seat, reports = await seats.lock_with_reports(tx, await seat_chosen(tx, viewer, cycle, seat_id))
    states.check_holder(_acting(viewer), seat.holder_id)
    await enter_won(tx, cycle, seat.holder_id)
    handed_in = await records.get(tx, seat.handed_in_id) if seat.handed_in_id else None
    states.check_revisable(RecordState(handed_in.state) if handed_in else None, is_stale=seat.is_stale)
    if handed_in is not None and seat.is_stale:
        await records.set_state(tx, handed_in.id, RecordState.SUPERSEDED)
        handed_in = None
    draft = await records.get(tx, seat.draft_id) if seat.draft_id else await _revise(tx, seat)
    await records.gather(tx, draft.id, _gatherable(reports))
    standing = (draft.id, handed_in.id if handed_in else None)
    if standing != (seat.draft_id, seat.handed_in_id):
        await seats.set_records(tx, seat.id, draft=standing[0], handed_in=standing[1])
    if seat.is_stale:
        await seats.set_fresh(tx, seat.id)
    return draft


async def _revise(tx: Writing, seat: Seat) -> Record:
    """Write the next revision; the adjustments of the one before stay in force, to be confirmed where they changed."""
    latest = await records.find_latest(tx, seat.id)
    draft = Record(
        id=new_id(),
        cycle_id=seat.cycle_id,
        seat_id=seat.id,
        revision=latest.revision + 1 if latest else 1,
        state=RecordState.DRAFT,
        gathered_at=tx.now,
        submitted_at=None,
    )
    await records.append(tx, draft)
    if latest is not None:
        await records.carry_over(tx, draft.id, await records.adjustments_in(tx, latest.id))
    return draft


def _gatherable(reports: Sequence[Seat]) -> dict[UUID, UUID]:
    return {each.id: each.handed_in_id for each in reports if each.handed_in_id is not None and not each.is_stale}


async def _lock_draft(tx: Writing, viewer: Viewer, forecast_id: UUID, *, with_line: bool) -> tuple[Seat, Record]:
    seat, record = await seat_and_record(tx, viewer, forecast_id)
    seat = await seats.lock_with_line(tx, seat) if with_line else (await seats.lock(tx, [seat.id]))[seat.id]
    states.check_holder(_acting(viewer), seat.holder_id)
    return seat, await records.get(tx, record.id)


NAMED = ("product_id", "product_line_id", "month", "place")
"""What tells the lines apart that adjustments name; one that names none has none of these."""


async def adjust(tx: Writing, viewer: Viewer, forecast_id: UUID, judged: Judgement) -> Record:
    """Revise what came from below; it takes the place of an earlier judgement on the same category, report and line."""
    seat, record = await _lock_draft(tx, viewer, forecast_id, with_line=False)
    states.check_adjustable(RecordState(record.state), is_stale=seat.is_stale)
    cycle = await definitions.get(tx, record.cycle_id)
    adjustments.check_value(judged.mode, judged.value, judged.category, cycle.scale)
    report_seat_id = await _report_seat(tx, seat, judged.report_id)
    named = await _named(tx, judged.line, is_by_week=cycle.is_by_week)
    line = [named[name] for name in NAMED]
    for former in await records.adjustments_in(tx, record.id):
        is_same_line = [getattr(former, name) for name in NAMED] == line
        if is_same_line and (former.category, former.report_seat_id) == (judged.category, report_seat_id):
            await records.withdraw(tx, record.id, former.id)
    values: dict[str, Any] = {
        "id": new_id(),
        "forecast_id": record.id,
        "mode": judged.mode.value,
        "value": judged.value,
        "category": judged.category.value if judged.category else None,
        "report_seat_id": report_seat_id,
        "amount": None,
        **named,
        "reason": judged.reason,
        "made_by": viewer.person_id,
        "at": tx.now,
    }
    await _put_in_force(tx, cycle, record, values)
    return record


async def _put_in_force(tx: Writing, cycle: Cycle, record: Record, values: dict[str, Any]) -> None:
    """Write an adjustment with the figure that it judges, or refuse it where it cannot be carried out."""
    trial = records.MadeAdjustment(**{k: v for k, v in values.items() if k != "forecast_id"}, base=Decimal(0))
    before = await sums_of(tx, cycle, record)
    rules = [*(each.as_rule() for each in before.made), trial.as_rule()]
    outcome = adjustments.applied(rules, before.gathered, cycle.plan, cycle.scale)[-1]
    adjustments.check_possible(outcome, before.gathered, cycle.plan)
    amount = outcome.delta if values["month"] is not None else None
    await records.adjust(tx, values | {"amount": amount}, outcome.base)


async def _report_seat(tx: Questions, seat: Seat, report_id: UUID | None) -> UUID | None:
    reports = await seats.reports_of(tx, seat.id)
    if not reports:
        raise NothingBelow
    if report_id is None:
        return None
    for report in reports:
        if report_id in (report.holder_id, report.person_id):
            return report.id
    raise NotAReport("Name a direct report of the seat.", field="/report_id")


async def _named(tx: Questions, line: StatedPlace | None, *, is_by_week: bool) -> Mapping[str, Any]:
    if line is None:
        names = ("product_id", "product_line_id", "unit", "month", "place", "quantity")
        return dict.fromkeys(names) | {"unit_is_whole": False, "is_by_week": False}
    item = Item(None, line.product_line_id, None, unit_is_whole=False)
    if line.product_id is not None:
        products = await known.products(tx, [line.product_id])
        if line.product_id not in products:
            raise ProductUnknown("The catalogue has no such product.", field="/line/product_id")
        item = products[line.product_id].item
    check_quantity(item, line.quantity, "/line/quantity")
    return {
        "product_id": item.product_id,
        "product_line_id": item.product_line_id,
        "unit": item.unit,
        "unit_is_whole": item.unit_is_whole,
        "month": first_of_month(line.month),
        "place": line.place,
        "is_by_week": is_by_week,
        "quantity": line.quantity,
    }


async def confirm_adjustment(tx: Writing, viewer: Viewer, forecast_id: UUID, adjustment_id: UUID) -> Record:
    """Say that an adjustment still holds, now that what lies below has changed."""
    seat, record = await _lock_draft(tx, viewer, forecast_id, with_line=False)
    states.check_adjustable(RecordState(record.state), is_stale=seat.is_stale)
    cycle = await definitions.get(tx, record.cycle_id)
    found = await sums_of(tx, cycle, record)
    outcome = next((each for each in found.applied if each.adjustment.id == adjustment_id), None)
    if outcome is None:
        raise NotVisible("adjustment", adjustment_id)
    adjustments.check_possible(outcome, found.gathered, cycle.plan)
    await records.judge(tx, record.id, adjustment_id, outcome.base)
    return record


async def withdraw_adjustment(tx: Writing, viewer: Viewer, forecast_id: UUID, adjustment_id: UUID) -> Record:
    """Take an adjustment back while the record is a draft; that it was made is kept."""
    seat, record = await _lock_draft(tx, viewer, forecast_id, with_line=False)
    states.check_adjustable(RecordState(record.state), is_stale=seat.is_stale)
    if not await records.withdraw(tx, record.id, adjustment_id):
        raise NotVisible("adjustment", adjustment_id)
    return record


async def submit(tx: Writing, viewer: Viewer, forecast_id: UUID) -> Record:
    """Hand the draft in: what it holds is written once and never changes; it supersedes the submission before."""
    seat, record = await _lock_draft(tx, viewer, forecast_id, with_line=True)
    states.check_submittable(RecordState(record.state), is_stale=seat.is_stale)
    cycle = await definitions.get(tx, record.cycle_id)
    contents = await contents_of(tx, cycle, record)
    adjustments.check_settled(contents.applied)
    handed_in = Submission(
        forecast_id=record.id,
        parts=contents.parts,
        delivered_to=contents.delivered_to,
        adjustments=contents.applied,
        own=contents.own,
    )
    await submissions.append(tx, handed_in, viewer.person_id, viewer.on_behalf_of)
    if seat.handed_in_id is not None:
        await records.set_state(tx, seat.handed_in_id, RecordState.SUPERSEDED)
        await unsettle_above(tx, seat, "a forecast below was submitted again")
    await records.set_state(tx, record.id, RecordState.SUBMITTED, submitted_at=tx.now)
    await seats.set_records(tx, seat.id, draft=None, handed_in=record.id)
    tx.publish(events.SUBMITTED, record.id, told_of(record))
    return await records.get(tx, record.id)


async def unsettle_above(tx: Writing, seat: Seat, reason: str) -> None:
    """Mark what stands above stale, up to the top, if the superior has gathered what the seat had handed in."""
    if seat.superior_seat_id is None or seat.handed_in_id is None:
        return
    superior = (await seats.by_ids(tx, [seat.superior_seat_id]))[seat.superior_seat_id]
    for forecast_id in (superior.draft_id, superior.handed_in_id):
        if forecast_id and seat.handed_in_id in (await records.gathered_by(tx, forecast_id)).values():
            await seats.mark_stale(tx, seat.line[1:], reason)
            return


def told_of(record: Record) -> dict[str, Any]:
    """Return what an event says of a record."""
    return {
        "forecast_id": str(record.id),
        "cycle_id": str(record.cycle_id),
        "seat_id": str(record.seat_id),
        "revision": record.revision,
    }


def _acting(viewer: Viewer) -> UUID:
    acting = viewer.acts_as
    if acting is None:
        raise states.NotYourRecord("Only who holds the seat gathers, adjusts and submits its forecast.")
    return acting
