"""Decisions about customers, and their history, over the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.customer.customers.rules.values import Tier


class AssignmentRequest(Input):
    """Who is to look after the customer, and why."""

    account_manager_id: UUID | None = Field(description="Null returns the customer to the list of the unassigned.")
    reason: Prose


class TierChangeRequest(Input):
    """The customer's tier from now on, and why."""

    tier: Tier | None = Field(description="Null says that it is not classified.")
    reason: Prose


class AssignmentAnswer(Output):
    """Who looked after the customer from `at` on."""

    id: UUID
    version: int = Field(description="The customer's, which this made.")
    account_manager_id: UUID | None
    previous_account_manager_id: UUID | None = Field(validation_alias="previous_id")
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    rules_number: int | None = Field(description="The version of the assignment rules by which it was decided, if so.")
    rule_name: str | None


class TierChangeAnswer(Output):
    """The customer's tier from `at` on."""

    id: UUID
    version: int = Field(description="The customer's, which this made.")
    tier: Tier | None
    previous_tier: Tier | None = Field(validation_alias="previous")
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


class ChangeAnswer(Output):
    """One change of the record or of a part of it: who, when, what before and after, on whose behalf."""

    sequence: int
    at: datetime
    actor: str = Field(description="A person's id, or `service:` and its name.")
    on_behalf_of: str | None
    operation: str = Field(examples=["insert", "update"])
    part: str = Field(examples=["customer", "customer_address"])
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str | None = Field(
        description="From what it was learned (`intake`, `visit`, `import`…); null: it was entered as such.",
        examples=["intake"],
    )
    source_id: str | None = Field(description="The id of the intake, the visit…")


class HistoryQuery(ListQuery):
    """A list in the order of what happened; `sort` takes its number with `-` in front for the latest first."""


class ChangesQuery(HistoryQuery):
    """The history of everything, or of one field."""

    field: str | None = Field(
        default=None,
        pattern="^[a-z_]{1,60}$",
        description="A field of the customer, or `other_names`, `identifiers`, `addresses`.",
        examples=["phone"],
    )
