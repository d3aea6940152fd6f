"""What goes over the wire."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.schemas import Input, Output
from services.team.browser_sign_in.rules import VERIFIER, Asked, Redemption
from services.team.sign_in.rules import LONGEST_PASSWORD

ClientId = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Told = Annotated[str, StringConstraints(max_length=2000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Unused = Annotated[
    str | None, Field(default=None, max_length=200, description="Taken, as libraries send it, and not followed.")
]


class AuthorizationQuery(Input):
    """An authorization request (OAuth 2.1, OpenID Connect): a code with PKCE, and nothing else."""

    client_id: ClientId = Field(examples=["portal"])
    redirect_uri: Address = Field(examples=["https://portal.example.com/back"])
    response_type: Told | None = Field(default=None, description="`code`.")
    response_mode: Told | None = Field(default=None, description="`query`, or left out.")
    scope: Told | None = None
    state: Told | None = None
    nonce: Told | None = Field(default=None, description="Comes back in the ID token.")
    code_challenge: Told | None = None
    code_challenge_method: Told | None = Field(default=None, description="`S256`.")
    prompt: Told | None = Field(default=None, description="`none` is answered with `login_required`.")
    login_hint: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        default=None, description="The username that the page begins with."
    )
    display: Unused
    ui_locales: Unused
    max_age: Unused
    acr_values: Unused

    def asked(self) -> Asked:
        """Return the plain value."""
        return Asked(**{name: getattr(self, name) for name in Asked.__dataclass_fields__})

    def sent(self) -> dict[str, str]:
        """Return what was asked, to come back with the form."""
        given: dict[str, Any] = self.model_dump(include=set(AuthorizationQuery.model_fields), exclude_none=True)
        return {name: value for name, value in given.items() if value}


class AuthorizationForm(AuthorizationQuery):
    """The sign-in page, filled in."""

    username: Annotated[str, StringConstraints(max_length=100)]
    password: Annotated[str, StringConstraints(max_length=LONGEST_PASSWORD)]
    form_token: Told = ""


class BrowserTokenForm(Input):
    """A form as OAuth 2 has it: a code, or a refresh token, of a browser client."""

    grant_type: Literal["authorization_code", "refresh_token"]
    client_id: ClientId
    code: Secret | None = None
    redirect_uri: Address | None = None
    code_verifier: Annotated[str, StringConstraints(pattern=f"^{VERIFIER.pattern}$")] | None = None
    refresh_token: Secret | None = None
    scope: Told | None = Field(default=None, description="Taken, as libraries send it, and not followed.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.grant_type == "refresh_token":
            if self.refresh_token is None:
                raise ValueError("grant_type refresh_token takes refresh_token")
        elif None in (self.code, self.redirect_uri, self.code_verifier):
            raise ValueError("grant_type authorization_code takes code, redirect_uri and code_verifier")
        return self

    def redemption(self) -> Redemption:
        """Return the plain value of a form with a code."""
        return Redemption(self.client_id, self.redirect_uri or "", self.code or "", self.code_verifier or "")


class RevocationForm(Input):
    """A form as RFC 7009 has it."""

    client_id: ClientId
    token: Annotated[str, StringConstraints(min_length=1, max_length=8192)] = Field(description="A refresh token.")
    token_type_hint: Unused


class BrowserTokenAnswer(Output):
    """Tokens of a browser client."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds that the access token counts.")
    refresh_token: str = Field(description="Counts once: it is exchanged for the next.")
    id_token: str = Field(description="Who signed in, for the application itself; opens nothing here.")
    scope: str


class SignedOutAnswer(Output):
    """The session is over, if there was one."""

    signed_out: Literal[True]


class SignInConfigurationAnswer(Output):
    """What OpenID Connect Discovery and RFC 8414 have clients read."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    scopes_supported: list[str]
    claims_supported: list[str]
    prompt_values_supported: list[str]
    authorization_response_iss_parameter_supported: bool
