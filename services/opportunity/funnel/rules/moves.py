"""May this move happen? Stage changes, outcomes and reopenings of one opportunity.

A move past unmet exit criteria is refused with everything that is missing, for all stages it skips;
a loss is possible from any stage and answers for nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.opportunity.definitions.rules import Definition, Stage, find_stage
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


class ContractWithoutWin(RuleViolated):
    """A contract is a won opportunity."""

    code = "contract_without_win"

    def __init__(self) -> None:
        super().__init__("Only what is won has a contract.", field="/contract_until")


class ContractEndsTooSoon(RuleViolated):
    """A contract ends on the day it was won or later."""

    code = "contract_ends_too_soon"

    def __init__(self) -> None:
        super().__init__("The contract cannot end before the day on which it was won.", field="/contract_until")


class ExitCriteriaUnmet(RuleViolated):
    """The move would leave duties undone; `missing` lists them."""

    code = "exit_criteria_unmet"
    members = ("missing",)

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"Still to do: {', '.join(missing)}.")
        self.missing = list(missing)


class OpportunityClosed(Conflict):
    """It was won or lost: it must be reopened first."""

    code = "opportunity_closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"The opportunity is {state}; reopen it first.")


class OpportunityOpen(Conflict):
    """It is still open: there is nothing to reopen."""

    code = "opportunity_open"

    def __init__(self) -> None:
        super().__init__("The opportunity is open; there is nothing to reopen.")


class AlreadyInStage(Conflict):
    """It stands in that stage already; a change that changes nothing is not written."""

    code = "already_in_stage"

    def __init__(self, stage: str) -> None:
        super().__init__(f"The opportunity is in '{stage}' already.")


class StageEnteredByOutcome(RuleViolated):
    """No open opportunity stands in the last stage."""

    code = "stage_entered_by_outcome"

    def __init__(self, stage: str) -> None:
        super().__init__(f"'{stage}' is entered by an outcome: record that it was won or lost.", field="/to_stage")


class ReasonMissing(RuleViolated):
    """This needs a reason."""

    code = "reason_missing"

    def __init__(self, why: str, field: str = "/reason") -> None:
        super().__init__(why, field=field)


class ReasonNotFitting(RuleViolated):
    """A reason of the other outcome, or one that only imports may give."""

    code = "reason_not_fitting"


class NotFromThePast(NotAllowed):
    """Only an import may say that a change happened earlier."""

    code = "not_from_the_past"

    def __init__(self) -> None:
        super().__init__("Only sales operations may date a change in the past.")


class InstantNotPossible(RuleViolated):
    """The change would lie in the future, or before what happened last."""

    code = "instant_not_possible"


def missing_criteria(definition: Definition, source: Stage, target: Stage, done: Collection[str]) -> list[str]:
    """Return what a move would leave undone, in the order of the funnel; nothing for a move backward."""
    passed = [stage for stage in definition.stages if source.order <= stage.order < target.order]
    return [item for stage in passed for item in stage.exit_criteria if item not in done]


def check_criteria(
    definition: Definition, source: Stage, target: Stage, done: Collection[str], *, overridden: bool = False
) -> None:
    """Refuse a move past unmet exit criteria, unless somebody who may has overridden them."""
    missing = missing_criteria(definition, source, target, done)
    if missing and not overridden:
        raise ExitCriteriaUnmet(missing)


def check_move(
    definition: Definition,
    source: Stage,
    target: Stage,
    *,
    state: State,
    done: Collection[str],
    reason: str | None,
    overridden: bool = False,
) -> None:
    """Refuse a stage change that may not happen."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if target is definition.close:
        raise StageEnteredByOutcome(target.key)
    if target.key == source.key:
        raise AlreadyInStage(source.key)
    if target.order < source.order and not reason:
        raise ReasonMissing("A move backward needs a reason.")
    check_criteria(definition, source, target, done, overridden=overridden)


def check_outcome(
    outcome: Outcome, state: State, loss_reason: LossReason | None, win_reason: str | None, *, imported: bool = False
) -> None:
    """Refuse an outcome of what is closed, or one with the other outcome's reason; a loss needs its reason."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if outcome is Outcome.WON and loss_reason is not None:
        raise ReasonNotFitting("A win has no loss reason.", field="/loss_reason")
    if outcome is Outcome.LOST and win_reason is not None:
        raise ReasonNotFitting("A loss has no win reason.", field="/win_reason")
    if outcome is Outcome.LOST and loss_reason is None and not imported:
        raise ReasonMissing("A loss needs a reason.", "/loss_reason")
    if loss_reason is LossReason.NOT_RECORDED and not imported:
        raise ReasonNotFitting("'not_recorded' is for imports only.", field="/loss_reason")


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


def check_reopening(
    definition: Definition,
    stood_in: Stage,
    target_key: str,
    *,
    state: State,
    done: Collection[str],
    reason: str | None,
) -> Stage:
    """Return the stage to reopen into; beyond where it stood before the outcome, criteria must be met."""
    if state is State.OPEN:
        raise OpportunityOpen
    if not reason:
        raise ReasonMissing("Reopening needs a reason.")
    target = find_stage(definition, target_key)
    if target is definition.close:
        raise StageEnteredByOutcome(target.key)
    check_criteria(definition, stood_in, target, done)
    return target


def instant_of(asked: datetime | None, now: datetime, last: datetime | None, *, may_date_back: bool) -> datetime:
    """Return when a change happened: now, or in the past where that is allowed, never before the last one.

    Whoever waited for another's change to commit may have begun before it: their change counts from that one on.
    """
    if asked is None:
        return now if last is None else max(now, last)
    if asked > now:
        raise InstantNotPossible("This lies in the future.", field="/at")
    if not may_date_back:
        raise NotFromThePast
    if last is not None and asked < last:
        raise InstantNotPossible(f"The last change of this kind happened at {last.isoformat()}.", field="/at")
    return asked
