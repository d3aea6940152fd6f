"""How an opportunity goes over the wire, for every feature that answers with one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.values.intervals import Interval, shown_ratio
from servicekit.values.money import Money, round_money
from servicekit.web.schemas import DecimalString, ExternalReference, Input, MoneyAnswer, MoneyField, Output
from servicekit.web.schemas import Line as TextLine
from services.opportunity.freshness import OutdatedReason, outdated_because
from services.opportunity.likelihood import ProbabilitySource
from services.opportunity.scopes.rules import Scope, ScopeKind
from services.opportunity.settings import present_house
from services.opportunity.vocabulary import Origin, State, Value

Amount = MoneyField | DecimalString
"""Money, or a decimal string in the opportunity's currency."""
Quantity = Annotated[DecimalString, Field(gt=0, max_digits=18, decimal_places=4)]


def shown_money(amount: Decimal, currency: str) -> dict[str, Any]:
    """Return money as it goes out, with the decimals of its currency."""
    return {"amount": round_money(amount, currency), "currency": currency}


def money_of(amount: MoneyField | Decimal | None, currency: str) -> Money | None:
    """Return an amount as money; a bare decimal is in the currency given."""
    if amount is None:
        return None
    return amount.as_money() if isinstance(amount, MoneyField) else Money(amount, currency)


class OpportunityLineInput(Input):
    """A product wanted."""

    product_id: UUID
    quantity: Quantity = Field(examples=["1200"])
    unit_price: Amount | None = Field(default=None, description="In the opportunity's currency; null where not agreed.")
    delivery_date: date | None = None
    delivery_place: TextLine | None = None

    def as_values(self, currency: str) -> dict[str, Any]:
        """Return the plain values; a bare price is in the currency given."""
        price = money_of(self.unit_price, currency)
        return self.model_dump(exclude={"unit_price"}) | {"unit_price": price}


class OpportunityLineAnswer(Output):
    """A product wanted; `amount` is quantity × unit price, null where no price is agreed."""

    id: UUID
    product_id: UUID
    quantity: DecimalString
    unit_price: DecimalString | None
    amount: DecimalString | None
    delivery_date: date | None
    delivery_place: str | None


class CurrentAssessmentAnswer(Output):
    """The assessment in force: its yeses (`score`), those plus what is unanswered, and what that says.

    It is `outdated` when it is too old, or from before the last change of stage or state; `outdated_because` says
    which. A dimension is null where the model does not have it.
    """

    id: UUID
    assessed_at: datetime
    score: int
    score_most: int
    value: Value
    outdated: bool
    outdated_because: list[OutdatedReason]
    opportunity_exists: int | None
    we_can_compete: int | None
    we_can_win: int | None
    worth_winning: int | None


class OpportunityAnswer(Output):
    """An opportunity as it is now.

    `amount` is null where unknown, which is not 0. `stage_since` is null where nobody told since when it is in its
    stage. `unclassified` says that its customer is not assigned and placed in a tier yet.
    """

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    customer_name: str | None
    unclassified: bool
    principal_id: UUID
    principal_since: datetime
    account_manager_id: UUID | None
    stage: str
    state: State
    stage_since: datetime | None
    probability: DecimalString = Field(description="A ratio in [0, 1].")
    probability_source: ProbabilitySource
    calibrated_since: datetime | None = Field(description="Since when that calibration counts; null of other sources.")
    manual_probability: DecimalString | None = Field(
        description="What a person said, a ratio in [0, 1]; it counts while the opportunity is open."
    )
    manual_probability_since: datetime | None
    manual_probability_by: UUID | None
    funnel_version: int
    opened_at: datetime
    decided_on: date | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    currency: str
    amount: MoneyAnswer | None
    amount_is_estimate: bool
    expected_close: date | None
    contract_until: date | None = Field(description="The last day of the contract that a won one is.")
    last_activity_on: date | None = Field(description="The latest day on which something was done about it.")
    assessment: CurrentAssessmentAnswer | None = Field(description="Null where nobody has assessed it.")
    lines: list[OpportunityLineAnswer]
    origin: Origin
    external_reference: ExternalReference | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else answer_fields(value)


_SHOWN_OTHERWISE = {
    "customer_id",
    "unclassified",
    "stage_since",
    "probability",
    "probability_source",
    "amount",
    "assessment",
    "lines",
    "external_reference",
}
_AS_KEPT = [name for name in OpportunityAnswer.model_fields if name not in _SHOWN_OTHERWISE]


def answer_fields(row: Any) -> dict[str, Any]:
    """Return the fields of the answer that tells of an opportunity."""
    probability = row.probability
    return {name: getattr(row, name) for name in _AS_KEPT} | {
        "customer_id": row.current_customer_id,
        "unclassified": row.customer_id is None or row.account_manager_id is None or row.customer_tier is None,
        "stage_since": row.stage_since if row.age_known else None,
        "probability": probability.ratio,
        "probability_source": probability.source,
        "amount": None if row.amount is None else shown_money(row.amount, row.currency),
        "assessment": _assessment_fields(row) if row.assessment_id else None,
        "lines": [line | {"delivery_place": line["place"]} for line in row.lines],
        "external_reference": ({"system": row.external_system, "id": row.external_id} if row.external_system else None),
    }


def _assessment_fields(row: Any) -> dict[str, Any]:
    since = row.stage_since if row.age_known else None
    reasons = outdated_because(row.assessed_at, present_house().fresh_from, since)
    same = {name: getattr(row, name) for name in CurrentAssessmentAnswer.model_fields if hasattr(row, name)}
    return same | {
        "id": row.assessment_id,
        "value": row.assessed_value,
        "outdated": bool(reasons),
        "outdated_because": reasons,
    }


class ScopeQuery(Input):
    """Whose opportunities a report is about."""

    scope: ScopeKind = ScopeKind.SUBTREE
    person_id: UUID | None = Field(default=None, description="For person and subtree; you unless given.")
    customer_id: UUID | None = None
    product_line_id: UUID | None = None

    def as_scope(self) -> Scope:
        """Return the plain value."""
        return Scope(self.scope, self.person_id, self.customer_id, self.product_line_id)


class ScopeAnswer(Output):
    """Whose opportunities the report is about; `person_id` also bounds a product line to your own line."""

    kind: ScopeKind
    person_id: UUID | None
    customer_id: UUID | None
    product_line_id: UUID | None


class RateAnswer(Output):
    """A rate in use; `inverse` where the quote was the other way round."""

    from_currency: str
    date: date
    factor: DecimalString
    inverse: bool


class IntervalAnswer(Output):
    """Where a share lies with 95 % confidence (Wilson's score interval): ratios in [0, 1]."""

    low: DecimalString
    high: DecimalString


def interval_answer(interval: Interval | None) -> IntervalAnswer | None:
    """Return an interval as it is shown."""
    if interval is None:
        return None
    return IntervalAnswer(low=shown_ratio(interval.low), high=shown_ratio(interval.high))
