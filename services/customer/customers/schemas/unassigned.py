"""The queue of customers that nobody looks after, over the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.customer.customers.rules.values import CustomerKind, Tier


class UnassignedWhy(StrEnum):
    """Why nobody looks after a customer."""

    ENTERED = "entered"
    NOT_ASKED = "not_asked"
    NO_RULE = "no_rule"
    RETURNED = "returned"
    RECLAIMED = "reclaimed"


class UnassignedQuery(ListQuery):
    """Filters of the queue; `sort` takes `since`."""

    why: UnassignedWhy | None = None
    kind: CustomerKind | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    since_gte: AwareDatetime | None = None
    since_lt: AwareDatetime | None = None


class UnassignedAnswer(Output):
    """A customer that nobody looks after; `id` is the customer's.

    `entered`: nobody was named. `not_asked`: the rules could not be asked yet. `no_rule`: none covers it.
    `returned`: somebody decided so. `reclaimed`: it was neglected.
    """

    id: UUID
    kind: CustomerKind
    legal_name: str
    country: str
    city: str | None
    tier: Tier | None
    since: datetime
    why: UnassignedWhy
    reason: str | None
    former_manager_id: UUID | None
    checked_number: int = Field(description="The version of the assignment rules that was asked last; 0 for none.")
    checked_at: datetime | None


class AssignmentItem(Input):
    """Who is to look after a customer of the queue, and why."""

    customer_id: UUID
    account_manager_id: UUID
    reason: Prose
