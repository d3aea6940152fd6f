"""Moving an opportunity through the funnel: stage changes, outcomes and reopenings."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.dates import business_date
from services.opportunity import events
from services.opportunity.definitions.actions import stage_named
from services.opportunity.definitions.rules import Definition, find_stage
from services.opportunity.definitions.store import definition_of
from services.opportunity.funnel import store
from services.opportunity.funnel.rules import moves
from services.opportunity.funnel.rules.moves import NO_OVERRIDE, Decision, Move, Outcome, Override
from services.opportunity.likelihood import Cause
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import end_manual_probability, may_operate, standings
from services.opportunity.opportunities.rules.standing import check_may_close, check_may_edit, check_may_override
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.opportunities.store.appending import StageChangeRow
from services.opportunity.vocabulary import State


async def change_stage(tx: Writing, viewer: Viewer, opportunity_id: UUID, move: Move) -> Opportunity:
    """Move an opportunity to another stage and append the move to its history."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    stands = standings(viewer, seen)
    check_may_edit(stands)
    if move.override_reason:
        check_may_override(stands, opportunity_id, move.to_stage, move.override_reason)
    definition = await definition_of(tx, seen.funnel_version)
    source, target = find_stage(definition, seen.stage), await stage_named(tx, definition, move.to_stage)
    passed_over = moves.check_move(
        definition,
        source,
        target,
        opportunity_id=opportunity_id,
        state=State(seen.state),
        done=await _done(tx, viewer, seen, definition, moves.missing_criteria(definition, source, target, ())),
        reason=move.reason,
        overridden=bool(move.override_reason),
    )
    at = moves.instant_of(move.at, tx.now, seen.placed_since, may_date_back=may_operate(viewer))
    after = replace(seen, stage=target.key, stage_probability=target.probability, stage_since=at, age_known=True)
    moved = await _write(
        tx,
        viewer,
        seen,
        after,
        reason=move.reason,
        override=Override(move.override_reason, passed_over),
        ends=Cause.STAGE_CHANGE if move.ends_manual_probability else None,
    )
    events.publish(tx, events.STAGE_CHANGED, moved, from_stage=seen.stage, at=at.isoformat())
    return moved


