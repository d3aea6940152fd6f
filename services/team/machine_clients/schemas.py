"""What goes over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from servicekit.values.scopes import SCOPES
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, Output, Prose
from servicekit.web.secrets import AnswerWithSecret, ToldOnce
from services.team.fields import Username
from services.team.machine_clients.rules import Secret
from services.team.machine_clients.store import MachineClient
from services.team.people.rules import Role

Scopes = Annotated[
    list[str],
    Field(max_length=len(SCOPES), examples=[["customer:read", "demand_plans:read"]], description="What it may."),
]
Ending = Annotated[AwareDatetime | None, Field(description="Until when the secret counts; null for ever.")]


class MachineClientInput(Input):
    """A program that is to sign in by itself."""

    name: Line = Field(examples=["ERP"])
    client_id: Username = Field(examples=["erp"], description="What it signs in by; unique, in small letters.")
    scopes: Scopes
    secret_expires_at: Ending = None


class MachineClientPatch(Input):
    """What is to be another than it was (JSON merge patch); absent fields stay."""

    name: Line = Field(default_factory=str, examples=["ERP"])
    scopes: Scopes = Field(default_factory=list)


class StatusInput(Input):
    """Whether it is to be disabled, and why."""

    disabled: bool
    reason: Prose


class SecretInput(Input):
    """A further secret."""

    expires_at: Ending = None


class SecretAnswer(Output):
    """A secret, without the secret itself."""

    id: UUID
    created_at: datetime
    expires_at: datetime | None = Field(description="Until when it counts; null for ever.")
    last_used_at: datetime | None = Field(description="To the minute; null if it never was.")


class MachineClientAnswer(Output):
    """A program that signs in by itself."""

    id: UUID
    version: int
    client_id: str | None = Field(description="Null for one that has never had a secret.")
    name: str
    scopes: list[str]
    roles: list[Role] = Field(description="Granted like a person's: POST /v1/people/{id}/role-changes.")
    active: bool = Field(description="False for one that is disabled.")
    secrets: list[SecretAnswer] = Field(description="Those that are not removed, the oldest first.")
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, client: MachineClient, secrets: Sequence[Secret]) -> Self:
        """Return a client with its secrets."""
        own = [SecretAnswer.model_validate(secret) for secret in secrets if secret.person_id == client.id]
        used = [secret.last_used_at for secret in own if secret.last_used_at]
        plain = {name: getattr(client, name) for name in MachineClient.__dataclass_fields__}
        return cls.model_validate({**plain, "secrets": own, "last_used_at": max(used, default=None)})


class NewMachineClientAnswer(AnswerWithSecret, MachineClientAnswer):
    """A machine client with its first secret."""

    secret_fields: ClassVar[tuple[str, ...]] = ("client_secret",)

    client_secret: ToldOnce


class NewSecretAnswer(AnswerWithSecret):
    """A further secret."""

    secret_fields: ClassVar[tuple[str, ...]] = ("client_secret",)

    id: UUID
    expires_at: datetime | None
    client_secret: ToldOnce


class MachineClientsQuery(ListQuery):
    """Filters; sorts are `name` and `created_at`."""

    active: bool | None = None
    client_id: str | None = Field(default=None, min_length=1, max_length=100)
