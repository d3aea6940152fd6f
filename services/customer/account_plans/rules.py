"""Account plans: what a plan holds, what states it goes through, how it stands."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotAllowed, NotVisible, RuleViolated
from servicekit.values.money import exact_money

QUARTERS = 4
FIRST_YEAR, LAST_YEAR = 2000, 2200
_PERIOD = re.compile(r"(?P<year>\d{4})(-Q[1-4])?")


class PlanState(StrEnum):
    """Where a plan stands: `draft` is being written, `returned` is to be written again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


MISSING = "missing"
"""How a customer stands that ought to have a plan and has none."""

UNFINISHED = frozenset({MISSING, PlanState.DRAFT.value, PlanState.RETURNED.value})


class PlanDecision(StrEnum):
    """What a superior makes of a submitted plan."""

    APPROVED = "approved"
    RETURNED = "returned"


class PlanExists(Conflict):
    """The customer has a plan for the year already."""

    code = "plan_exists"
    members = ("plan_id",)

    def __init__(self, plan_id: UUID | None = None) -> None:
        super().__init__("This customer has a plan for this year already: change that one.")
        self.plan_id = plan_id


class PlanSubmitted(Conflict):
    """What is submitted does not change: the superior approves it, or returns it to be changed."""

    code = "plan_submitted"

    def __init__(self) -> None:
        super().__init__("The plan is submitted: it can be changed again when the superior has decided on it.")


class PlanNotSubmitted(Conflict):
    """There is nothing to decide on: it was decided on already, or another version was submitted."""

    code = "plan_not_submitted"

    def __init__(self) -> None:
        super().__init__("This submission does not wait for a decision: read the plan again.")


class PlanUnchanged(Conflict):
    """What was approved is in force; only a change of it can be submitted."""

    code = "plan_unchanged"

    def __init__(self) -> None:
        super().__init__("The plan is approved as it is: change it before you submit it again.")


class PlanIncomplete(RuleViolated):
    """A plan is submitted whole."""

    code = "plan_incomplete"
    members = ("missing",)

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"Still to be said before it is submitted: {', '.join(missing)}.")
        self.missing = list(missing)


class CommentMissing(Malformed):
    """Whoever returns a plan says what is to be changed."""

    code = "comment_missing"

    def __init__(self) -> None:
        super().__init__("Say what is to be changed.", field="/comment")


class TargetsDisagree(RuleViolated):
    """The targets of a plan are of its year, each period once, and the quarters add up to the year."""

    code = "targets_disagree"


class MeasuresDisagree(RuleViolated):
    """A measure is named once, and keeps its id from version to version."""

    code = "measures_disagree"


class MeasureNotAllowed(NotAllowed):
    """A measure is done by whose it is, or by those who look after the customer."""

    code = "measure_not_allowed"


class MeasureDone(Conflict):
    """The measure is done already, or no longer part of the plan."""

    code = "measure_done"

    def __init__(self) -> None:
        super().__init__("This measure is done already, or no longer part of the plan in force.")


class MeasureNotVisible(NotVisible):
    """The plan in force has no such measure."""


class DateAhead(RuleViolated):
    """What is done was done today or before."""

    code = "date_ahead"

    def __init__(self, name: str = "on") -> None:
        super().__init__("It cannot have been done on a day that is still to come.", field=f"/{name}")


