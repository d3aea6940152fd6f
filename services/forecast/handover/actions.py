"""An ERP answers a plan, as a whole or by line; who has not answered is told again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from orgchart.viewer import ADMIN, PRODUCTION_PLANNER, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from services.forecast import events
from services.forecast.demand_plan import store as plans
from services.forecast.handover import rules
from services.forecast.handover.rules import Said, Tally, Verdict
from services.forecast.handover.store import answers, handovers, telling
from services.forecast.handover.store.handovers import Handover, Taken
from services.forecast.handover.store.telling import Due

AT_ONCE = 200
"""How many hand-overs one transaction ends or tells of."""


async def acknowledge(
    tx: Writing, viewer: Viewer, plan_id: UUID, reference: str | None, first_pause: timedelta
) -> Taken:
    """Acknowledge every line of a version that the ERP has not answered yet; what it rejected stays rejected."""
    handover = await _own(tx, viewer, plan_id, first_pause)
    said = Said(Verdict.ACKNOWLEDGED, reference=reference)
    told = [(line_id, said) for line_id in await answers.unanswered(tx, handover)]
    return await _take(tx, viewer, handover, told, {}, first_pause=first_pause, unchanged=handover.lines - len(told))


async def answer_lines(
    tx: Writing, viewer: Viewer, plan_id: UUID, given: Sequence[tuple[UUID, Said]], first_pause: timedelta
) -> Taken:
    """Acknowledge and reject lines of a version, all of them or none; another answer to a line supersedes the last."""
    handover = await _own(tx, viewer, plan_id, first_pause)
    line_ids = [line_id for line_id, _ in given]
    rules.check_answers(given, await answers.known_lines(tx, plan_id, line_ids))
    present = await answers.present(tx, handover.id, line_ids)
    told = rules.news(given, present)
    return await _take(tx, viewer, handover, told, present, first_pause=first_pause, unchanged=len(given) - len(told))


async def _own(tx: Writing, viewer: Viewer, plan_id: UUID, first_pause: timedelta) -> Handover:
    """Return the ERP's hand-over of a plan, locked; it may answer before anybody has opened one."""
    plan = await plans.get(tx, viewer, plan_id)
    if not viewer.is_machine or viewer.person_id is None:
        raise rules.MayNotAcknowledge
    await telling.open_for(tx, plan.id, viewer.person_id, first_pause)
    return await handovers.lock(tx, plan.id, viewer.person_id)


async def _take(
    tx: Writing,
    viewer: Viewer,
    handover: Handover,
    told: Sequence[tuple[UUID, Said]],
    present: Mapping[UUID, Said],
    *,
    first_pause: timedelta,
    unchanged: int,
) -> Taken:
    """Write answers that are new; an ERP that is still waited for has a whole pause again, for it is at it."""
    if told:
        tally = rules.counted(handover.tally, told, present)
        is_waited_for = handover.tell_at is not None and tally.state in rules.WAITING
        tell_at = rules.next_telling(handover.told, tx.now, first_pause) if is_waited_for else None
        await answers.append(tx, handover, told)
        await handovers.note(tx, handover, tally, handover.answers + len(told), tell_at)
        _publish_answers(tx, handover, told, tally)
    return Taken(await handovers.get(tx, viewer, handover.id), len(told), unchanged)


def _publish_answers(tx: Writing, handover: Handover, told: Sequence[tuple[UUID, Said]], tally: Tally) -> None:
    """Tell of lines that are rejected, with how many for which reason, and of the last line's answer."""
    plan = events.named_plan(handover.plan_id, handover.cycle_id, handover.number, handover.lines)
    whose = {"handover_id": str(handover.id), "receiver_id": str(handover.receiver_id)}
    reasons = rules.reasons_of(told)
    if reasons:
        counts = {"rejected_lines": tally.rejected, "newly_rejected": reasons}
        tx.publish(events.PLAN_LINES_REJECTED, handover.plan_id, plan | whose | counts)
    if tally.state not in rules.WAITING and handover.tally.state in rules.WAITING:
        counted = {"acknowledged_lines": tally.acknowledged, "rejected_lines": tally.rejected}
        tx.publish(events.PLAN_ANSWERED, handover.plan_id, plan | whose | counted)


async def open_missing(tx: Writing, today: date, first_pause: timedelta) -> int:
    """Open a hand-over of each latest version to each ERP that may acknowledge plans; return how many."""
    wanted = await telling.missing(tx, today, tx.now)
    await telling.open_all(tx, wanted, first_pause)
    return len(wanted)


async def end_over(tx: Writing, today: date) -> int:
    """Wait no longer for answers to versions that are superseded or past, or of ERPs that may not answer any more."""
    over = await telling.take_over(tx, today, AT_ONCE)
    await telling.end(tx, over)
    return len(over)


async def tell_due(tx: Writing, first_pause: timedelta) -> int:
    """Tell ERPs again of versions that they have not answered, each time as an event of its own; return how many."""
    due = await telling.take_due(tx, AT_ONCE)
    for one in due:
        tx.publish(events.PLAN_TOLD_AGAIN, one.plan_id, _reminder(one))
    await telling.note_told(tx, [(one.id, rules.next_telling(one.told + 1, tx.now, first_pause)) for one in due])
    return len(due)


async def tell_now(tx: Writing, viewer: Viewer, handover_id: UUID, first_pause: timedelta) -> Handover:
    """Tell an ERP at once of what is open or rejected: somebody has set right what it could not take in."""
    seen = await handovers.get(tx, viewer, handover_id)
    if not viewer.has_role(PRODUCTION_PLANNER, SALES_OPERATIONS, ADMIN):
        raise rules.MayNotTellAgain
    one = await handovers.lock(tx, seen.plan_id, seen.receiver_id)
    rules.check_worth_telling(one.tally, is_over=one.ending is not None or one.superseded_by is not None)
    tx.publish(events.PLAN_TOLD_AGAIN, one.plan_id, _reminder(one))
    next_at = rules.next_telling(one.told + 1, tx.now, first_pause) if one.tell_at else None
    await telling.note_told(tx, [(one.id, next_at)])
    return await handovers.get(tx, viewer, handover_id)


def _reminder(one: Due | Handover) -> dict[str, Any]:
    return events.named_plan(one.plan_id, one.cycle_id, one.number, one.lines) | {
        "handover_id": str(one.id),
        "receiver_id": str(one.receiver_id),
        "told": one.told + 1,
        "open_lines": one.tally.open,
        "rejected_lines": one.rejected,
        "open_since": one.opened_at.isoformat(),
    }
