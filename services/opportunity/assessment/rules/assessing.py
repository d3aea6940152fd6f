"""What answers come to: the score, its bounds, and what the opportunity is worth by them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from services.opportunity.assessment.rules.models import Dimension, Model
from services.opportunity.refusals import MayNotDo
from services.opportunity.vocabulary import DIMENSIONS, State, Value


class Answer(StrEnum):
    """An answer to a question; `unanswered` is not a no."""

    YES = "yes"
    NO = "no"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answers; each mapping is by the key of a question."""

    answers: Mapping[str, Answer]
    notes: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    def of(self, key: str) -> Answer:
        """Return the answer to a question; who says nothing of it has not answered it."""
        return self.answers.get(key, Answer.UNANSWERED)

    def answered(self, model: Model, answer: Answer) -> list[str]:
        """Return the questions that have an answer, in the order of the model."""
        return [key for key in model.keys if self.of(key) is answer]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A score lies between the yeses alone and the yeses with all that is unanswered."""

    score: int
    most: int

    @property
    def unanswered(self) -> int:
        """How many questions are not answered."""
        return self.most - self.score


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What answers come to; `dimensions` in the order of the model."""

    whole: Bounds
    dimensions: tuple[Bounds, ...]
    value: Value


class QuestionUnknown(RuleViolated):
    """The model has no such question."""

    code = "unknown_question"
    members = ("questions",)

    def __init__(self, key: str, model: Model, part: str) -> None:
        super().__init__(f"'{key}' is not a question of assessment model {model.number}.", field=f"/{part}/{key}")
        self.questions = model.keys


class AssessmentNotFromThePast(MayNotDo):
    """Only sales operations date an assessment back."""

    code = "assessment_not_from_the_past"

    def __init__(self) -> None:
        super().__init__("Only sales operations say when an assessment was made: leave assessed_at out.")


class AssessmentInFuture(RuleViolated):
    """Nobody has assessed anything in the future."""

    code = "assessment_in_future"

    def __init__(self) -> None:
        super().__init__("This lies in the future.", field="/assessed_at")


class AssessmentOutOfOrder(RuleViolated):
    """A later assessment is there: one is superseded by a later one only."""

    code = "assessment_out_of_order"

    def __init__(self, latest: datetime) -> None:
        super().__init__(
            f"The opportunity was assessed at {latest.isoformat()}, which is later; send assessments in the order of "
            "their dates.",
            field="/assessed_at",
        )


class AssessedAfterDecision(Conflict):
    """The opportunity was decided by then: knowing how it ended, nobody assesses it."""

    code = "assessed_after_decision"

    def __init__(self, state: State) -> None:
        super().__init__(
            f"The opportunity is {state}: reopen it first; an import dates the assessment before the decision.",
            field="/assessed_at",
        )


class AssessmentKept(Conflict):
    """An assessment with this reference says something else, and is never changed."""

    code = "assessment_kept"

    def __init__(self, assessment_id: UUID) -> None:
        super().__init__(
            f"Assessment {assessment_id} has this reference and says something else. It is never changed: give what "
            "supersedes it a reference of its own.",
            field="/external_reference",
        )


class AssessedMeanwhile(Conflict):
    """Somebody else has assessed the opportunity at the same moment."""

    code = "assessed_meanwhile"

    def __init__(self) -> None:
        super().__init__("Somebody has just assessed this opportunity; look at theirs, then send yours again.")


class OpportunityNotNamed(RuleViolated):
    """An assessment of a batch names its opportunity in exactly one way."""

    code = "opportunity_not_named"

    def __init__(self) -> None:
        super().__init__("Name the opportunity by opportunity_id or by opportunity_reference.", field="/opportunity_id")


class UnknownOpportunity(RuleViolated):
    """There is no such opportunity."""

    code = "unknown_opportunity"

    def __init__(self, name: str) -> None:
        super().__init__("There is no such opportunity.", field=f"/{name}")


def check_answers(model: Model, given: Answers) -> None:
    """Refuse what is said of a question that the model does not ask."""
    known = set(model.keys)
    parts: Mapping[str, Collection[str]] = {
        "answers": given.answers,
        "notes": given.notes,
        "evidence": given.evidence,
        "links": given.links,
    }
    for part, keys in parts.items():
        for key in keys:
            if key not in known:
                raise QuestionUnknown(key, model, part)


def value_of(bounds: Bounds, threshold: int) -> Value:
    """Return the value: high if the yeses alone are above the threshold, not high if all that is open cannot lift it.

    The threshold itself is not high.
    """
    if bounds.score > threshold:
        return Value.HIGH
    return Value.NOT_HIGH if bounds.most <= threshold else Value.UNDECIDED


def appraise(model: Model, given: Answers) -> Appraisal:
    """Return what answers come to."""
    dimensions = tuple(_bounds(dimension, given) for dimension in model.dimensions)
    whole = Bounds(sum(one.score for one in dimensions), sum(one.most for one in dimensions))
    return Appraisal(whole, dimensions, value_of(whole, model.threshold))


def _bounds(dimension: Dimension, given: Answers) -> Bounds:
    answers = [given.of(question.key) for question in dimension.questions]
    return Bounds(answers.count(Answer.YES), len(answers) - answers.count(Answer.NO))


def carried(model: Model, appraisal: Appraisal) -> dict[str, Any]:
    """Return the score of each dimension that an opportunity carries, None where the model does not have it."""
    scores = {
        dimension.key: bounds.score for dimension, bounds in zip(model.dimensions, appraisal.dimensions, strict=True)
    }
    return {key: scores.get(key) for key in DIMENSIONS}


def instant_of(asked: datetime | None, now: datetime, latest: datetime | None, *, may_date_back: bool) -> datetime:
    """Return when an opportunity was assessed: now, or in the past where that is allowed, never before the latest.

    Whoever waited for another's assessment to commit may have begun before it: theirs counts from that one on.
    """
    if asked is None:
        return now if latest is None else max(now, latest)
    if not may_date_back:
        raise AssessmentNotFromThePast
    if asked > now:
        raise AssessmentInFuture
    if latest is not None and asked < latest:
        raise AssessmentOutOfOrder(latest)
    return asked


def check_open_then(state: State, since: datetime, at: datetime) -> None:
    """Refuse an assessment of what was decided by then; `since` is when it was."""
    if state is not State.OPEN and at > since:
        raise AssessedAfterDecision(state)
