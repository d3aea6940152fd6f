"""Intakes over the wire: what is sent, what is answered, what a list takes."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, MoneyField, Output, Prose
from services.customer.customers.rules.values import AddressKind, CustomerKind, NameKind, Reference, Tier
from services.customer.intakes.rules.values import Decision, Outcome, Source, TypedIntake
from services.customer.matching.rules.identifiers import Scheme

MOST_PARTS = 50
Country = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Postcode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
Discriminator = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
AttributeValue = Annotated[str, StringConstraints(max_length=1000)]


class IntakeName(Input):
    """Another name of the company, and the dates between which it was used (`until` not included), where known."""

    kind: NameKind
    name: Line = Field(examples=["Bata"])
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _has_a_day(self) -> "IntakeName":
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError("until has to lie after from")
        return self


class IntakeIdentifier(Input):
    """A strong identifier; one that fails its check is refused, and kept unverified where the source is a list."""

    scheme: Scheme
    value: Short = Field(examples=["91110000600037341L"])
    country: Country | None = None


class IntakeAddress(Input):
    """An address of the company."""

    kind: AddressKind
    line_1: Line
    line_2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Postcode | None = None
    country: Country


class IntakeCompany(Input):
    """The company, as far as it is told of."""

    kind: CustomerKind = CustomerKind.CUSTOMER
    legal_name: Line = Field(examples=["宝安鞋业有限公司"])
    country: Country = Field(description="ISO 3166-1 alpha-2.", examples=["CN"])
    city: Line | None = Field(default=None, examples=["深圳"])
    phone: Short | None = None
    website: Line | None = None
    industry: Line | None = None
    annual_revenue: MoneyField | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    founded: Annotated[int, Field(ge=1000, le=2200)] | None = Field(default=None, description="The year.")
    attributes: dict[AttributeName, AttributeValue] = Field(default_factory=dict, max_length=50)
    other_names: list[IntakeName] = Field(default_factory=list, max_length=MOST_PARTS)
    identifiers: list[IntakeIdentifier] = Field(default_factory=list, max_length=MOST_PARTS)
    addresses: list[IntakeAddress] = Field(default_factory=list, max_length=MOST_PARTS)

    @model_validator(mode="after")
    def _revenue_not_negative(self) -> "IntakeCompany":
        if self.annual_revenue is not None and self.annual_revenue.amount < 0:
            raise ValueError("annual_revenue is not negative")
        return self


class IntakePerson(Input):
    """Who was spoken to, or wrote."""

    name: Line
    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)] | None = None
    phone: Short | None = None
    title: Line | None = None
    department: Line | None = None


class IntakeInput(Input):
    """Information about a company as it arrives. It is kept for ever; what names people can be erased."""

    source: Source
    channel_id: UUID | None = Field(
        default=None, description="The channel partner (a customer of kind `channel`) that it comes from."
    )
    company: IntakeCompany
    person: IntakePerson | None = None
    note: Prose | None = Field(default=None, description="What was heard, in words.")
    raw: dict[AttributeName, JsonValue] | None = Field(
        default=None, max_length=200, description="The record as the source sent it; kept, not interpreted."
    )
    received_on: date | None = Field(default=None, description="When it was heard; today unless said otherwise.")
    external_reference: ExternalReference | None = Field(
        default=None, description="Its id where it comes from: what arrives twice is kept once."
    )

    def typed(self) -> TypedIntake:
        """Return the plain value."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        reference = self.external_reference
        return TypedIntake(
            source=self.source,
            channel_id=self.channel_id,
            content=sent["company"],
            personal={name: sent[name] for name in ("person", "note", "raw") if sent.get(name) is not None},
            received_on=self.received_on,
            reference=Reference(reference.system, reference.id) if reference else None,
        )


class DecisionRequest(Input):
    """What an intake of the review queue is, and why."""

    decision: Decision = Field(
        description="`same`: the candidate's company; `site`: a new one below the candidate in the hierarchy; "
        "`new`: a company of its own; `not_a_company`: nothing to keep."
    )
    candidate_id: UUID | None = Field(default=None, description="Which candidate is meant, for `same` and `site`.")
    discriminator: Discriminator | None = Field(
        default=None,
        description="What tells a new company from another one of its name in its place.",
        examples=["north gate"],
    )
    reason: Prose


class IntakeQuery(ListQuery):
    """Filters of the list of intakes; `sort` takes `at`, the latest first unless said otherwise."""

    outcome: Outcome | None = Field(default=None, description="`review` is the review queue.")
    source: Source | None = None
    customer_id: UUID | None = None
    channel_id: UUID | None = None
    entered_by: UUID | None = None
    received_from: date | None = None
    received_until: date | None = Field(default=None, description="Not included.")


class IntakeSummary(Output):
    """An intake in a list."""

    id: UUID
    version: int
    source: Source
    channel_id: UUID | None
    legal_name: str = Field(description="As it came.")
    country: str
    received_on: date
    external_reference: ExternalReference | None
    entered_by: UUID | None
    on_behalf_of: UUID | None
    at: datetime
    outcome: Outcome
    customer_id: UUID | None = Field(description="Which customer it is, if you see that one.")


class KnownCustomer(Output):
    """A customer as everybody may know of it, so that nobody makes it twice."""

    id: UUID | None = Field(description="Null where you do not see the customer otherwise.")
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None = Field(description="Who looks after it.")


class IntakeCandidateAnswer(Output):
    """A customer that the intake may be of. Where you do not see it, nothing is told of what agreed."""

    id: UUID
    customer: KnownCustomer
    score: int | None = Field(description="How sure, from 0 to 1000.")
    agreed: list[str] | None
    contradicts: list[str] | None


class OutcomeAnswer(Output):
    """What became of the intake at some moment: by the check, or by a decision."""

    version: int
    outcome: Outcome
    decision: Decision | None
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


class IntakeAnswer(IntakeSummary):
    """An intake, as it came, with the candidates of its latest check and what became of it."""

    company: dict[str, Any] = Field(description="What was sent about the company.")
    customer: KnownCustomer | None
    candidates: list[IntakeCandidateAnswer]
    history: list[OutcomeAnswer]


class IntakePersonalAnswer(Output):
    """What an intake says of people, unless it was erased."""

    intake_id: UUID
    person: dict[str, Any] | None
    note: str | None
    raw: dict[str, Any] | None
    erased_at: datetime | None
