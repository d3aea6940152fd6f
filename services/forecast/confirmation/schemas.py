"""Candidates and confirmations over the wire."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.values.money import round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, MoneyAnswer, MoneyField, Output
from servicekit.web.schemas import Line as TextLine
from services.forecast.confirmation.rules.confirming import OpportunityState
from services.forecast.confirmation.rules.lines import Line
from services.forecast.confirmation.rules.stating import StatedLine, Statement
from services.forecast.confirmation.store.live import Confirmation
from services.forecast.cycles.rules.definition import Category, CycleState
from services.forecast.wire import InCurrency, QuantityString


class OpeningAnswer(Output):
    """A cycle that was opened: its reporting lines and the rates of a day are frozen with it."""

    id: UUID
    version: int
    name: str
    state: CycleState
    opened_at: datetime
    rates_on: date


class ConfirmationLineField(Input):
    """A part of what is confirmed: a product, or a product line, or neither; its amount is in the confirmation's."""

    product_id: UUID | None = None
    product_line_id: UUID | None = Field(default=None, description="Where no product is known.")
    month: date = Field(description="The day on which it is to be delivered, which gives month and week.")
    place: TextLine | None = Field(default=None, description="Else where the customer is delivered to.")
    quantity: Annotated[DecimalString, Field(ge=0)] | None = Field(default=None, description="In the product's unit.")
    amount: Annotated[DecimalString, Field(ge=0, max_digits=20, decimal_places=4)]


class ConfirmationRequest(Input):
    """What the principal says of an opportunity; what is left out is as the opportunity has it."""

    opportunity_id: UUID
    opportunity_version: int = Field(ge=1, description="The version that you looked at.")
    category: Category
    amount: MoneyField | None = None
    expected_close: date | None = None
    lines: list[ConfirmationLineField] | None = Field(
        default=None, max_length=500, description="They add up to the amount; left out: the opportunity's own lines."
    )

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.amount is not None and self.amount.amount < 0:
            raise ValueError("amount is 0 or more")
        return self

    def product_ids(self, told: Mapping[str, Any] | None) -> list[UUID]:
        """Return the products that are named here, or by the opportunity as it was just told of."""
        offered = [UUID(line["product_id"]) for line in told["lines"] if line["product_id"]] if told else []
        return offered + [line.product_id for line in self.lines or [] if line.product_id is not None]

    def as_statement(self) -> Statement:
        """Return the plain value."""
        return Statement(
            opportunity_id=self.opportunity_id,
            opportunity_version=self.opportunity_version,
            category=self.category,
            amount=self.amount.as_money() if self.amount else None,
            closes_on=self.expected_close,
            lines=[StatedLine(**line.model_dump()) for line in self.lines] if self.lines else None,
        )


class ConfirmationAnswer(InCurrency):
    """A confirmation: what was stated, and what it counts for in the cycle's currency."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    id: UUID
    cycle_id: UUID
    seat_id: UUID
    opportunity_id: UUID
    opportunity_version: int
    opportunity_name: str
    is_simulated: bool
    category: Category
    stated: MoneyAnswer
    rate: DecimalString
    probability: DecimalString
    amount: DecimalString
    expected_close: date
    at: datetime
    lines: list["ConfirmationLineAnswer"]

    @classmethod
    def of(cls, made: Confirmation, parts: Sequence[Line], currency: str) -> Self:
        """Return the answer that tells of a confirmation; its lines are what it counts for in the cycle's currency."""
        return cls(
            id=made.id,
            cycle_id=made.cycle_id,
            seat_id=made.seat_id,
            opportunity_id=made.opportunity_id,
            opportunity_version=made.opportunity_version,
            opportunity_name=made.opportunity_name,
            is_simulated=made.is_simulated,
            category=Category(made.category),
            stated=MoneyAnswer.model_validate(_money(made.stated_amount, made.stated_currency)),
            rate=made.rate,
            probability=made.probability,
            amount=made.amount,
            expected_close=made.closes_on,
            at=made.at,
            currency=currency,
            lines=[ConfirmationLineAnswer.of(part, currency) for part in parts],
        )


class ConfirmationLineAnswer(InCurrency):
    """A part of a confirmation, in the cycle's currency."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    product_id: UUID | None
    product_line_id: UUID | None
    unit: str | None
    month: date
    week: date | None = Field(description="The first day, in the month, of the week in which it is to be delivered.")
    place: str | None
    quantity: QuantityString | None
    amount: DecimalString

    @classmethod
    def of(cls, part: Line, currency: str) -> Self:
        """Return the answer that tells of a part."""
        return cls(
            product_id=part.item.product_id,
            product_line_id=part.item.product_line_id,
            unit=part.item.unit,
            month=part.month,
            week=part.week,
            place=part.place,
            quantity=part.quantity,
            amount=part.amount,
            currency=currency,
        )


class SaidAnswer(Output):
    """What was last said of an opportunity in the cycle."""

    id: UUID
    category: Category
    opportunity_version: int
    amount: DecimalString
    expected_close: date
    at: datetime


class CandidateAnswer(Output):
    """An opportunity that may be confirmed, or is."""

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    customer_name: str | None
    stage: str
    state: OpportunityState
    amount: MoneyAnswer | None
    expected_close: date | None
    is_simulated: bool
    is_live: bool = Field(description="Whether it counts in the cycle.")
    has_changed: bool = Field(description="Whether the opportunity has changed since it was confirmed.")
    said: SaidAnswer | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        same = {name: getattr(value, name) for name in cls.model_fields if hasattr(value, name)}
        said = None
        if value.said_id is not None:
            said = {
                "id": value.said_id,
                "category": value.said_category,
                "opportunity_version": value.said_version,
                "amount": value.said_amount,
                "expected_close": value.said_closes_on,
                "at": value.said_at,
            }
        amount = None if value.amount is None else _money(value.amount, value.currency)
        changed = value.said_version is not None and value.version > value.said_version
        return same | {"amount": amount, "has_changed": changed, "said": said}


class CandidateQuery(ListQuery):
    """Whose candidates, and which."""

    seat_id: UUID | None = Field(default=None, description="Of a seat that you may see; else your own.")
    stage: str | None = Field(default=None, max_length=60)
    category: Category | None = None

    def chosen(self) -> dict[str, Any]:
        """Return the filters of the list itself."""
        return {name: value for name, value in self.filters().items() if name != "seat_id"}


def _money(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"amount": round_money(amount, currency), "currency": currency}


class CustomerStandingAnswer(Output):
    """What of a customer is confirmed in a category of an open cycle, in the cycle's currency."""

    cycle_id: UUID
    cycle_name: str
    period_start: date
    period_end: date
    category: str = Field(examples=["commit"])
    count: int
    amount: MoneyAnswer
    simulated_count: int

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        same = {name: getattr(row, name) for name in cls.model_fields}
        return same | {"amount": {"amount": round_money(row.amount, row.currency), "currency": row.currency}}


class CustomerForecastAnswer(Output):
    """What of a customer stands in the live forecasts of the open cycles."""

    items: list[CustomerStandingAnswer]
