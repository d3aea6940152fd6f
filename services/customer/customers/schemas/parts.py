"""Names, identifiers and addresses over the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.schemas import Input, Line, Output
from services.customer.customers.rules.values import AddressKind, NameKind, TypedAddress, TypedIdentifier, TypedName
from services.customer.matching.rules.identifiers import Scheme

Country = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
MOST_PARTS = 50


class NameInput(Input):
    """Another name of the company, and the dates between which it was used (`until` not included)."""

    kind: NameKind
    name: Line = Field(examples=["Bata"])
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError("until has to lie after from")
        return self

    def typed(self) -> TypedName:
        """Return the plain value."""
        return TypedName(self.kind, self.name, self.from_, self.until)


class IdentifierInput(Input):
    """A strong identifier; a tax number (`vat`) is of the customer's country unless said otherwise."""

    scheme: Scheme
    value: Short = Field(examples=["91110000600037341L"])
    country: Country | None = None

    def typed(self) -> TypedIdentifier:
        """Return the plain value."""
        return TypedIdentifier(self.scheme, self.value, self.country)


class AddressInput(Input):
    """An address; the first one of kind `delivery` is where demand plans say that goods go."""

    kind: AddressKind
    line_1: Line
    line_2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)] | None = None
    country: Country

    def typed(self) -> TypedAddress:
        """Return the plain value."""
        return TypedAddress(self.kind, self.line_1, self.line_2, self.city, self.region, self.postal_code, self.country)


class EndingInput(Input):
    """From when it holds no more; today unless said otherwise."""

    on: date | None = None


class NameAnswer(Output):
    """Another name of a customer."""

    id: UUID
    kind: NameKind
    name: str
    from_: date | None = Field(validation_alias="from_date", serialization_alias="from")
    until: date | None = Field(validation_alias="until_date")


class IdentifierAnswer(Output):
    """An identifier; one that is not verified, or has ended, decides nothing."""

    id: UUID
    scheme: Scheme
    value: str
    verified: bool
    ended_on: date | None


class AddressAnswer(Output):
    """An address."""

    id: UUID
    kind: AddressKind
    line_1: str
    line_2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str
    ended_on: date | None
