"""Activities over the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, Output, Prose
from services.customer.activities.rules import ActivityKind, ActivityStatus, TypedActivity, status_on
from services.customer.activities.store import Activity

MOST_CONTACTS = 50
Contacts = Annotated[list[UUID], Field(max_length=MOST_CONTACTS, description="Contacts of the customer.")]


class ActivityInput(Input):
    """An activity to plan, or one that is done already."""

    customer_id: UUID
    kind: ActivityKind
    subject: Line = Field(examples=["Show the spring collection"])
    planned_on: date | None = Field(default=None, description="Left out for what was done without a plan.")
    done_on: date | None = Field(default=None, description="When it was done; not a day to come.")
    outcome: Prose | None = None
    owner_id: UUID | None = Field(default=None, description="Who does it: yourself unless said otherwise.")
    opportunity_id: UUID | None = Field(default=None, description="An opportunity of the customer that it serves.")
    contact_ids: Contacts = Field(default_factory=list)

    def typed(self) -> TypedActivity:
        """Return the plain values."""
        return TypedActivity(**self.model_dump(exclude={"contact_ids"}), contact_ids=tuple(self.contact_ids))


class ActivityPatch(Input):
    """A JSON merge patch; of an activity that is done or cancelled only `outcome` may change."""

    subject: Line | None = None
    planned_on: date | None = None
    outcome: Prose | None = None
    owner_id: UUID | None = None
    contact_ids: Contacts | None = None

    def sent(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class CompletionRequest(Input):
    """That an activity was done."""

    done_on: date | None = Field(default=None, description="Today unless said otherwise.")
    outcome: Prose | None = None


class CancellationRequest(Input):
    """That an activity will not be done."""

    reason: Prose


class ActivityQuery(ListQuery):
    """Filters of the list of activities; `sort` takes `day` and `created_at`."""

    customer_id: UUID | None = None
    opportunity_id: UUID | None = None
    contact_id: UUID | None = None
    owner_id: UUID | None = None
    mine: bool | None = Field(default=None, description="Those that you are to do, or have done.")
    below_id: UUID | None = Field(default=None, description="Those of this person and everybody below them.")
    kind: ActivityKind | None = None
    status: ActivityStatus | None = None
    day_gte: date | None = Field(default=None, description="Done, or else planned, on this day or later.")
    day_lt: date | None = None


class ActivityCheckQuery(Input):
    """The period that is looked at, and whose people."""

    from_date: date
    until_date: date = Field(description="Not included.")
    below_id: UUID | None = Field(default=None, description="This person and everybody below them; you unless given.")


class ActivityCountsAnswer(Output):
    """Of what was planned for the period, how much is overdue and cancelled; and how much was done in it.

    `done` counts what was done without a plan too, and what was planned for another period.
    """

    planned: int
    overdue: int
    cancelled: int
    done: int


class CheckedAnswer(Output):
    """What somebody planned and did, by themselves and with everybody below them."""

    person_id: UUID
    own: ActivityCountsAnswer
    subtree: ActivityCountsAnswer


class ActivityCheckAnswer(Output):
    """The check of the activity plan: every person, also who planned nothing."""

    from_date: date
    until_date: date
    people: list[CheckedAnswer]


class ActivityAnswer(Output):
    """Something planned or done with a customer; `day` is when it was done, else when it is planned."""

    id: UUID
    version: int
    customer_id: UUID
    opportunity_id: UUID | None
    kind: ActivityKind
    subject: str
    status: ActivityStatus
    planned_on: date | None
    done_on: date | None
    cancelled_on: date | None
    cancel_reason: str | None
    outcome: str | None
    owner_id: UUID
    day: date
    contact_ids: list[UUID]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Activity, today: date) -> "ActivityAnswer":
        """Return the answer as of a day."""
        status = status_on(today, found.planned_on, found.done_on, found.cancelled_on)
        names = [name for name in cls.model_fields if name != "status"]
        return cls(status=status, **{name: getattr(found, name) for name in names})
