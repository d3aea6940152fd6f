"""Account plans over the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.values.ids import new_id
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input, Line, MoneyAnswer, Output, Prose
from services.customer.account_plans.rules import (
    FIRST_YEAR,
    LAST_YEAR,
    Content,
    Done,
    Judgement,
    Measure,
    PlanDecision,
    PlanState,
    Target,
)
from services.customer.customers.rules.values import Tier

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2027])]
Period = Annotated[str, StringConstraints(pattern=r"^\d{4}(-Q[1-4])?$")]
Amount = Annotated[DecimalString, Field(ge=0)]
DEFAULT_TIERS = (Tier.STRATEGIC, Tier.KEY)


class MeasureInput(Input):
    """What is to be done, by whom, until when."""

    id: UUID | None = Field(default=None, description="Of the measure in the version before; left out for a new one.")
    what: Line
    due_on: date
    owner_id: UUID


class TargetInput(Input):
    """What is to be won in a period."""

    period: Period = Field(description="The year, or a quarter of it.", examples=["2027-Q1"])
    amount: Amount


class TargetAnswer(Output):
    """What is to be won in a period, in the plan's currency."""

    period: str
    amount: DecimalString


class _PlanFields(Input):
    goals: list[Line] | None = Field(default=None, max_length=50)
    situation: Prose | None = None
    strategy: Prose | None = None
    currency: Currency | None = Field(default=None, description="Of the targets.")
    measures: list[MeasureInput] | None = Field(default=None, max_length=200)
    targets: list[TargetInput] | None = Field(default=None, max_length=5)

    def fields(self) -> dict[str, Any]:
        """Return what was sent, as plain values; null empties."""
        given: dict[str, Any] = {
            "goals": tuple(self.goals or ()),
            "situation": self.situation,
            "strategy": self.strategy,
            "currency": self.currency,
            "measures": tuple(
                Measure(one.id or new_id(), one.what, one.due_on, one.owner_id) for one in self.measures or ()
            ),
            "targets": tuple(Target(one.period, one.amount) for one in self.targets or ()),
        }
        return {name: value for name, value in given.items() if name in self.model_fields_set}


class AccountPlanInput(_PlanFields):
    """A plan for a customer and a year; what is left out is said later, before it is submitted."""

    customer_id: UUID
    year: Year

    def content(self) -> Content:
        """Return what the plan says."""
        return Content(**self.fields())


class AccountPlanPatch(_PlanFields):
    """A JSON merge patch of a plan: a list is replaced as a whole."""


class PlanSubmissionRequest(Input):
    """Which version of the plan is submitted: one that was changed since it was read is refused."""

    version: int = Field(ge=1, le=9_000_000_000_000_000_000)


class PlanDecisionRequest(Input):
    """What the superior makes of a submission."""

    submission: int = Field(ge=1, le=1_000_000, description="The number of the submission that was read.")
    decision: PlanDecision
    comment: Prose | None = Field(default=None, description="Needed where the plan is returned.")

    def judgement(self) -> Judgement:
        """Return the plain value."""
        return Judgement(self.submission, self.decision, self.comment)


class MeasureCompletionRequest(Input):
    """When a measure was done, and what came of it."""

    on: date
    note: Prose | None = None

    def done(self) -> Done:
        """Return the plain value."""
        return Done(self.on, self.note)


class AccountPlanQuery(ListQuery):
    """Filters of the list of plans; `sort` takes `created_at` and `year`."""

    customer_id: UUID | None = None
    year: Year | None = None
    state: PlanState | None = None


class PlannedMeasureAnswer(Output):
    """A measure as a version of the plan says it."""

    id: UUID
    what: str
    due_on: date
    owner_id: UUID


class MeasureAnswer(PlannedMeasureAnswer):
    """A measure of the plan in force."""

    done_on: date | None
    note: str | None


class PlanContentAnswer(Output):
    """What a plan says."""

    goals: list[str]
    situation: str | None
    strategy: str | None
    currency: str | None
    measures: list[PlannedMeasureAnswer]
    targets: list[TargetAnswer]


class AccountPlanSummary(Output):
    """A plan: `content` is what is being written, or what was submitted last."""

    id: UUID
    version: int
    customer_id: UUID
    account_manager_id: UUID | None
    year: int
    state: PlanState
    content: PlanContentAnswer
    submission: int = Field(description="The number of what was submitted last; 0 before the first.")
    in_force: int | None = Field(description="The number of the submission that was approved last.")
    created_at: datetime
    updated_at: datetime


class AccountPlanAnswer(AccountPlanSummary):
    """A plan with the measures that are in force, and what became of them."""

    measures: list[MeasureAnswer]

    @model_validator(mode="before")
    @classmethod
    def _from_detail(cls, value: Any) -> Any:
        plan = getattr(value, "plan", None)
        if plan is None:
            return value
        names = AccountPlanSummary.model_fields
        return {name: getattr(plan, name) for name in names} | {"measures": value.measures}


class SubmissionQuery(ListQuery):
    """A plan's submissions in their order; `sort` takes `number`."""


class PlanSubmissionAnswer(Output):
    """A plan as it was submitted, which never changes, and what the superior made of it."""

    id: UUID
    number: int
    content: PlanContentAnswer
    at: datetime
    submitted_by: UUID | None
    on_behalf_of: UUID | None
    decision: PlanDecision | None
    comment: str | None
    decided_at: datetime | None
    decided_by: UUID | None
    decided_for: UUID | None = Field(description="Whom the one who decided stood in for.")


class StandingQuery(ListQuery):
    """Which plans of which year; `sort` takes `name`."""

    year: Year
    state: Annotated[str, StringConstraints(pattern="^(missing|draft|submitted|returned|approved)$")] | None = None
    account_manager_id: UUID | None = None
    tier: Tier | None = None
    overdue: bool | None = Field(default=None, description="Only those that should have been submitted, or the others.")


class AccountPlanStandingAnswer(Output):
    """How a customer's plan stands and is carried out, in money by currency; a customer without one is `missing`."""

    customer_id: UUID
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    plan_id: UUID | None
    state: str = Field(description="`missing`, or the plan's state.")
    overdue: bool
    due_on: date | None
    submission: int | None
    in_force: int | None
    target: MoneyAnswer | None = Field(description="What the plan in force aims at in the year.")
    won: list[MoneyAnswer] = Field(description="What was won in the year, by currency: no rate is applied.")
    measures: int
    measures_done: int
    measures_overdue: int
    activities_done: int
    activities_overdue: int


class CountsQuery(Input):
    """Which year."""

    year: Year


class AccountPlanCountsAnswer(Output):
    """How many of the customers that you look after, or people below you, have a plan in which state."""

    year: int
    due_on: date | None
    missing: int
    draft: int
    submitted: int
    returned: int
    approved: int
    overdue: int


class PlanYearRequest(Input):
    """By when the plans of a year are due, and for customers of which tiers there is to be one."""

    due_on: date
    tiers: list[Tier] = Field(default_factory=lambda: list(DEFAULT_TIERS), min_length=1, max_length=4)


class PlanYearQuery(ListQuery):
    """What was said of years, the latest first; `sort` takes `at`."""

    year: Year | None = None


class PlanYearAnswer(Output):
    """By when the plans of a year are due; what was said last counts."""

    id: UUID
    year: int
    due_on: date
    tiers: list[Tier]
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
