"""Competition at a customer over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, Output, Prose
from services.customer.competition.rules import Assessed, Judged, Stance

Grade = Annotated[int, Field(ge=1, le=5, description="5 is the strongest.")]


class CompetitiveCriterionInput(Input):
    """One criterion: both sides' strength, and what says so."""

    criterion: Line = Field(examples=["Lead time of samples"])
    ours: Grade
    theirs: Grade
    evidence: Prose


class CompetitiveAssessmentInput(Input):
    """How strong we are against one competitor at this customer."""

    competitor_id: UUID = Field(description="A record of the base, of kind `competitor`.")
    assessed_on: date
    criteria: list[CompetitiveCriterionInput] = Field(min_length=1, max_length=50)

    def assessed(self) -> Assessed:
        """Return the plain value."""
        judged = [Judged(one.criterion, one.ours, one.theirs, one.evidence) for one in self.criteria]
        return Assessed(self.competitor_id, self.assessed_on, judged)


class CompetitiveAssessmentQuery(ListQuery):
    """Assessments, the latest first; `sort` takes `at`."""

    competitor_id: UUID | None = None
    present: bool | None = Field(default=None, description="True: only those that no later one supersedes.")


class CompetitiveCriterionAnswer(Output):
    """One criterion of an assessment."""

    criterion: str
    ours: int
    theirs: int
    evidence: str


class CompetitiveStrengthAnswer(Output):
    """The means over the criteria; less than half a grade apart is `even`."""

    ours: DecimalString
    theirs: DecimalString
    position: str = Field(examples=["ahead", "even", "behind"])


class CompetitiveAssessmentAnswer(Output):
    """An assessment; it never changes, a later one supersedes it."""

    id: UUID
    customer_id: UUID
    competitor_id: UUID
    competitor_name: str
    supersedes_id: UUID | None
    superseded: bool
    assessed_on: date
    criteria: list[CompetitiveCriterionAnswer]
    strength: CompetitiveStrengthAnswer
    at: datetime
    assessed_by: UUID | None
    on_behalf_of: UUID | None


class CompetitiveStrategyInput(Input):
    """A version of the competitive strategy at a customer."""

    upon: int = Field(ge=0, le=1_000_000, description="The number of the version it is written upon; 0 for the first.")
    stance: Stance
    strategy: Prose
    competitor_ids: list[UUID] = Field(default_factory=list, max_length=50)


class CompetitiveStrategyQuery(ListQuery):
    """Versions of the strategy, the present one first; `sort` takes `number`."""


class CompetitiveStrategyAnswer(Output):
    """A version of the competitive strategy."""

    id: UUID
    customer_id: UUID
    number: int
    stance: Stance
    strategy: str
    competitor_ids: list[UUID]
    at: datetime
    written_by: UUID | None
    on_behalf_of: UUID | None
