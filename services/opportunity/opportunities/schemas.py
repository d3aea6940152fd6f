"""Opportunities over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.values.money import Money, round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, ExternalReference, Input, MoneyField, Output
from servicekit.web.schemas import Line as TextLine
from services.opportunity.definitions.rules import DEFINITIONS, probability_of
from services.opportunity.opportunities.rules import (
    Line,
    Origin,
    State,
    Terms,
    check_amount,
    check_unit_price,
    search_pattern,
)
from services.opportunity.opportunities.store import Opportunity, terms_of

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

    def as_line(self, currency: str) -> Line:
        """Return the plain value, a price in another currency refused."""
        price = check_unit_price(money_of(self.unit_price, currency), currency)
        return Line(self.product_id, self.quantity, price, self.delivery_date, self.delivery_place)


class OpportunityLineAnswer(Output):
    """A product wanted; `amount` is quantity × unit price, null where no price is agreed."""

    id: UUID
    product_id: UUID
    quantity: DecimalString
    unit_price: DecimalString | None
    amount: DecimalString | None
    delivery_date: date | None
    delivery_place: str | None


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
    probability_source: Literal["stage", "outcome"]
    funnel_version: int
    opened_at: datetime
    decided_on: date | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    currency: str
    amount: MoneyField | None
    amount_is_estimate: bool
    expected_close: date | None
    lines: list[OpportunityLineAnswer]
    origin: Origin
    external_reference: ExternalReference | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return answer_fields(value) if isinstance(value, Opportunity) else value


def answer_fields(row: Opportunity) -> dict[str, Any]:
    """Return the fields of the answer that tells of an opportunity."""
    same = {name: getattr(row, name) for name in OpportunityAnswer.model_fields if hasattr(row, name)}
    return same | {
        "unclassified": row.customer_id is None or row.account_manager_id is None or row.customer_tier is None,
        "stage_since": row.stage_since if row.age_known else None,
        "probability": probability_of(DEFINITIONS[row.funnel_version], row.stage, row.state),
        "probability_source": "stage" if row.state == State.OPEN else "outcome",
        "amount": None if row.amount is None else shown_money(row.amount, row.currency),
        "lines": [line | {"delivery_place": line["place"]} for line in row.lines],
        "external_reference": ({"system": row.external_system, "id": row.external_id} if row.external_system else None),
    }


class OpportunityPatch(Input):
    """A merge patch of an opportunity's terms; null says that it is not known, or takes it away."""

    name: TextLine | None = None
    customer_id: UUID | None = None
    currency: Currency | None = None
    amount: Amount | None = None
    amount_is_estimate: bool | None = None
    expected_close: date | None = None
    lines: list[OpportunityLineInput] | None = Field(default=None, max_length=200)

    def applied_to(self, present: Opportunity) -> Terms:
        """Return the terms that the patch asks for, refused where they cannot be."""
        given, before = self.model_fields_set, terms_of(present)
        currency = self.currency or before.currency
        amount = before.amount
        if "amount" in given:
            amount = check_amount(money_of(self.amount, currency), currency)
        elif currency != before.currency and amount is not None:
            amount = check_amount(Money(amount, before.currency), currency)
        lines = before.lines
        if "lines" in given:
            lines = [line.as_line(currency) for line in self.lines or []]
        return Terms(
            self.name or before.name,
            self.customer_id if "customer_id" in given else before.customer_id,
            currency,
            amount,
            before.amount_is_estimate if self.amount_is_estimate is None else self.amount_is_estimate,
            self.expected_close if "expected_close" in given else before.expected_close,
            lines,
        )


class OpportunityQuery(ListQuery):
    """Filters of the list of opportunities; amounts compare each in its own currency."""

    stage: list[str] | None = Field(default=None, max_length=10)
    state: list[State] | None = Field(default=None, max_length=3)
    principal_id: UUID | None = None
    customer_id: UUID | None = None
    product_line_id: UUID | None = Field(default=None, description="A product line, with every line below it.")
    amount_gte: DecimalString | None = None
    amount_lte: DecimalString | None = None
    expected_close_gte: date | None = None
    expected_close_lt: date | None = None
    currency: Currency | None = None
    origin: Origin | None = None
    external_system: Annotated[str, StringConstraints(max_length=60)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=200)] | None = None
    without_customer: bool | None = Field(default=None, description="Those that wait for their customer.")
    search: str | None = Field(default=None, min_length=1, max_length=100, description="Part of the name.")

    def binds(self) -> dict[str, Any]:
        """Return the filters as the store takes them."""
        given = self.filters()
        if "search" in given:
            given["search"] = search_pattern(given["search"])
        return given


class TermsChangeAnswer(Output):
    """The terms from an instant on."""

    at: datetime
    recorded_at: datetime
    currency: str
    amount: MoneyField | None
    amount_is_estimate: bool
    expected_close: date | None
    customer_id: UUID | None
    lines: list[OpportunityLineAnswer]
    actor_id: UUID | None
    on_behalf_of: UUID | None
