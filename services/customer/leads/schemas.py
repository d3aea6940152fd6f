"""Leads over the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input, Line, Output, Prose
from services.customer.leads.rules import HandOver, LeadSource, LeadState, checked_amount


class LeadInput(Input):
    """What was heard of a need."""

    customer_id: UUID | None = Field(default=None, description="The customer, if the base has it.")
    company_name: Line | None = Field(default=None, description="The company as it was named, else.")
    heard: Prose = Field(examples=["They look for outsoles for the spring line."])
    source: LeadSource
    owner_id: UUID | None = Field(default=None, description="Who follows it up; left out, whoever enters it.")

    def fields(self) -> dict[str, Any]:
        """Return the plain values."""
        return self.model_dump(mode="python") | {"source": self.source.value}


class LeadPatch(Input):
    """A JSON merge patch of an open lead: null empties a field."""

    customer_id: UUID | None = None
    company_name: Line | None = None
    heard: Prose | None = None
    source: LeadSource | None = None
    owner_id: UUID | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields that were sent, as plain values."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if self.source is not None:
            sent["source"] = self.source.value
        return sent


class DropRequest(Input):
    """Why nothing comes of it."""

    reason: Prose


class HandOverRequest(Input):
    """What the opportunity is to be; the rest is added in the service `opportunity`."""

    name: Line = Field(examples=["Outsoles for the spring line"])
    currency: Currency = Field(examples=["CNY"])
    amount: DecimalString | None = Field(default=None, description="Null where unknown, which is not 0.")
    expected_close: date | None = None
    principal_id: UUID | None = Field(
        default=None, description="The principal owner; left out, the lead's owner or the account manager."
    )

    def hand_over(self) -> HandOver:
        """Return the plain value, refused where the amount cannot be."""
        amount = checked_amount(self.amount, self.currency)
        return HandOver(self.name, self.currency, amount, self.expected_close, self.principal_id)


class LeadQuery(ListQuery):
    """Filters of the list of leads; `sort` takes `created_at` and `updated_at`."""

    customer_id: UUID | None = None
    owner_id: UUID | None = None
    state: LeadState | None = None
    source: LeadSource | None = None
    opportunity_id: UUID | None = None


class LeadAnswer(Output):
    """A lead. While `converting` it waits for the service `opportunity` and needs nobody's help."""

    id: UUID
    version: int
    customer_id: UUID | None
    company_name: str | None
    heard: str
    source: LeadSource
    owner_id: UUID
    state: LeadState
    drop_reason: str | None
    opportunity_id: UUID | None = Field(
        description="What it became; there the lead is the external reference of the system `lead`."
    )
    refusal: str | None = Field(description="Why the last attempt to hand it over was refused.")
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


class LeadChangeAnswer(Output):
    """One change of a lead: who, when, what before and after, on whose behalf."""

    sequence: int
    at: datetime
    actor: str = Field(description="A person's id, or `service:` and its name.")
    on_behalf_of: str | None
    operation: str = Field(examples=["insert", "update"])
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class LeadHistoryQuery(ListQuery):
    """A lead's changes in their order; `sort` takes `sequence`."""
