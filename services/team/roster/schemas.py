"""What goes over the wire."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.data.chunks import Result
from servicekit.web.schemas import ExternalReference, Input, Line, Output
from services.team.fields import Email, Username
from services.team.people.rules import Role


class ListedPersonFields(Input):
    """Somebody as another system lists them; absent fields stay as they are."""

    name: Line = Field(examples=["Wang Fang"])
    email: Email | None = None
    title: Line | None = None
    username: Username | None = None
    business_unit_id: UUID | None = None
    superior_id: UUID | None = Field(default=None, description="Null for the top of a line.")
    superior_from: date | None = Field(
        default=None, description="Since when; a dated statement counts once, one without says what is so today."
    )
    joined_on: date | None = None
    left_on: date | None = Field(default=None, description="The first day on which they are there no longer.")
    roles: list[Role] | None = Field(default=None, max_length=20, description="Exactly these; null leaves them.")

    @model_validator(mode="after")
    def _dated_what(self) -> Self:
        if self.superior_from is not None and "superior_id" not in self.model_fields_set:
            raise ValueError("superior_from needs superior_id")
        return self


class ListedPersonItem(ListedPersonFields):
    """Somebody, by the id that the other system has for them."""

    external_reference: ExternalReference


class PutPersonAnswer(Output):
    """What became of somebody who was listed."""

    outcome: Result
    id: UUID
    version: int
