"""What is done about duties: giving them to somebody, noting them as done, taking either back."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.opportunity.checklist import rules, store
from services.opportunity.checklist.rules import Duty
from services.opportunity.checklist.store import Assignment, Checklist
from services.opportunity.definitions.rules import Definition, stage_of_duty
from services.opportunity.definitions.store import definition_of
from services.opportunity.funnel import store as funnel
from services.opportunity.funnel.rules.refusals import DutyByRequest
from services.opportunity.funnel.store import CriterionDone
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import standings
from services.opportunity.opportunities.rules.standing import check_may_edit
from services.opportunity.opportunities.store import Seen
from services.opportunity.sales_team.actions import present_members
from services.opportunity.vocabulary import State


async def read_checklist(tx: Questions, viewer: Viewer, opportunity_id: UUID, zone: ZoneInfo) -> Checklist:
    """Return the checklist of an opportunity that the viewer may see."""
    seen = await opportunities.get(tx, viewer, opportunity_id)
    definition = await definition_of(tx, seen.funnel_version)
    done = await funnel.criteria_done(tx, viewer, opportunity_id, definition, zone)
    given = await store.assignments_of(tx, viewer, opportunity_id)
    duties = [
        Duty(
            criterion=duty.key,
            title=duty.title,
            kind=duty.kind,
            stage=stage.key,
            required=duty.is_exit_criterion,
            done_on=done[duty.key].done_on if duty.key in done else None,
            owner_id=given[duty.key].owner_id if duty.key in given else None,
            due_on=given[duty.key].due_on if duty.key in given else None,
        )
        for stage in definition.stages
        for duty in stage.checklist
    ]
    return Checklist(seen, definition, duties, done)


async def _to_edit(tx: Writing, viewer: Viewer, opportunity_id: UUID, criterion: str) -> tuple[Seen, Definition]:
    """Return the opportunity, locked, and its funnel, which has the duty."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_edit(standings(viewer, seen))
    definition = await definition_of(tx, seen.funnel_version)
    stage_of_duty(definition, criterion)
    return seen, definition


async def _to_note(tx: Writing, viewer: Viewer, opportunity_id: UUID, criterion: str) -> None:
    """Look whether somebody's word says that this duty is done."""
    _, definition = await _to_edit(tx, viewer, opportunity_id, criterion)
    if criterion in definition.done_by_request:
        raise DutyByRequest(criterion, opportunity_id)


async def mark_criterion(
    tx: Writing, viewer: Viewer, opportunity_id: UUID, done: CriterionDone, *, today: date
) -> None:
    """Note that a duty of the checklist is done."""
    await _to_note(tx, viewer, opportunity_id, done.criterion)
    rules.check_done_on(done.done_on, today)
    await funnel.mark(tx, new_id(), opportunity_id, done)
    await opportunities.settle_duties(tx, opportunity_id, [done.criterion], is_done=True)


async def unmark_criterion(tx: Writing, viewer: Viewer, opportunity_id: UUID, criterion: str) -> None:
    """Take back that a duty is done."""
    await _to_note(tx, viewer, opportunity_id, criterion)
    await funnel.unmark(tx, opportunity_id, criterion)
    await opportunities.settle_duties(tx, opportunity_id, [criterion], is_done=False)


async def assign_duty(
    tx: Writing,
    viewer: Viewer,
    opportunity_id: UUID,
    criterion: str,
    *,
    owner_id: UUID | None,
    due_on: date | None,
    today: date,
) -> None:
    """Let somebody see to a duty, perhaps until a day; None: the principal owner."""
    seen, definition = await _to_edit(tx, viewer, opportunity_id, criterion)
    owner = owner_id or seen.principal_id
    team = await present_members(tx, viewer, opportunity_id)
    done = await funnel.duties_done(tx, viewer, opportunity_id, definition)
    rules.check_still_to_do(State(seen.state), is_done=criterion in done)
    rules.check_owner(owner, seen.principal_id, seen.principal_path, {UUID(one["person_id"]) for one in team})
    rules.check_due_on(due_on, today)
    given = Assignment(
        new_id(), opportunity_id, criterion, definition.stage_of[criterion], owner, due_on, tx.now, viewer.person_id
    )
    await store.assign(tx, given)


async def withdraw_duty(tx: Writing, viewer: Viewer, opportunity_id: UUID, criterion: str) -> None:
    """Leave a duty to the principal owner again, without a last day."""
    await _to_edit(tx, viewer, opportunity_id, criterion)
    await store.withdraw(tx, opportunity_id, criterion)