class YearsNotAllowed(NotAllowed):
    """By when plans are due is said by sales operations."""

    code = "plan_years_not_allowed"

    def __init__(self) -> None:
        super().__init__("Only sales operations or an administrator says by when plans are due.")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is to be done, by whom, until when; `id` is kept from version to version."""

    id: UUID
    what: str
    due_on: date
    owner_id: UUID


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be won in the year (`2027`) or a quarter of it (`2027-Q1`), in the plan's currency."""

    period: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Content:
    """All that a plan says."""

    goals: Sequence[str] = ()
    situation: str | None = None
    strategy: str | None = None
    currency: str | None = None
    measures: Sequence[Measure] = ()
    targets: Sequence[Target] = field(default=())


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision on the submission of a number."""

    submission: int
    decision: PlanDecision
    comment: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """When a measure was done, and what came of it."""

    on: date
    note: str | None


def check_content(year: int, content: Content) -> None:
    """Refuse targets and measures that contradict each other."""
    ids = [measure.id for measure in content.measures]
    if len(set(ids)) < len(ids):
        raise MeasuresDisagree("Two measures have the same id.", field="/measures")
    if content.targets and content.currency is None:
        raise TargetsDisagree("Say in which currency the targets are.", field="/currency")
    periods = [target.period for target in content.targets]
    if len(set(periods)) < len(periods):
        raise TargetsDisagree("A period has one target.", field="/targets")
    for place, target in enumerate(content.targets):
        _check_target(year, content.currency or "", target, f"/targets/{place}")
    _check_sum(year, content.targets)


def _check_target(year: int, currency: str, target: Target, where: str) -> None:
    named = _PERIOD.fullmatch(target.period)
    if named is None or int(named["year"]) != year:
        raise TargetsDisagree(f"A target is of {year} or of a quarter such as {year}-Q1.", field=f"{where}/period")
    if target.amount < 0:
        raise TargetsDisagree("A target is 0 or more.", field=f"{where}/amount")
    exact_money(target.amount, currency, field=f"{where}/amount")


def _check_sum(year: int, targets: Sequence[Target]) -> None:
    whole = next((target.amount for target in targets if target.period == str(year)), None)
    quarters = [target.amount for target in targets if target.period != str(year)]
    if whole is None or not quarters:
        return
    if sum(quarters) > whole or (len(quarters) == QUARTERS and sum(quarters) != whole):
        raise TargetsDisagree(f"The quarters make {sum(quarters)}, and the year says {whole}.", field="/targets")


def target_of(year: int, targets: Sequence[Target]) -> Decimal | None:
    """Return what is to be won in the whole year: as said, or as the quarters add up; None where nothing is said."""
    if not targets:
        return None
    whole = next((target.amount for target in targets if target.period == str(year)), None)
    return sum((target.amount for target in targets), Decimal(0)) if whole is None else whole


def check_complete(content: Content) -> None:
    """Refuse to submit a plan that leaves something open."""
    said = {
        "goals": content.goals,
        "situation": content.situation,
        "strategy": content.strategy,
        "measures": content.measures,
        "targets": content.targets,
    }
    missing = [name for name, value in said.items() if not value]
    if missing:
        raise PlanIncomplete(missing)


def check_may_submit(state: str, content: Content) -> None:
    """Refuse a submission of what is submitted or approved already, or is not whole."""
    if state == PlanState.SUBMITTED:
        raise PlanSubmitted
    if state == PlanState.APPROVED:
        raise PlanUnchanged
    check_complete(content)


def check_decidable(state: str, present: int, decided: int, decision: PlanDecision, comment: str | None) -> None:
    """Refuse a decision on anything but the submission that waits for one, and a return without a comment."""
    if state != PlanState.SUBMITTED or present != decided:
        raise PlanNotSubmitted
    if decision is PlanDecision.RETURNED and comment is None:
        raise CommentMissing


def is_overdue(state: str, due_on: date | None, today: date) -> bool:
    """Whether a plan should have been submitted by now; without a configured day nothing is overdue."""
    return due_on is not None and due_on < today and state in UNFINISHED


def check_may_finish(owner: UUID, authority: UUID, *, keeps_customer: bool) -> None:
    """Refuse to say that a measure is done by somebody whose business it is not."""
    if owner != authority and not keeps_customer:
        raise MeasureNotAllowed("Whose measure it is, or who looks after the customer, says that it is done.")


def check_may_set_years(roles: Collection[str]) -> None:
    """Refuse a day by anybody but sales operations and administrators."""
    if not {"sales_operations", "admin"} & set(roles):
        raise YearsNotAllowed
