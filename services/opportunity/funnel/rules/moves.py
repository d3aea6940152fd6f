"""May this move happen? Stage changes, outcomes and reopenings of one opportunity.

A move past unmet exit criteria is refused with everything that is missing, for all stages it skips;
a loss is possible from any stage and answers for nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.opportunity.definitions.rules import Definition, Stage, find_stage
from services.opportunity.funnel.rules.refusals import (
    AlreadyInStage,
    ContractEndsTooSoon,
    ContractWithoutWin,
    ExitCriteriaUnmet,
    InstantNotPossible,
    NotFromThePast,
    OpportunityClosed,
    OpportunityOpen,
    ReasonMissing,
    ReasonNotFitting,
    StageEnteredByOutcome,
    Unmet,
)
from services.opportunity.vocabulary import State


class Outcome(StrEnum):
    """How an opportunity ends."""

    WON = "won"
    LOST = "lost"


class LossReason(StrEnum):
    """Why an opportunity was lost; `not_recorded` is for imports only."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NO_BUDGET = "no_budget"
    NO_DECISION = "no_decision"
    PRODUCT_FIT = "product_fit"
    DELIVERY = "delivery"
    RELATIONSHIP = "relationship"
    CANCELLED = "cancelled"
    OTHER = "other"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody asks for: a stage; `override_reason` where exit criteria are to be passed over."""

    to_stage: str
    reason: str | None = None
    override_reason: str | None = None
    at: datetime | None = None
    ends_manual_probability: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """Why a superior lets it go on, and which exit criteria are passed over by that."""

    reason: str | None
    passed_over: Collection[str]


NO_OVERRIDE = Override(None, ())


@dataclass(frozen=True, slots=True)
class Decision:
    """How an opportunity ended, and why."""

    outcome: Outcome
    loss_reason: LossReason | None = None
    win_reason: str | None = None
    reason: str | None = None
    override_reason: str | None = None
    competitor_id: UUID | None = None
    decided_at: datetime | None = None
    contract_until: date | None = None
    ends_manual_probability: bool = False


def missing_criteria(definition: Definition, source: Stage, target: Stage, done: Collection[str]) -> list[str]:
    """Return what a move would leave undone, in the order of the funnel; nothing for a move backward."""
    passed = [stage for stage in definition.stages if source.order <= stage.order < target.order]
    return [item for stage in passed for item in stage.exit_criteria if item not in done]


def check_criteria(
    definition: Definition,
    source: Stage,
    target: Stage,
    done: Collection[str],
    *,
    opportunity_id: UUID,
    overridden: bool = False,
) -> list[str]:
    """Return the exit criteria that the move passes over; refuse it unless somebody who may overrides them."""
    missing = missing_criteria(definition, source, target, done)
    if missing and not overridden:
        raise ExitCriteriaUnmet(unmet(definition, missing), opportunity_id)
    return missing


def unmet(definition: Definition, missing: Collection[str]) -> list[Unmet]:
    """Return what is still to do, each with its stage."""
    return [Unmet(duty, stage.key) for stage in definition.stages for duty in stage.checklist if duty.key in missing]


def check_move(
    definition: Definition,
    source: Stage,
    target: Stage,
    *,
    opportunity_id: UUID,
    state: State,
    done: Collection[str],
    reason: str | None,
    overridden: bool = False,
) -> list[str]:
    """Refuse a stage change that may not happen; return the exit criteria that it passes over."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if target is definition.close:
        raise StageEnteredByOutcome(target.key)
    if target.key == source.key:
        raise AlreadyInStage(source.key)
    if target.order < source.order and not reason:
        raise ReasonMissing("A move backward needs a reason: say in `reason` why it goes back.")
    return check_criteria(definition, source, target, done, opportunity_id=opportunity_id, overridden=overridden)


def check_outcome(
    outcome: Outcome, state: State, loss_reason: LossReason | None, win_reason: str | None, *, imported: bool = False
) -> None:
    """Refuse an outcome of what is closed, or one with the other outcome's reason; a loss needs its reason."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if outcome is Outcome.WON and loss_reason is not None:
        raise ReasonNotFitting(
            "A win has no loss reason: leave it out, or record the outcome `lost`.", field="/loss_reason"
        )
    if outcome is Outcome.LOST and win_reason is not None:
        raise ReasonNotFitting(
            "A loss has no win reason: leave it out, or record the outcome `won`.", field="/win_reason"
        )
    if outcome is Outcome.LOST and loss_reason is None and not imported:
        raise ReasonMissing("A loss needs a reason: give one of the values of `loss_reason`.", "/loss_reason")
    if loss_reason is LossReason.NOT_RECORDED and not imported:
        raise ReasonNotFitting("'not_recorded' is for imports only: say why it was lost.", field="/loss_reason")


def check_contract(state: State, decided_on: date | None, contract_until: date | None) -> None:
    """Refuse a contract of what is not won, or one that ended before it was."""
    if contract_until is None:
        return
    if state is not State.WON or decided_on is None:
        raise ContractWithoutWin
    if contract_until < decided_on:
        raise ContractEndsTooSoon


def stage_after(definition: Definition, source: Stage, outcome: Outcome) -> Stage:
    """Return the stage after an outcome: a win enters the last one, a loss enters none."""
    return definition.close if outcome is Outcome.WON else source


def check_beginning(definition: Definition, begins_in: Stage, done: Collection[str]) -> None:
    """Refuse that an opportunity begins in a later stage while something of those before is to be done."""
    if begins_in is definition.close:
        raise StageEnteredByOutcome(begins_in.key, "/stage")
    missing = missing_criteria(definition, definition.first, begins_in, done)
    if missing:
        otherwise = f"name in `criteria` what is done already, or enter it in '{definition.first.key}'"
        raise ExitCriteriaUnmet(unmet(definition, missing), None, otherwise)


def check_reopening(
    definition: Definition,
    stood_in: Stage,
    target_key: str,
    *,
    opportunity_id: UUID,
    state: State,
    done: Collection[str],
    reason: str | None,
) -> Stage:
    """Return the stage to reopen into; beyond where it stood before the outcome, criteria must be met."""
    if state is State.OPEN:
        raise OpportunityOpen
    if not reason:
        raise ReasonMissing("Reopening needs a reason: say in `reason` why it is taken up again.")
    target = find_stage(definition, target_key)
    if target is definition.close:
        raise StageEnteredByOutcome(target.key)
    missing = missing_criteria(definition, stood_in, target, done)
    if missing:
        otherwise = f"reopen it in '{stood_in.key}', where it stood"
        raise ExitCriteriaUnmet(unmet(definition, missing), opportunity_id, otherwise)
    return target


def instant_of(asked: datetime | None, now: datetime, last: datetime | None, *, may_date_back: bool) -> datetime:
    """Return when a change happened: now, or in the past where that is allowed, never before the last one.

    Whoever waited for another's change to commit may have begun before it: their change counts from that one on.
    """
    if asked is None:
        return now if last is None else max(now, last)
    if asked > now:
        raise InstantNotPossible(
            "This lies in the future: leave `at` out for now, or give an earlier instant.", field="/at"
        )
    if not may_date_back:
        raise NotFromThePast
    if last is not None and asked < last:
        raise InstantNotPossible(
            f"The last change of this kind happened at {last.isoformat()}: give that instant or a later one.",
            field="/at",
        )
    return asked
