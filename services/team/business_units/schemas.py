"""What goes over the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, Output


class BusinessUnitFields(Input):
    """A unit's plain attributes."""

    name: Line = Field(examples=["Footwear South"])
    parent_id: UUID | None = Field(default=None, description="The unit that it is part of.")
    head_id: UUID | None = Field(default=None, description="The person who heads it.")


class BusinessUnitInput(BusinessUnitFields):
    """A new unit."""

    external_reference: ExternalReference | None = None


class BusinessUnitItem(BusinessUnitFields):
    """A unit as another system knows it."""

    external_reference: ExternalReference


class BusinessUnitPatch(Input):
    """What is to be another than it was (JSON merge patch); absent fields stay."""

    name: Line = Field(default_factory=str, examples=["Footwear South"])
    parent_id: UUID | None = Field(default=None, description="Null for a unit at the top.")
    head_id: UUID | None = Field(default=None, description="Null for a unit without a head.")


class BusinessUnitAnswer(Output):
    """A part of the enterprise."""

    id: UUID
    version: int
    name: str
    parent_id: UUID | None
    head_id: UUID | None
    external_reference: ExternalReference | None
    created_at: datetime
    updated_at: datetime


class BusinessUnitsQuery(ListQuery):
    """Filters; sorts are `name` and `created_at`."""

    parent_id: UUID | None = None
    external_system: str | None = Field(default=None, max_length=60)
    external_id: str | None = Field(default=None, max_length=200)
    search: str | None = Field(default=None, min_length=1, max_length=100, description="Part of the name.")
