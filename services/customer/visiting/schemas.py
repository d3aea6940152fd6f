"""Frequencies of visits, and their check, over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.customer.customers.rules.values import Tier
from services.customer.visiting.rules import Frequencies
from services.customer.visiting.store import Visits

Days = Annotated[int, Field(ge=1, le=3650)]


class VisitFrequenciesInput(Input):
    """At least one visit in so many days, by tier, from a day on; null: none is expected."""

    from_date: date
    strategic_days: Days | None
    key_days: Days | None
    growth_days: Days | None
    standard_days: Days | None
    reason: Prose

    def frequencies(self) -> Frequencies:
        """Return the plain value."""
        return Frequencies(self.strategic_days, self.key_days, self.growth_days, self.standard_days)


class VisitFrequenciesAnswer(Output):
    """How often customers are to be visited, from `from_date` until a later version's."""

    number: int
    from_date: date
    strategic_days: int | None
    key_days: int | None
    growth_days: int | None
    standard_days: int | None
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime


class VisitFrequenciesQuery(ListQuery):
    """The versions, the latest first; `sort` takes `number`."""


class VisitCheckQuery(ListQuery):
    """The period that is looked at, and whose customers; `sort` takes `name`."""

    from_date: date
    until_date: date = Field(description="Not included.")
    account_manager_id: UUID | None = None
    below_id: UUID | None = Field(default=None, description="Customers of this person and everybody below them.")
    tier: Tier | None = None
    missing: bool | None = Field(default=None, description="True: only where visits are missing.")


class VisitCheckAnswer(Output):
    """How the visits to a customer in the period stand beside what is expected of them; meetings are visits too.

    Expected are as many as fit into the period, by its tier or by the most demanding line of its coverage plan,
    whichever is more. `planned` lie ahead, `overdue` are past their day and not done. `missing` are those of the
    expected that are neither done nor planned.
    """

    customer_id: UUID
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID
    expected_by_tier: int
    expected_by_coverage: int
    expected: int
    planned: int
    done: int
    overdue: int
    missing: int

    @classmethod
    def of(cls, found: Visits) -> "VisitCheckAnswer":
        """Return the answer about a customer."""
        names = [name for name in cls.model_fields if name != "customer_id"]
        return cls(customer_id=found.id, **{name: getattr(found, name) for name in names})
