"""Customers over the wire: what is sent, what is answered, what a list takes."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, MoneyAnswer, MoneyField, Output
from services.customer.customers.rules.values import (
    CustomerKind,
    Imported,
    Origin,
    Reference,
    Tier,
    TypedCustomer,
)
from services.customer.customers.schemas.parts import (
    MOST_PARTS,
    AddressAnswer,
    AddressInput,
    Country,
    IdentifierAnswer,
    IdentifierInput,
    NameAnswer,
    NameInput,
    Short,
)

Year = Annotated[int, Field(ge=1000, le=2200)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
AttributeValue = Annotated[str, StringConstraints(max_length=1000)]


class NotNegativeMoney(MoneyField):
    """An amount of money that is not negative."""

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.amount < 0:
            raise ValueError("amount is not negative")
        return self


class _Attributes(Input):
    city: Line | None = Field(default=None, examples=["上海"])
    phone: Short | None = None
    website: Line | None = None
    industry: Line | None = None
    annual_revenue: NotNegativeMoney | None = None
    employees: Count | None = None
    founded: Year | None = Field(default=None, description="The year.")


class CustomerFields(_Attributes):
    """What may be said of a company when it is entered."""

    kind: CustomerKind = CustomerKind.CUSTOMER
    legal_name: Line = Field(examples=["宝安鞋业有限公司"])
    country: Country = Field(description="ISO 3166-1 alpha-2.", examples=["CN"])
    parent_id: UUID | None = Field(default=None, description="The company that this one belongs to.")
    account_manager_id: UUID | None = Field(
        default=None,
        description="Who looks after it. Left out: whoever enters it, if that is a seller; null: nobody yet.",
    )
    tier: Tier | None = Field(default=None, description="Set by superiors of the account manager and sales operations.")
    attributes: dict[AttributeName, AttributeValue] = Field(default_factory=dict, max_length=50)
    other_names: list[NameInput] = Field(default_factory=list, max_length=MOST_PARTS)
    identifiers: list[IdentifierInput] = Field(default_factory=list, max_length=MOST_PARTS)
    addresses: list[AddressInput] = Field(default_factory=list, max_length=MOST_PARTS)
    origin: Origin = Origin.ENTERED

    def typed(self, reference: ExternalReference | None = None) -> TypedCustomer:
        """Return the plain value."""
        return TypedCustomer(
            kind=self.kind,
            legal_name=self.legal_name,
            country=self.country,
            city=self.city,
            phone=self.phone,
            website=self.website,
            industry=self.industry,
            annual_revenue=self.annual_revenue.as_money() if self.annual_revenue else None,
            employees=self.employees,
            founded=self.founded,
            parent_id=self.parent_id,
            account_manager_id=self.account_manager_id,
            manager_given="account_manager_id" in self.model_fields_set,
            tier=self.tier,
            origin=self.origin,
            attributes=self.attributes,
            other_names=tuple(name.typed() for name in self.other_names),
            identifiers=tuple(identifier.typed() for identifier in self.identifiers),
            addresses=tuple(address.typed() for address in self.addresses),
            reference=Reference(reference.system, reference.id) if reference else None,
        )


class CustomerInput(CustomerFields):
    """A company as somebody enters it."""

    external_reference: ExternalReference | None = None


class CustomerByReference(CustomerFields):
    """A company as another system tells of it; what is left out stays as it is."""

    origin: Origin = Origin.IMPORTED

    def imported(self, reference: ExternalReference) -> Imported:
        """Return the plain value."""
        return Imported(self.typed(reference), frozenset(self.model_fields_set - {"external_reference", "origin"}))


class CustomerItem(CustomerByReference):
    """One company of a batch."""

    external_reference: ExternalReference


class CustomerPatch(_Attributes):
    """A JSON merge patch of plain attributes: null empties one; what has a rule of its own is a sub-resource."""

    kind: CustomerKind | None = None
    legal_name: Line | None = Field(default=None, description="The former one stays as a name of kind `former`.")
    country: Country | None = None
    attributes: dict[AttributeName, AttributeValue | None] | None = Field(default=None, max_length=100)

    def fields(self) -> dict[str, Any]:
        """Return the fields that were sent, as plain values."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if self.annual_revenue is not None:
            sent["annual_revenue"] = self.annual_revenue.as_money()
        if self.kind is not None:
            sent["kind"] = self.kind.value
        return sent


class CustomerQuery(ListQuery):
    """Filters of the list of customers; `sort` takes `name`, `created_at` and, with `search`, `relevance`."""

    kind: CustomerKind | None = None
    tier: Tier | None = None
    country: Country | None = None
    city: Line | None = None
    account_manager_id: UUID | None = None
    unassigned: bool | None = Field(default=None, description="Only those that nobody looks after, or only the others.")
    parent_id: UUID | None = None
    external_system: Short | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    search: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="Finds names, former names and identifiers by beginnings of words and by likeness, "
        "in any case, width, accents and Chinese characters.",
    )


class CustomerSummary(Output):
    """A customer in a list."""

    id: UUID
    version: int
    kind: CustomerKind
    legal_name: str
    country: str
    city: str | None
    phone: str | None
    website: str | None
    industry: str | None
    annual_revenue: MoneyAnswer | None
    employees: int | None
    founded: int | None
    parent_id: UUID | None
    account_manager_id: UUID | None
    tier: Tier | None
    origin: Origin
    attributes: dict[str, str]
    external_reference: ExternalReference | None
    created_at: datetime
    updated_at: datetime


class CustomerAnswer(CustomerSummary):
    """A customer with its names, identifiers and addresses, ended ones included."""

    other_names: list[NameAnswer]
    identifiers: list[IdentifierAnswer]
    addresses: list[AddressAnswer]
    merged_ids: list[UUID] = Field(
        description="Those that were merged into this one and stand for it: asking for one of them gets this answer."
    )
