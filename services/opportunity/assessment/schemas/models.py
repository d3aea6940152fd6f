"""Assessment models over the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, Output, Prose
from services.opportunity.assessment.rules.models import MOST_DIMENSIONS, MOST_QUESTIONS, Dimension, Question

LARGEST_NUMBER = 2_147_483_647
ModelNumber = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
QuestionKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class QuestionInput(Input):
    """A question; `meaning` is what a yes says."""

    key: QuestionKey = Field(examples=["budget_ready"])
    meaning: Line = Field(examples=["project funds are prepared"])


class DimensionInput(Input):
    """Questions about one matter."""

    key: QuestionKey = Field(
        examples=["opportunity_exists"],
        description="Of a dimension that has a key of model 1 each opportunity carries the score.",
    )
    name: Line = Field(examples=["Is there an opportunity?"])
    questions: list[QuestionInput] = Field(min_length=1, max_length=MOST_QUESTIONS)


class AssessmentModelRequest(Input):
    """A draft of a model; opportunities are assessed by it once it is published."""

    name: Line = Field(examples=["2027: two questions on sustainability"])
    dimensions: list[DimensionInput] = Field(min_length=1, max_length=MOST_DIMENSIONS)
    threshold: int = Field(ge=0, examples=[10], description="More yeses than this are a high value.")

    def as_dimensions(self) -> list[Dimension]:
        """Return the plain values."""
        return [
            Dimension(one.key, one.name, tuple(Question(each.key, each.meaning) for each in one.questions))
            for one in self.dimensions
        ]


class PublicationRequest(Input):
    """Why opportunities are assessed by this model from now on."""

    reason: Prose


class QuestionAnswer(Output):
    """A question; `meaning` is what a yes says."""

    key: str
    meaning: str


class AssessmentDimensionAnswer(Output):
    """Questions about one matter."""

    key: str
    name: str
    questions: list[QuestionAnswer]


class AssessmentModelAnswer(Output):
    """A model: the value is high where more than `threshold` answers are yes; `most` is the highest score."""

    number: int
    name: str
    dimensions: list[AssessmentDimensionAnswer]
    threshold: int
    most: int
    state: Literal["draft", "published"]
    is_current: bool
    published_at: datetime | None = Field(description="When it was last made the current one; null of a draft.")
    created_by: UUID | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return same | {"most": row.model.most, "state": "draft" if row.published_at is None else "published"}


class AssessmentModelQuery(ListQuery):
    """Assessment models, the latest first; `sort` takes `number`."""
