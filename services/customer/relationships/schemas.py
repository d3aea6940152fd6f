"""Contacts and groups of companies over the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, Output
from services.customer.customers.rules.values import CustomerKind, Tier
from services.customer.relationships.rules import Attitude, Closeness, DecisionRole

Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
MOST_NAMED = 50


class ContactFields(Input):
    """What may be said of a person at a customer."""

    customer_id: UUID
    name: Line = Field(examples=["王伟"])
    email: Email | None = Field(default=None, description="Unique among the customer's contacts.")
    phone: Phone | None = None
    department: Line | None = None
    title: Line | None = None
    reports_to_id: UUID | None = Field(default=None, description="Another contact of the same customer.")
    decision_role: DecisionRole | None = Field(default=None, description="Their part in the decision.")
    attitude: Attitude | None = Field(default=None, description="How they stand to us.")
    closeness: Closeness | None = Field(default=None, description="How near we are to them.")
    influences_ids: list[UUID] = Field(
        default_factory=list, max_length=MOST_NAMED, description="Contacts of the same customer whom they influence."
    )
    known_by_ids: list[UUID] = Field(
        default_factory=list, max_length=MOST_NAMED, description="People of ours who know them."
    )

    def sent(self) -> dict[str, Any]:
        """Return the fields that were sent, apart from who and whose it is."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"customer_id", "external_reference"}}


class ContactInput(ContactFields):
    """A contact as somebody enters it."""

    external_reference: ExternalReference | None = None


class ContactByReference(ContactFields):
    """A contact as another system tells of it; what is left out stays as it is."""


class ContactItem(ContactFields):
    """One contact of a batch."""

    external_reference: ExternalReference


class ContactPatch(Input):
    """A JSON merge patch: null empties a field."""

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None
    department: Line | None = None
    title: Line | None = None
    reports_to_id: UUID | None = None
    decision_role: DecisionRole | None = None
    attitude: Attitude | None = None
    closeness: Closeness | None = None
    influences_ids: list[UUID] | None = Field(default=None, max_length=MOST_NAMED)
    known_by_ids: list[UUID] | None = Field(default=None, max_length=MOST_NAMED)
    has_left: bool | None = None

    def sent(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ContactQuery(ListQuery):
    """Filters of the list of contacts; `sort` takes `name` and `created_at`."""

    customer_id: UUID | None = None
    email: Email | None = None
    decision_role: DecisionRole | None = None
    has_left: bool | None = None
    external_system: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    search: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class ContactAnswer(Output):
    """A person at a customer."""

    id: UUID
    version: int
    customer_id: UUID
    name: str
    email: str | None
    phone: str | None
    department: str | None
    title: str | None
    reports_to_id: UUID | None
    decision_role: DecisionRole | None
    attitude: Attitude | None
    closeness: Closeness | None
    influences_ids: list[UUID]
    known_by_ids: list[UUID]
    has_left: bool
    external_reference: ExternalReference | None
    erased_at: datetime | None = Field(description="When the personal data were erased: they are empty since.")
    created_at: datetime
    updated_at: datetime


class ProcessingAnswer(Output):
    """That something of a contact was written."""

    at: datetime
    actor: str = Field(description="A person's id, or `service:` and a service that acted by itself.")
    on_behalf_of: str | None
    operation: str
    fields: list[str] = Field(description="What was written; values before the present ones are not kept.")


class PersonalDataAnswer(Output):
    """All that is known of a person at a customer, for that person."""

    contact: ContactAnswer
    merged_contacts: list[ContactAnswer] = Field(description="The same person, entered for customers merged since.")
    customer_name: str
    processing: list[ProcessingAnswer]


class ParentChangeRequest(Input):
    """The company that the customer belongs to from now on."""

    parent_id: UUID | None = Field(description="Null says that it stands on its own.")


class StandingAnswer(Output):
    """A company in a group; `distance` counts levels, negative above the one that was asked for."""

    id: UUID
    parent_id: UUID | None
    legal_name: str
    kind: CustomerKind
    tier: Tier | None
    distance: int


class HierarchyAnswer(Output):
    """The companies above, the parent first, and below, the nearest first, as far as you see them."""

    id: UUID
    version: int = Field(description="The customer's.")
    parent_id: UUID | None
    above: list[StandingAnswer]
    below: list[StandingAnswer]
    more_below: bool = Field(description="There are more than 500 below; list them by `parent_id`.")
