"""What goes over the wire: inputs forbid unknown fields, fields of answers have no defaults."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from servicekit.values.errors import KeyaccountError
from servicekit.values.money import Money, exact_money


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

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _has_null_character(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(_has_null_character(part) for item in value.items() for part in item)
    return isinstance(value, list | tuple | set | frozenset) and any(_has_null_character(part) for part in value)


class Input(BaseModel):
    """What a client sends: unknown fields are refused, NUL characters too."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    @model_validator(mode="after")
    def _no_null_characters(self) -> Self:
        for name in type(self).model_fields:
            if _has_null_character(getattr(self, name)):
                raise ValueError(f"{name} contains a NUL character")
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


class ExternalReference(Input):
    """The id that something has in another system; unique per system."""

    system: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")] = Field(examples=["erp"])
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["C-1042"])
