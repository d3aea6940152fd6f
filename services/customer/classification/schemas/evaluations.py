"""Evaluations of customers over the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output, Prose
from services.customer.classification.rules.deciding import EvaluationState, Gap, Ruling, Verdict
from services.customer.classification.rules.evaluating import Judged, Judgement
from services.customer.classification.rules.schemes import MOST_CRITERIA, MOST_LEVELS
from services.customer.classification.schemas.schemes import Key, SchemeNumber
from services.customer.customers.rules.values import Tier


class ValueInput(Input):
    """The value of a criterion on its scale; null, or the criterion left out, says that it is not known."""

    criterion: Key = Field(examples=["purchase_volume"])
    value: int | None = Field(ge=1, le=MOST_LEVELS)
    note: Prose | None = None


class EvaluationRequest(Input):
    """What is judged of a customer by the scheme in force."""

    scheme_number: SchemeNumber = Field(description="The scheme in force; another is refused.")
    values: list[ValueInput] = Field(min_length=1, max_length=MOST_CRITERIA)
    note: Prose | None = None
    confirm: bool = Field(default=False, description="Decide on it at once, for who may: the tier follows.")

    def as_judgement(self) -> Judgement:
        """Return the plain value."""
        judged = [Judged(one.criterion, one.value, one.note) for one in self.values]
        return Judgement(self.scheme_number, judged, self.note, self.confirm)


class EvaluationDecisionRequest(Input):
    """What a superior decides: `confirmed` as evaluated, `overridden` by a tier with a reason, or `returned`."""

    decision: Verdict
    tier: Tier | None = None
    reason: Prose | None = None

    def as_ruling(self) -> Ruling:
        """Return the plain value."""
        return Ruling(self.decision, self.tier, self.reason)


class ValueAnswer(Output):
    """The value of a criterion; null where it was not known."""

    criterion: str
    value: int | None
    note: str | None


class EvaluationAnswer(Output):
    """An evaluation, kept for ever.

    `score` (of 100) is null while criteria are not known: it then lies between `lowest_score` and `highest_score`, and
    `tier` is null where these lie in different bands. `decided_tier` is what the customer was placed in by it.
    """

    id: UUID
    customer_id: UUID
    sequence: int
    scheme_number: int
    values: list[ValueAnswer]
    note: str | None
    score: DecimalString | None
    lowest_score: DecimalString
    highest_score: DecimalString
    tier: Tier | None
    tier_before: Tier | None
    evaluated_by: UUID | None
    on_behalf_of: UUID | None
    at: datetime
    state: EvaluationState
    decided_tier: Tier | None
    reason: str | None
    decided_by: UUID | None
    decided_at: datetime | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return same | {
            "values": row.judged,
            "score": row.lowest_score if row.lowest_score == row.highest_score else None,
        }


class EvaluationQuery(ListQuery):
    """The evaluations of a customer, the latest first; `sort` takes `sequence`."""


class GapQuery(ListQuery):
    """Customers whose classification needs attention; `sort` takes `name`."""

    gap: Gap | None = Field(default=None, description="Any unless given.")
    account_manager_id: UUID | None = None
    tier: Tier | None = None


class GapAnswer(Output):
    """A customer whose classification needs attention, and why."""

    id: UUID
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    gaps: list[Gap]
    evaluation_id: UUID | None
    evaluated_at: datetime | None
    evaluated_tier: Tier | None
    scheme_number: int | None
    decision: Literal["confirmed", "overridden", "returned"] | None
