"""Confirmed orders over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.values.money import round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, ExternalReference, Input, Line, MoneyAnswer, MoneyField, Output
from services.forecast.erp.rules.orders import OrderKey, OrderState, SaidOrder
from services.forecast.erp.schemas.systems import Code, Short
from services.forecast.wire import QuantityString

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Quantity = Annotated[DecimalString, Field(ge=Decimal(0), lt=Decimal(10) ** 15)]


class ConfirmedOrderRequest(Input):
    """A line of an order that an ERP system has confirmed; product and place by our names, or by its codes."""

    external_reference: ExternalReference = Field(
        description="The ERP system and its id of the order line, by which it is known again."
    )
    order_number: Number = Field(examples=["SO-2041"])
    line_number: Number | None = Field(default=None, examples=["10"])
    product_id: UUID | None = None
    item_code: Code | None = Field(default=None, description="Instead of `product_id`: what the system calls it.")
    place: Line | None = Field(default=None, description="As plans name it; without one it is `unspecified`.")
    location_code: Code | None = Field(default=None, description="Instead of `place`: what the system calls it.")
    due_on: date = Field(description="The day for which it is promised.")
    quantity: Quantity = Field(examples=["300"])
    unit: Short | None = Field(default=None, description="The product's; it is said only to be compared.")
    amount: MoneyField | None = Field(default=None, description="What the whole line is worth.")
    opportunity_id: UUID | None = None
    state: OrderState = OrderState.CONFIRMED

    def said(self) -> SaidOrder:
        """Return the plain values."""
        return SaidOrder(
            key=OrderKey(self.external_reference.system, self.external_reference.id),
            order_number=self.order_number,
            line_number=self.line_number,
            product_id=self.product_id,
            item_code=self.item_code,
            place=self.place,
            location_code=self.location_code,
            due_on=self.due_on,
            quantity=self.quantity,
            unit=self.unit,
            amount=self.amount.as_money() if self.amount else None,
            opportunity_id=self.opportunity_id,
            state=self.state,
        )


class ConfirmedOrderPatch(Input):
    """Where an order line stands now; whatever else is another is told as the whole line, by its reference."""

    state: OrderState


class ConfirmedOrderAnswer(Output):
    """A line of an order that an ERP system has confirmed."""

    id: UUID
    version: int
    external_reference: ExternalReference
    order_number: str
    line_number: str | None
    product_id: UUID
    place: str
    due_on: date
    quantity: QuantityString
    unit: str
    amount: MoneyAnswer | None
    opportunity_id: UUID | None
    state: OrderState
    created_at: datetime
    changed_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not hasattr(value, "external_system"):
            return value
        fields = {name: getattr(value, name) for name in cls.model_fields if hasattr(value, name)}
        money = None
        if value.amount is not None:
            money = {"amount": round_money(value.amount, value.currency), "currency": value.currency}
        reference = {"system": value.external_system, "id": value.external_id}
        return fields | {"amount": money, "external_reference": reference}


class ConfirmedOrderQuery(ListQuery):
    """Which order lines."""

    product_id: UUID | None = None
    opportunity_id: UUID | None = None
    place: str | None = Field(default=None, max_length=400)
    state: OrderState | None = None
    order_number: str | None = Field(default=None, max_length=100)
    external_system: str | None = Field(default=None, max_length=60)
    external_id: str | None = Field(default=None, max_length=200)
    due_from: date | None = Field(default=None, description="Due on this day or later.")
    due_until: date | None = Field(default=None, description="Due before this day.")
