"""What was reminded of, over the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Output
from services.forecast.reminders.rules import ReminderKind


class ForecastReminderQuery(ListQuery):
    """Which reminders of a cycle."""

    seat_id: UUID | None = None
    person_id: UUID | None = Field(default=None, description="To whom: who held the seat, or who was told with them.")


class ForecastReminderAnswer(Output):
    """That a seat had nothing handed in: told to who held it, and after the deadline to who is above."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    level: int
    kind: ReminderKind
    days: int = Field(description="Days after the deadline; negative: before it.")
    due_at: datetime
    holder_id: UUID
    superior_id: UUID | None = Field(description="Of a top, the head of its unit; null before the deadline.")
    at: datetime
