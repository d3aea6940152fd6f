"""What goes over the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import ExternalReference, Input, Line, Output, Prose
from services.team.fields import Email, Username
from services.team.people.rules import PersonKind, Role, RoleStep


class PersonFields(Input):
    """Somebody's plain attributes."""

    name: Line = Field(examples=["Wang Fang"])
    email: Email | None = Field(default=None, examples=["wang.fang@example.com"])
    title: Line | None = Field(default=None, examples=["Key account manager"])
    username: Username | None = Field(default=None, description="What they sign in by; unique, in small letters.")
    business_unit_id: UUID | None = None
    joined_on: date | None = Field(default=None, description="Not there before this day.")


class PersonInput(PersonFields):
    """Somebody new."""

    kind: PersonKind = Field(default=PersonKind.PERSON, description="`machine` for a program that signs in by itself.")
    external_reference: ExternalReference | None = None


class PersonPatch(Input):
    """What is to be another than it was (JSON merge patch); absent fields stay."""

    name: Line = Field(default_factory=str, examples=["Wang Fang"])
    email: Email | None = None
    title: Line | None = None
    username: Username | None = None
    business_unit_id: UUID | None = None
    joined_on: date | None = None


class RoleChangeInput(Input):
    """A role to be granted or withdrawn."""

    role: Role
    change: RoleStep
    reason: Prose


class DepartureInput(Input):
    """When somebody leaves."""

    on: date = Field(description="The first day on which they are there no longer.")


class PersonAnswer(Output):
    """A person or machine client."""

    id: UUID
    version: int
    kind: PersonKind
    name: str
    email: str | None
    title: str | None
    username: str | None
    business_unit_id: UUID | None
    superior_id: UUID | None = Field(description="The direct superior today.")
    active: bool = Field(description="Whether they are there today.")
    joined_on: date | None
    left_on: date | None
    roles: list[Role]
    external_reference: ExternalReference | None
    created_at: datetime
    updated_at: datetime


class PeopleQuery(ListQuery):
    """Filters; sorts are `name` and `created_at`."""

    business_unit_id: UUID | None = None
    superior_id: UUID | None = Field(default=None, description="Who reports directly to them today.")
    active: bool | None = None
    kind: PersonKind | None = None
    external_system: str | None = Field(default=None, max_length=60)
    external_id: str | None = Field(default=None, max_length=200)
    search: str | None = Field(
        default=None, min_length=1, max_length=100, description="Part of name, title or address."
    )
