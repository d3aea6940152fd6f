"""What goes over the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output


class StandInInput(Input):
    """Who is to act for whom."""

    person_id: UUID = Field(description="Who is away.")
    stand_in_id: UUID = Field(description="Who acts for them.")
    from_date: date
    until_date: date = Field(description="The first day without.")


class StandInEndingInput(Input):
    """When it is to end."""

    on: date | None = Field(default=None, description="The first day without; today, if it is not given.")


class StandInAnswer(Output):
    """Somebody may act for somebody from a day and until (not including) another."""

    id: UUID
    person_id: UUID
    stand_in_id: UUID
    from_date: date
    until_date: date
    agreed_by: UUID | None
    agreed_at: datetime


class StandInsQuery(ListQuery):
    """Filters; sorts are `from_date` and `until_date`."""

    person_id: UUID | None = None
    stand_in_id: UUID | None = None
    on: date | None = Field(default=None, description="In force on this day.")
