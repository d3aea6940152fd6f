"""What goes over the wire: inputs forbid unknown fields, fields of answers have no defaults."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from servicekit.values.errors import KeyaccountError
from servicekit.values.money import Money, UnknownCurrency, exact_money, scale_of


def _plain(value: Decimal) -> str:
    return format(value, "f")


DecimalString = Annotated[
    Decimal,
    Field(max_digits=38, allow_inf_nan=False),
    PlainSerializer(_plain, return_type=str, when_used="json"),
]
"""An exact decimal, written as a string."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""A non-empty line of text from people."""

Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
"""A non-empty text from people, such as a reason."""


def _known_currency(code: str) -> str:
    try:
        scale_of(code)
    except UnknownCurrency as error:
        raise ValueError(error.message) from error
    return code


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_known_currency)]
"""A code of ISO 4217, past ones included."""


UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL and UTF-8 cannot keep: NUL, and halves of surrogate pairs."""

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Days before and after are meant by nobody; at the very ends of the calendar, drivers and time zones fail."""


def _fault_of(value: object) -> str | None:
    if isinstance(value, str):
        return "contains a NUL character or half a surrogate pair" if UNKEEPABLE.search(value) else None
    if isinstance(value, date):
        within = FIRST_YEAR <= value.year <= LAST_YEAR
        return None if within else f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
    if isinstance(value, Mapping):
        value = [part for item in value.items() for part in item]
    if isinstance(value, list | tuple | set | frozenset):
        return next((fault for part in value if (fault := _fault_of(part))), None)
    return None


class Input(BaseModel):
    """What a client sends: unknown fields are refused, and text and dates that cannot be kept."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        for name in type(self).model_fields:
            fault = _fault_of(getattr(self, name))
            if fault:
                raise ValueError(f"{name} {fault}")
        return self


class Output(BaseModel):
    """What a client gets: every field is present, read from the attributes of a plain value."""

    model_config = ConfigDict(from_attributes=True)


class MoneyField(Input):
    """An amount of money, its scale checked against its currency (ISO 4217)."""

    amount: DecimalString = Field(examples=["1234.50"])
    currency: Currency = Field(examples=["CNY"])

    @model_validator(mode="after")
    def _exact(self) -> Self:
        try:
            exact_money(self.amount, self.currency)
        except KeyaccountError as error:
            raise ValueError(error.message) from error
        return self

    def as_money(self) -> Money:
        """Return the plain value."""
        return exact_money(self.amount, self.currency)


class MoneyAnswer(Output):
    """An amount of money with its currency (ISO 4217)."""

    amount: DecimalString = Field(examples=["1234.50"])
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(examples=["CNY"])


class ExternalReference(Input):
    """The id that something has in another system; unique per system."""

    system: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")] = Field(examples=["erp"])
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["C-1042"])