async def decide(tx: Writing, viewer: Viewer, opportunity_id: UUID, decision: Decision, zone: ZoneInfo) -> Opportunity:
    """Record that an opportunity was won or lost."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    stands = standings(viewer, seen)
    check_may_close(stands)
    definition = await definition_of(tx, seen.funnel_version)
    moves.check_outcome(decision.outcome, State(seen.state), decision.loss_reason, decision.win_reason)
    source = find_stage(definition, seen.stage)
    passed_over: list[str] = []
    if decision.outcome is Outcome.WON:
        if decision.override_reason:
            check_may_override(stands, opportunity_id, definition.close.key, decision.override_reason)
        asked_for = moves.missing_criteria(definition, source, definition.close, ())
        done = await _done(tx, viewer, seen, definition, asked_for)
        passed_over = moves.check_criteria(
            definition,
            source,
            definition.close,
            done,
            opportunity_id=opportunity_id,
            overridden=bool(decision.override_reason),
        )
    at = moves.instant_of(decision.decided_at, tx.now, seen.placed_since, may_date_back=may_operate(viewer))
    reached = moves.stage_after(definition, source, decision.outcome)
    after = replace(
        seen,
        stage=reached.key,
        stage_probability=reached.probability,
        state=decision.outcome.value,
        stage_since=at,
        age_known=True,
        stood_in=seen.stage,
        decided_on=business_date(at, zone),
        loss_reason=decision.loss_reason,
        win_reason=decision.win_reason,
        competitor_id=decision.competitor_id,
        contract_until=decision.contract_until,
    )
    moves.check_contract(State(after.state), after.decided_on, after.contract_until)
    decided = await _write(
        tx,
        viewer,
        seen,
        after,
        reason=decision.reason,
        override=Override(decision.override_reason, passed_over),
        ends=Cause.OUTCOME if decision.ends_manual_probability else None,
    )
    event = events.WON if decision.outcome is Outcome.WON else events.LOST
    events.publish(tx, event, decided, from_stage=seen.stage, at=at.isoformat())
    return decided


async def change_contract(tx: Writing, viewer: Viewer, opportunity_id: UUID, until: date | None) -> Opportunity:
    """Correct until when the contract runs that a won opportunity is; None where nobody knows.

    Raises:
        ContractWithoutWin: it is not won.
    """
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_close(standings(viewer, seen))
    moves.check_contract(State(seen.state), seen.decided_on, until)
    if until == seen.contract_until:
        return seen
    version = await opportunities.set_contract(tx, opportunity_id, until)
    changed = replace(seen, contract_until=until, version=version)
    events.publish(tx, events.UPDATED, changed)
    return changed


async def reopen(
    tx: Writing,
    viewer: Viewer,
    opportunity_id: UUID,
    to_stage: str,
    *,
    reason: str,
    ends_manual_probability: bool = False,
) -> Opportunity:
    """Take up again what was won or lost; what a person said of the chance to win holds again, unless it ends."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_close(standings(viewer, seen))
    definition = await definition_of(tx, seen.funnel_version)
    await stage_named(tx, definition, to_stage)
    target = moves.check_reopening(
        definition,
        find_stage(definition, seen.stood_in or seen.stage),
        to_stage,
        opportunity_id=opportunity_id,
        state=State(seen.state),
        done=await _done(tx, viewer, seen, definition, [to_stage]),
        reason=reason,
    )
    at = max(tx.now, seen.placed_since)
    after = replace(
        seen,
        stage=target.key,
        stage_probability=target.probability,
        state=State.OPEN.value,
        stage_since=at,
        stood_in=None,
        decided_on=None,
        loss_reason=None,
        win_reason=None,
        competitor_id=None,
        contract_until=None,
    )
    ends = Cause.REOPENING if ends_manual_probability else None
    reopened = await _write(tx, viewer, seen, after, reason=reason, ends=ends)
    events.publish(tx, events.REOPENED, reopened, from_state=seen.state, at=at.isoformat())
    return reopened


async def _done(
    tx: Writing, viewer: Viewer, seen: Opportunity, definition: Definition, asked_for: Collection[object]
) -> set[str]:
    if not asked_for:
        return set()
    return await store.duties_done(tx, viewer, seen.id, definition)


async def _write(
    tx: Writing,
    viewer: Viewer,
    before: Opportunity,
    after: Opportunity,
    *,
    reason: str | None,
    override: Override = NO_OVERRIDE,
    ends: Cause | None = None,
) -> Opportunity:
    if ends is not None:
        after = await end_manual_probability(tx, viewer, after, ends, reason)
    row = stage_row(tx, viewer, before, after, reason=reason, override=override)
    return replace(after, version=await opportunities.append_stage_change(tx, row, after))


def stage_row(
    tx: Writing,
    viewer: Viewer,
    before: Opportunity | None,
    after: Opportunity,
    *,
    reason: str | None,
    override: Override,
) -> StageChangeRow:
    """Return a change of stage or state as it is kept."""
    return StageChangeRow(
        opportunity_id=after.id,
        at=after.stage_since,
        recorded_at=tx.now,
        funnel_version=after.funnel_version,
        from_stage=before.stage if before else None,
        to_stage=after.stage,
        from_state=before.state if before else None,
        to_state=after.state,
        decided_on=after.decided_on,
        currency=after.currency,
        amount=after.amount,
        reason=reason,
        loss_reason=after.loss_reason,
        win_reason=after.win_reason,
        competitor_id=after.competitor_id,
        override_reason=override.reason,
        passed_over=list(override.passed_over),
        actor_id=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
    )
