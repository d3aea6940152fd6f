"""Routes of signing in."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from servicekit.web.service import service_of
from services.team.org_chart.rules import AdministrationNotAllowed
from services.team.people.rules import UsernameTaken
from services.team.sign_in import actions, store
from services.team.sign_in.issuer import Issuer
from services.team.sign_in.rules import (
    LIFETIME_SECONDS,
    PasswordIsName,
    PasswordsOff,
    PasswordTooShort,
    ScopeNotGranted,
    SignInRefused,
)
from services.team.sign_in.schemas import (
    CredentialsAnswer,
    CredentialsInput,
    KeyAnswer,
    KeysAnswer,
    MeAnswer,
    TokenAnswer,
    TokenForm,
)

public_router = Router(prefix="/v1/sign-in", tags=["Sign-in"], public=True)
router = Router(tags=["Sign-in"])


async def _issuer(request: Request) -> Issuer:
    settings = service_of(request).settings
    return Issuer(settings.sign_in.own_issuer, settings.secrets)


def check_passwords(request: Request) -> None:
    """Refuse passwords where people sign in at another provider."""
    settings = service_of(request).settings.sign_in
    if not settings.passwords:
        raise PasswordsOff(settings.provider.issuer if settings.provider else "the provider that is configured")


CurrentIssuer = Annotated[Issuer, Depends(_issuer)]


@public_router.post("/token", responses=problems(SignInRefused, ScopeNotGranted, PasswordsOff), summary="Sign in")
async def create_token(
    form: Annotated[TokenForm, Form()],
    request: Request,
    response: Response,
    tx: CurrentReading,
    noting: CurrentWriting,
) -> TokenAnswer:
    """Exchange name and password, or a machine client's id and secret, for an access token of one hour."""
    issuer = await _issuer(request)
    name, secret = (str(given) for given in form.signing_in)
    if form.grant_type == "password":
        check_passwords(request)
        token = await actions.issue_token(tx, noting, issuer, name, secret)
    else:
        token = await actions.issue_client_token(tx, noting, issuer, (name, secret), form.scopes)
    response.headers["cache-control"] = "no-store"
    return TokenAnswer(access_token=token, token_type="Bearer", expires_in=LIFETIME_SECONDS)  # noqa: S106 (no secret)


@public_router.get("/keys", summary="Read the public keys")
async def list_keys(issuer: CurrentIssuer) -> KeysAnswer:
    """Read the public keys by which access tokens are verified (a JSON Web Key Set)."""
    return KeysAnswer(keys=[KeyAnswer(**key) for key in issuer.public_keys()])


@router.get("/v1/sign-in/me", summary="Read who I am")
async def get_me(viewer: CurrentViewer, request: Request, tx: CurrentReading) -> MeAnswer:
    """Read who is asking, in which roles, and for whom they may stand in today."""
    return MeAnswer.model_validate(await store.me(tx, viewer, service_of(request).today()))


@router.post(
    "/v1/people/{person_id}/credentials",
    status_code=201,
    responses=problems(AdministrationNotAllowed, PasswordTooShort, PasswordIsName, UsernameTaken),
    summary="Set by what somebody signs in",
)
@needs_scope("access:write")
async def create_credentials(
    person_id: UUID, body: CredentialsInput, viewer: CurrentViewer, tx: CurrentWriting
) -> CredentialsAnswer:
    """Set username and password of a person, or id and secret of a machine client; needs the role `admin`."""
    changed = await actions.set_credentials(tx, viewer, person_id, body.username, body.password)
    return CredentialsAnswer(person_id=changed.id, username=body.username, changed_at=tx.now)
