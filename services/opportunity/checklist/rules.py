"""Who can be given a duty, when it can be done, and how the checklist of a funnel stands."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from services.opportunity.definitions.rules import DutyKind
from services.opportunity.funnel.rules.refusals import OpportunityClosed
from services.opportunity.opportunities.rules import LONGEST_PLAN
from services.opportunity.opportunities.rules.standing import stands_above
from services.opportunity.vocabulary import State


class DutyDone(Conflict):
    """Nobody needs to be given what is done."""

    code = "duty_done"

    def __init__(self) -> None:
        super().__init__("This duty is done: take that back first, if it is to be done again.")


class OwnerOutside(RuleViolated):
    """A duty is for somebody who takes part in the opportunity, or stands above its principal owner."""

    code = "owner_outside"

    def __init__(self) -> None:
        super().__init__(
            "This person does not take part in the opportunity: take them into its sales team first, or name its "
            "principal owner, somebody of the team or a superior of the principal owner.",
            field="/owner_id",
        )


class DueNotPossible(RuleViolated):
    """The last day for a duty lies too far away to be meant."""

    code = "due_on_not_possible"

    def __init__(self) -> None:
        super().__init__(
            f"The last day for a duty lies at most {LONGEST_PLAN} years away: give one nearer by.", field="/due_on"
        )


class DoneInFuture(RuleViolated):
    """What is done was done today or before."""

    code = "done_on_not_possible"

    def __init__(self, today: date) -> None:
        super().__init__(f"This day lies in the future: note it as done on {today} or before.", field="/done_on")


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as it stands on a day: its stage, whether it must be done before leaving it, and who sees to it.

    `owner_id` is None where nobody was given it: then it is the principal owner's.
    """

    criterion: str
    title: str
    kind: DutyKind
    stage: str
    required: bool
    done_on: date | None
    owner_id: UUID | None
    due_on: date | None

    def is_overdue(self, today: date) -> bool:
        """Whether it ought to have been done before today."""
        return self.done_on is None and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class StageDuties:
    """How many duties a stage has, how many are done, how many must be and are, how many are overdue."""

    stage: str
    duties: int
    done: int
    required: int
    required_done: int
    overdue: int


def by_stage(stages: Iterable[str], duties: Sequence[Duty], today: date) -> list[StageDuties]:
    """Return how the duties of each stage stand, in the order of the funnel; a stage without any has none."""
    return [_of_stage(stage, [one for one in duties if one.stage == stage], today) for stage in stages]


def _of_stage(stage: str, duties: Sequence[Duty], today: date) -> StageDuties:
    return StageDuties(
        stage,
        len(duties),
        sum(one.done_on is not None for one in duties),
        sum(one.required for one in duties),
        sum(one.required and one.done_on is not None for one in duties),
        sum(one.is_overdue(today) for one in duties),
    )


def check_still_to_do(state: State, *, is_done: bool) -> None:
    """Refuse to give somebody a duty that is done, or one of a decided opportunity."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if is_done:
        raise DutyDone


def check_owner(owner_id: UUID, principal_id: UUID, principal_path: str | None, team: Collection[UUID]) -> None:
    """Refuse to give a duty to whoever cannot see to it: not of the sales team, nor above the principal owner."""
    if owner_id != principal_id and owner_id not in team and not stands_above(owner_id, principal_path):
        raise OwnerOutside


def check_due_on(due_on: date | None, today: date) -> None:
    """Refuse a last day that nobody means."""
    if due_on is not None and abs(due_on.year - today.year) > LONGEST_PLAN:
        raise DueNotPossible


def check_done_on(done_on: date, today: date) -> None:
    """Refuse that something was done on a day to come."""
    if done_on > today:
        raise DoneInFuture(today)
