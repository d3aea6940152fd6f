"""The org chart as it goes over the wire: what has changed since a version."""

from datetime import date
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import Output


class ChartPerson(Output):
    """A person or machine client of the chart."""

    id: UUID
    name: str
    kind: str
    roles: list[str]
    active: bool
    business_unit_id: UUID | None
    external_system: str | None
    external_id: str | None
    email: str | None
    scopes: list[str] = Field(description="What a machine client is limited to; empty for people.")


class ChartEdge(Output):
    """Who reports to whom, from a date and until (not including) another."""

    person_id: UUID
    superior_id: UUID
    from_date: date
    until_date: date | None


class ChartUnit(Output):
    """A business unit and its head."""

    id: UUID
    name: str
    parent_id: UUID | None
    head_id: UUID | None


class ChartStandIn(Output):
    """Who acts for whom, from a date and until (not including) another."""

    id: UUID
    person_id: UUID
    stand_in_id: UUID
    from_date: date
    until_date: date


EPOCH = 1_000_000_000
"""Versions of one history of the chart. A restore of `team` to an older state begins the next: what was published
after that state is no longer so, and a copy whose version is of another epoch starts over."""


class Difference(Output):
    """What has changed since a version of the org chart."""

    version: int = Field(description="The version that the copy has after applying this.")
    on: date = Field(description="The business date that the reporting lines are of.")
    people: list[ChartPerson] = Field(description="People who changed in any way, edges included.")
    edges: list[ChartEdge] = Field(description="Every edge, past and to come, of those people.")
    units: list[ChartUnit] | None = Field(description="All business units; null where none changed.")
    stand_ins: list[ChartStandIn] | None = Field(description="All stand-ins; null where none changed.")
