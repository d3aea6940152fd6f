"""Assessments over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Output, Prose
from services.opportunity.assessment.rules.assessing import Answer, Answers
from services.opportunity.assessment.rules.models import Dimension, Model
from services.opportunity.assessment.schemas.models import ModelNumber, QuestionKey
from services.opportunity.assessment.store.assessments import Assessment
from services.opportunity.freshness import OutdatedReason, outdated_because
from services.opportunity.vocabulary import Value

MOST_ENTRIES = 200
LinkText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s/?#]+[^\s]*$")
]
"""An address in the web, or of a document in the house."""


class AnswersInput(Input):
    """Answers by the keys of questions; what is left out is unanswered, which is not a no."""

    answers: dict[QuestionKey, Answer] = Field(max_length=MOST_ENTRIES, examples=[{"budget_ready": "yes"}])
    notes: dict[QuestionKey, Prose] = Field(default_factory=dict, max_length=MOST_ENTRIES)
    evidence: dict[QuestionKey, Prose] = Field(
        default_factory=dict, max_length=MOST_ENTRIES, examples=[{"budget_ready": "Minutes of 3 March, item 4"}]
    )
    links: dict[QuestionKey, LinkText] = Field(
        default_factory=dict, max_length=MOST_ENTRIES, description="Where the evidence of a question is to be read."
    )
    note: Prose | None = Field(default=None, description="On the assessment as a whole.")
    model: ModelNumber | None = Field(default=None, description="A published model; the current one unless given.")

    def as_answers(self) -> Answers:
        """Return the plain value."""
        return Answers(self.answers, self.notes, self.evidence, self.links, self.note)


class AssessmentRequest(AnswersInput):
    """An assessment, which supersedes the present one."""

    assessed_at: AwareDatetime | None = Field(
        default=None, description="When it was made; sales operations only, and not before the present one."
    )


class AnswerAnswer(Output):
    """A question with its answer, and what supports it."""

    key: str
    meaning: str
    answer: Answer
    note: str | None
    evidence: str | None
    link: str | None


class DimensionScoreAnswer(Output):
    """A dimension: its yeses, those plus what is unanswered, and each answer."""

    key: str
    name: str
    score: int
    score_most: int
    unanswered: int
    questions: list[AnswerAnswer]


class AssessmentSummaryAnswer(Output):
    """An assessment of a history: when, by whom, and what it came to.

    `score` counts the yeses alone, `score_most` those and all that is unanswered. `is_current` marks the one in force.
    """

    id: UUID
    sequence: int
    assessed_at: datetime
    recorded_at: datetime
    assessed_by: UUID | None
    recorded_by: UUID | None
    on_behalf_of: UUID | None
    model: int
    score: int
    score_most: int
    unanswered: int
    value: Value
    is_current: bool


class AssessmentAnswer(AssessmentSummaryAnswer):
    """An assessment in whole; `most` is the highest score of its model."""

    opportunity_id: UUID
    supersedes_id: UUID | None
    threshold: int
    most: int
    outdated: bool
    outdated_because: list[OutdatedReason]
    dimensions: list[DimensionScoreAnswer]
    note: str | None
    external_reference: ExternalReference | None


class AssessmentQuery(ListQuery):
    """The assessments of an opportunity, the latest first; `sort` takes `sequence`."""


def summary_of(row: Assessment) -> dict[str, Any]:
    """Return the fields of the answer that tells of an assessment in short."""
    same = {name: getattr(row, name) for name in AssessmentSummaryAnswer.model_fields if hasattr(row, name)}
    return same | {"model": row.model_number, "unanswered": row.score_most - row.score}


def assessment_answer(row: Assessment, model: Model, fresh: datetime) -> AssessmentAnswer:
    """Return an assessment as it goes out; before `fresh` it is too old."""
    reasons = outdated_because(row.assessed_at, fresh, row.stage_since)
    reference = {"system": row.external_system, "id": row.external_id} if row.external_system else None
    return AssessmentAnswer.model_validate(
        summary_of(row)
        | {
            "opportunity_id": row.opportunity_id,
            "supersedes_id": row.supersedes_id,
            "threshold": model.threshold,
            "most": model.most,
            "outdated": bool(reasons),
            "outdated_because": reasons,
            "dimensions": [_dimension(one, row) for one in model.dimensions],
            "note": row.note,
            "external_reference": reference,
        }
    )


def _dimension(dimension: Dimension, row: Assessment) -> dict[str, Any]:
    answers = {question.key: _answer(question.key, row) for question in dimension.questions}
    told = list(answers.values())
    score, unanswered = told.count(Answer.YES), told.count(Answer.UNANSWERED)
    remarks: Mapping[str, Mapping[str, str]] = row.remarks
    return {
        "key": dimension.key,
        "name": dimension.name,
        "score": score,
        "score_most": score + unanswered,
        "unanswered": unanswered,
        "questions": [
            {
                "key": question.key,
                "meaning": question.meaning,
                "answer": answers[question.key],
                "note": remarks["notes"].get(question.key),
                "evidence": remarks["evidence"].get(question.key),
                "link": remarks["links"].get(question.key),
            }
            for question in dimension.questions
        ],
    }


def _answer(key: str, row: Assessment) -> Answer:
    if key in row.yes:
        return Answer.YES
    return Answer.NO if key in row.no else Answer.UNANSWERED
