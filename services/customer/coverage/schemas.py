"""The coverage plan over the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output
from services.customer.coverage.store import Coverage


class CoverageInput(Input):
    """Who of ours covers whom of theirs, and how often."""

    contact_id: UUID
    person_id: UUID
    every_days: int = Field(ge=1, le=3650, description="At least once in so many days.", examples=[30])
    from_date: date | None = Field(default=None, description="Today unless given.")


class CoverageEndRequest(Input):
    """From when a person covers the contact no more."""

    until_date: date | None = Field(default=None, description="Today unless given.")


class CoverageQuery(ListQuery):
    """Filters of the coverage plan; `sort` takes `created_at`."""

    customer_id: UUID | None = None
    contact_id: UUID | None = None
    person_id: UUID | None = None
    below_id: UUID | None = Field(default=None, description="What this person and everybody below them cover.")
    gap: bool | None = Field(default=None, description="True: only what is overdue.")


class CoverageAnswer(Output):
    """A line of the coverage plan, and whether it happens: `is_gap` says that the contact should have been met."""

    id: UUID
    version: int
    customer_id: UUID
    contact_id: UUID
    person_id: UUID
    every_days: int
    from_date: date
    until_date: date | None
    last_done_on: date | None
    next_due_on: date
    is_gap: bool
    created_at: datetime

    @classmethod
    def of(cls, found: Coverage, today: date) -> "CoverageAnswer":
        """Return the answer as of a day."""
        is_in_force = found.until_date is None or found.until_date > today
        names = [name for name in cls.model_fields if name != "is_gap"]
        is_gap = is_in_force and found.next_due_on < today
        return cls(is_gap=is_gap, **{name: getattr(found, name) for name in names})
