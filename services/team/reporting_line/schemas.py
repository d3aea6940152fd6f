"""What goes over the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose


class SuperiorChangeInput(Input):
    """Who is to be somebody's superior."""

    superior_id: UUID | None = Field(description="Null for nobody: the top of a line.")
    from_date: date | None = Field(default=None, description="Today, if it is not given.")
    reason: Prose


class SuperiorChangeAnswer(Output):
    """A decision on who is somebody's superior."""

    id: UUID
    person_id: UUID
    superior_id: UUID | None
    from_date: date
    reason: str
    decided_by: UUID | None = Field(description="Null where the service acted by itself.")
    decided_at: datetime


class SuperiorChangesQuery(ListQuery):
    """The sort is `decided_at`."""


class OnQuery(Input):
    """The day that is asked for."""

    on: date | None = Field(default=None, description="Today, if it is not given.")


class SuperiorAnswer(Output):
    """Somebody above."""

    id: UUID
    name: str
    title: str | None
    distance: int = Field(description="1 for the direct superior.")


class SuperiorsAnswer(Output):
    """Everybody above, the direct superior first."""

    person_id: UUID
    on: date
    chart_version: int = Field(description="The version of the org chart that says so.")
    items: list[SuperiorAnswer]


class SubordinatesQuery(ListQuery):
    """Filters; sorts are `name` and `distance`."""

    on: date | None = Field(default=None, description="Today, if it is not given.")
    direct: bool | None = Field(default=None, description="Only who reports directly, or only the others.")


class SubordinateAnswer(Output):
    """Somebody below."""

    id: UUID
    name: str
    title: str | None
    superior_id: UUID
    distance: int = Field(description="1 for who reports directly.")
