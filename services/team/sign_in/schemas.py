"""What goes over the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.schemas import Input, Output
from services.team.fields import Username
from services.team.people.rules import Role
from services.team.sign_in.rules import LONGEST_PASSWORD

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]


class TokenForm(Input):
    """A form as OAuth 2 has it: people by `password`, machine clients by `client_credentials`."""

    grant_type: Literal["password", "client_credentials"]
    username: Name | None = None
    password: Secret | None = None
    client_id: Name | None = None
    client_secret: Secret | None = None
    scope: str | None = Field(
        default=None, max_length=800, description="Machine clients: narrow the token to these scopes."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if None in self.signing_in:
            wanted = "username and password" if self.grant_type == "password" else "client_id and client_secret"
            raise ValueError(f"grant_type {self.grant_type} takes {wanted}")
        return self

    @property
    def scopes(self) -> list[str]:
        """The scopes asked for."""
        return sorted(set((self.scope or "").split()))

    @property
    def signing_in(self) -> tuple[str | None, str | None]:
        """Name and secret."""
        if self.grant_type == "password":
            return self.username, self.password
        return self.client_id, self.client_secret


class TokenAnswer(Output):
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.")


class KeyAnswer(Output):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class KeysAnswer(Output):
    """The public keys by which access tokens are verified."""

    keys: list[KeyAnswer]


class MeAnswer(Output):
    """Who asks, and what they may."""

    person_id: UUID | None = Field(description="Null where a service asks by itself.")
    name: str | None
    on_behalf_of: UUID | None = Field(description="Whom they stand in for in this request.")
    roles: list[Role] = Field(description="In force for this request.")
    may_stand_in_for: list[UUID] = Field(description="Whom they may name in `On-Behalf-Of` today.")
    chart_version: int


class CredentialsInput(Input):
    """By what somebody is to sign in."""

    username: Username = Field(examples=["wang.fang"])
    password: Secret = Field(description="At least 12 characters; not the username.")


class CredentialsAnswer(Output):
    """By what somebody signs in; the password is shown to nobody."""

    person_id: UUID
    username: str
    changed_at: datetime
