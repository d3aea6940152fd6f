"""The catalogue over the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.values.money import round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, MoneyAnswer, MoneyField, Output

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ProductLineInput(Input):
    """What can be said of a product line."""

    name: Line = Field(examples=["Outsoles"])
    parent_id: UUID | None = None


class ProductLineRequest(ProductLineInput):
    """A new product line."""

    external_reference: ExternalReference | None = None


class ProductLineItem(ProductLineInput):
    """A product line by its reference."""

    external_reference: ExternalReference


class ProductInput(Input):
    """What can be said of a product."""

    code: Code = Field(examples=["OS-42"])
    name: Line = Field(examples=["Rubber outsole 42"])
    product_line_id: UUID
    unit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = Field(
        examples=["pair"]
    )
    unit_is_whole: bool = Field(description="Whether it is sold in whole units only.")
    list_price: MoneyField | None = None


class ProductRequest(ProductInput):
    """A new product."""

    external_reference: ExternalReference | None = None


class ProductItem(ProductInput):
    """A product by its reference."""

    external_reference: ExternalReference


class ProductLinePatch(Input):
    """A merge patch of a product line."""

    name: Line | None = None
    parent_id: UUID | None = None


class ProductPatch(Input):
    """A merge patch of a product; `list_price` null takes the price away."""

    code: Code | None = None
    name: Line | None = None
    product_line_id: UUID | None = None
    unit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = None
    unit_is_whole: bool | None = None
    list_price: MoneyField | None = None


def _with_reference(value: Any) -> Any:
    if isinstance(value, dict) or not hasattr(value, "external_system"):
        return value
    fields: dict[str, Any] = {name: getattr(value, name) for name in value.__dataclass_fields__}
    system, identifier = fields.pop("external_system"), fields.pop("external_id")
    fields["external_reference"] = {"system": system, "id": identifier} if system else None
    if "list_price" in fields:
        amount, currency = fields["list_price"], fields.pop("list_price_currency")
        fields["list_price"] = (
            None if amount is None else {"amount": round_money(amount, currency), "currency": currency}
        )
    return fields


class ProductLineAnswer(Output):
    """A product line."""

    id: UUID
    version: int
    name: str
    parent_id: UUID | None
    external_reference: ExternalReference | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return _with_reference(value)


class ProductAnswer(Output):
    """A product."""

    id: UUID
    version: int
    code: str
    name: str
    product_line_id: UUID
    unit: str
    unit_is_whole: bool
    list_price: MoneyAnswer | None
    external_reference: ExternalReference | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return _with_reference(value)


class ProductLineQuery(ListQuery):
    """Filters of the list of product lines."""

    parent_id: UUID | None = None
    external_system: str | None = None
    external_id: str | None = None


class ProductQuery(ListQuery):
    """Filters of the list of products."""

    product_line_id: UUID | None = None
    code: str | None = None
    search: str | None = Field(default=None, min_length=1, max_length=100, description="Part of the name.")
    external_system: str | None = None
    external_id: str | None = None
