"""What a customer is made of, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from servicekit.values.money import Money
from services.customer.matching.rules.identifiers import Scheme
from services.customer.rulings.rules import Ruling


class CustomerKind(StrEnum):
    """What the company is to us; one base and one rule of uniqueness for all."""

    CUSTOMER = "customer"
    CHANNEL = "channel"
    COMPETITOR = "competitor"


class Tier(StrEnum):
    """How important a customer is; none means not yet classified."""

    STRATEGIC = "strategic"
    KEY = "key"
    GROWTH = "growth"
    STANDARD = "standard"


class NameKind(StrEnum):
    """What a name is used for; the present legal name is the customer's own."""

    SHORT = "short"
    ENGLISH = "english"
    FORMER = "former"
    BRAND = "brand"
    OTHER = "other"


class AddressKind(StrEnum):
    """What an address is used for."""

    HEADQUARTERS = "headquarters"
    DELIVERY = "delivery"
    BILLING = "billing"
    OTHER = "other"


class Origin(StrEnum):
    """Where a record came from; what is simulated says so wherever it is shown."""

    ENTERED = "entered"
    IMPORTED = "imported"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Reference:
    """The id that a record has in another system."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class TypedName:
    """Another name of the company, as it was typed or imported."""

    kind: NameKind
    name: str
    from_date: date | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class TypedIdentifier:
    """An identifier as it was typed or imported, not yet checked."""

    scheme: Scheme
    value: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address as it was typed or imported."""

    kind: AddressKind
    line_1: str
    line_2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str


@dataclass(frozen=True, slots=True)
class TypedCustomer:
    """Everything that may be said of a customer when it is made; `manager_given` tells silence from nobody."""

    kind: CustomerKind
    legal_name: str
    country: str
    city: str | None = None
    phone: str | None = None
    website: str | None = None
    industry: str | None = None
    annual_revenue: Money | None = None
    employees: int | None = None
    founded: int | None = None
    parent_id: UUID | None = None
    account_manager_id: UUID | None = None
    manager_given: bool = False
    tier: Tier | None = None
    origin: Origin = Origin.ENTERED
    attributes: Mapping[str, str] = field(default_factory=dict)
    other_names: tuple[TypedName, ...] = ()
    identifiers: tuple[TypedIdentifier, ...] = ()
    addresses: tuple[TypedAddress, ...] = ()
    reference: Reference | None = None
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """A customer as another system tells of it, and which fields it said anything about."""

    typed: TypedCustomer
    given: frozenset[str]

    @property
    def reference(self) -> Reference:
        """Its id there."""
        if self.typed.reference is None:
            raise ValueError("What is imported has a reference.")
        return self.typed.reference

    def ruled(self, ruling: Ruling | None) -> "Imported":
        """Return it with what the assignment rules say, unless its account manager is given."""
        if ruling is None or self.typed.manager_given:
            return self
        return replace(self, typed=replace(self.typed, ruling=ruling))
