"""Supplements, proposed changes and confirmations over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, MoneyField, Output, Prose
from services.customer.customers.rules.values import (
    AddressKind,
    NameKind,
    Tier,
    TypedAddress,
    TypedIdentifier,
    TypedName,
)
from services.customer.matching.rules.identifiers import Scheme
from services.customer.supplements.rules.comparing import ATTRIBUTE, FIELDS, as_value
from services.customer.supplements.rules.deciding import ChangeDecision, ChangeState, SupplementSource
from services.customer.supplements.store.ages import Aged

MOST_PARTS = 50
Country = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\..{1,60})?$")]


class LearnedName(Input):
    """Another name of the company."""

    kind: NameKind
    name: Line


class LearnedIdentifier(Input):
    """A strong identifier, checked."""

    scheme: Scheme
    value: Short
    country: Country | None = None


class LearnedAddress(Input):
    """An address of the company."""

    kind: AddressKind
    line_1: Line
    line_2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)] | None = None
    country: Country


class LearnedFrom(Input):
    """From what it was learned."""

    kind: SupplementSource
    id: Short | None = Field(default=None, description="The id of the activity, the opportunity, the project…")


class SupplementRequest(Input):
    """What was learned of a customer: what it does not know is added, what contradicts is proposed."""

    source: LearnedFrom
    legal_name: Line | None = None
    city: Line | None = None
    phone: Short | None = None
    website: Line | None = None
    industry: Line | None = None
    annual_revenue: MoneyField | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    founded: Annotated[int, Field(ge=1000, le=2200)] | None = None
    attributes: dict[
        Annotated[str, StringConstraints(min_length=1, max_length=60)],
        Annotated[str, StringConstraints(min_length=1, max_length=1000)],
    ] = Field(default_factory=dict, max_length=50)
    other_names: list[LearnedName] = Field(default_factory=list, max_length=MOST_PARTS)
    identifiers: list[LearnedIdentifier] = Field(default_factory=list, max_length=MOST_PARTS)
    addresses: list[LearnedAddress] = Field(default_factory=list, max_length=MOST_PARTS)

    @model_validator(mode="after")
    def _revenue_not_negative(self) -> Self:
        if self.annual_revenue is not None and self.annual_revenue.amount < 0:
            raise ValueError("annual_revenue is not negative")
        return self

    def fields(self) -> dict[str, Any]:
        """Return the plain fields that were sent, by name."""
        revenue = self.annual_revenue.as_money() if self.annual_revenue else None
        told = {name: getattr(self, name) for name in FIELDS} | {"annual_revenue": as_value(revenue)}
        named = {name: value for name, value in told.items() if value is not None}
        return named | {f"{ATTRIBUTE}{name}": value for name, value in self.attributes.items()}

    def names(self) -> tuple[TypedName, ...]:
        """Return the names as plain values."""
        return tuple(TypedName(one.kind, one.name) for one in self.other_names)

    def numbers(self) -> tuple[TypedIdentifier, ...]:
        """Return the identifiers as plain values, not yet checked."""
        return tuple(TypedIdentifier(one.scheme, one.value, one.country) for one in self.identifiers)

    def places(self) -> tuple[TypedAddress, ...]:
        """Return the addresses as plain values."""
        return tuple(
            TypedAddress(one.kind, one.line_1, one.line_2, one.city, one.region, one.postal_code, one.country)
            for one in self.addresses
        )


class ProposedChangeAnswer(Output):
    """A value that contradicts the present one, and what was decided on it."""

    id: UUID
    version: int
    customer_id: UUID
    field: str = Field(examples=["phone", "attributes.colour", "identifiers.uscc"])
    present: JsonValue = Field(description="The value when it was proposed.")
    proposed: JsonValue
    source: str = Field(examples=["intake", "visit"])
    source_id: str | None
    state: ChangeState
    proposed_by: UUID | None
    proposed_at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime | None
    reason: str | None


class SupplementAnswer(Output):
    """What became of a supplement, by names of fields."""

    added: list[str]
    confirmed: list[str]
    proposed: list[ProposedChangeAnswer] = Field(description="Without those that were proposed already.")


class ChangeDecisionRequest(Input):
    """Whether the proposed value becomes the customer's."""

    decision: ChangeDecision
    reason: Prose | None = None


class ProposedChangeQuery(ListQuery):
    """Filters of the list of proposed changes; `sort` takes `proposed_at`, the latest first unless said otherwise."""

    state: ChangeState | None = None
    customer_id: UUID | None = None
    field: FieldName | None = None
    account_manager_id: UUID | None = None


class OutdatedQuery(ListQuery):
    """Filters of the list of what nobody has written or confirmed for long; `sort` takes `oldest_at`."""

    older_than_days: Annotated[int, Field(ge=0, le=36_500)] | None = Field(
        default=None, description="KEYACCOUNT_DATA_AGE_DAYS (365) unless said otherwise; 0 lists everything."
    )
    field: FieldName | None = Field(default=None, description="Only customers of which this field is so old.")
    account_manager_id: UUID | None = None
    tier: Tier | None = None


class FieldAge(Output):
    """A field, and when it was last written or confirmed."""

    field: str
    confirmed_at: datetime


class OutdatedAnswer(Output):
    """A customer of which something should be checked, and what."""

    id: UUID
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    oldest_at: datetime
    fields: list[FieldAge]

    @classmethod
    def of(cls, aged: Aged, before: datetime) -> Self:
        """Return a customer with those of its fields that are so old."""
        return cls(
            id=aged.id,
            legal_name=aged.legal_name,
            tier=Tier(aged.tier) if aged.tier else None,
            account_manager_id=aged.account_manager_id,
            oldest_at=aged.oldest_at,
            fields=[one for one in ages_of(aged.confirmed) if one.confirmed_at < before],
        )


def ages_of(confirmed: Mapping[str, str]) -> list[FieldAge]:
    """Return fields and their instants, the oldest first."""
    found = [FieldAge(field=name, confirmed_at=datetime.fromisoformat(at)) for name, at in confirmed.items()]
    return sorted(found, key=lambda one: (one.confirmed_at, one.field))


class DataConfirmationRequest(Input):
    """Which fields still hold."""

    fields: list[FieldName] = Field(min_length=1, max_length=MOST_PARTS, examples=[["phone", "website"]])


class DataConfirmationAnswer(Output):
    """When each field was last written or confirmed."""

    customer_id: UUID
    fields: list[FieldAge]
