"""Routes of signing in from browsers."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from servicekit.run.sign_in import SignInSettings
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import service_of
from services.team.browser_sign_in import actions, forms, rules
from services.team.browser_sign_in.page import PATH, STALE, WRONG, page, page_headers
from services.team.browser_sign_in.rules import (
    BrowserClientUnknown,
    GrantRefused,
    RedirectUnknown,
    RefreshTokenExchanged,
    check_client,
    check_redirect,
    fault_of,
    returned_to,
)
from services.team.browser_sign_in.schemas import (
    AuthorizationForm,
    AuthorizationQuery,
    BrowserTokenAnswer,
    BrowserTokenForm,
    RevocationForm,
    SignedOutAnswer,
    SignInConfigurationAnswer,
)
from services.team.sign_in.issuer import Issuer
from services.team.sign_in.rules import PasswordsOff

router = Router(prefix="/v1/sign-in/browser", tags=["Sign-in"], public=True)

SHOWN = {"content": {"text/html": {"schema": {"type": "string"}}}}
READ_BY_OAUTH: dict[str, Any] = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
SENT_BACK = {"description": "Back to the redirect address, with a code, or with `error` and `error_description`"}
NOT_SIGNED_IN = {"description": "The page again: nobody signs in by this name and password", **SHOWN}
NOT_OUR_FORM = {"description": "The page again: it was open for too long, or was opened elsewhere", **SHOWN}


def _settings(request: Request) -> SignInSettings:
    """Return who signs people in; refuse where that is not us."""
    settings = service_of(request).settings.sign_in
    if not settings.passwords:
        raise PasswordsOff(settings.provider.issuer if settings.provider else "the provider that is configured")
    return settings


def _issuer(request: Request) -> Issuer:
    return Issuer(_settings(request).own_issuer, service_of(request).settings.secrets)


def _clients(request: Request) -> Mapping[str, tuple[str, ...]]:
    return _settings(request).clients


def _cookie_name(request: Request) -> str:
    is_secure = _settings(request).public_url.startswith("https://")
    return "__Host-keyaccount-sign-in" if is_secure else "keyaccount-sign-in"


def _browser_of(request: Request) -> str | None:
    given = request.cookies.get(_cookie_name(request))
    return given if forms.is_browser(given) else None


def _shown(request: Request, query: AuthorizationQuery, status: int, username: str, message: str = "") -> Response:
    """Return the page, with a form token for the browser that gets it."""
    service, sent = service_of(request), query.sent()
    browser = _browser_of(request) or forms.new_browser()
    token = forms.form_token(service.keys.sealing(forms.PURPOSE), browser, sent, service.database.clock())
    content = page(query.client_id, sent | {"form_token": token}, username, message)
    response = HTMLResponse(content, status, page_headers(query.redirect_uri))
    name = _cookie_name(request)
    response.set_cookie(name, browser, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
    return response


def _sent_back(request: Request, query: AuthorizationQuery, **told: str) -> Response:
    location = returned_to(query.redirect_uri, **told, state=query.state, iss=_settings(request).own_issuer)
    return Response(status_code=303, headers={"location": location, "cache-control": "no-store"})


@router.get(
    "/authorize",
    response_class=HTMLResponse,
    responses=problems(BrowserClientUnknown, RedirectUnknown, PasswordsOff) | {303: SENT_BACK},
    summary="Show the sign-in page",
)
async def show_sign_in_page(query: Annotated[AuthorizationQuery, Query()], request: Request) -> Response:
    """Show the page on which a person signs in for a browser client; whatever else is wrong, the client is told.

    A client or redirect address that is not registered is told to whoever asks, and nobody is sent anywhere.
    """
    check_redirect(_clients(request), query.client_id, query.redirect_uri, "query:")
    fault = fault_of(query.asked())
    if fault is not None:
        return _sent_back(request, query, error=fault.error, error_description=fault.description)
    return _shown(request, query, 200, query.login_hint or "")


@router.post(
    "/authorize",
    status_code=303,
    response_class=Response,
    responses=problems(BrowserClientUnknown, RedirectUnknown, PasswordsOff)
    | {303: SENT_BACK, 401: NOT_SIGNED_IN, 403: NOT_OUR_FORM},
    summary="Sign in on the page",
)
async def sign_in_on_page(
    form: Annotated[AuthorizationForm, Form()], request: Request, asking: CurrentReading, tx: CurrentWriting
) -> Response:
    """Check name and password of the page's form, and go back to the browser client with a code of 60 seconds."""
    check_redirect(_clients(request), form.client_id, form.redirect_uri, "/")
    fault = fault_of(form.asked())
    if fault is not None:
        return _sent_back(request, form, error=fault.error, error_description=fault.description)
    service = service_of(request)
    sealing, browser = service.keys.sealing(forms.PURPOSE), _browser_of(request)
    if browser is None or not forms.is_ours(sealing, form.form_token, browser, form.sent(), service.database.clock()):
        return _shown(request, form, 403, form.username, STALE)
    code = await actions.sign_in(asking, tx, form.asked(), form.username, form.password)
    if code is None:
        return _shown(request, form, 401, form.username, WRONG)
    return _sent_back(request, form, code=code)


REFUSED_GRANTS = problems(BrowserClientUnknown, RedirectUnknown, GrantRefused, RefreshTokenExchanged, PasswordsOff)


@router.post(
    "/token",
    responses=REFUSED_GRANTS | {400: REFUSED_GRANTS[400] | READ_BY_OAUTH},
    summary="Exchange a code or refresh token",
)
async def create_browser_token(
    form: Annotated[BrowserTokenForm, Form()], request: Request, response: Response, tx: CurrentWriting
) -> BrowserTokenAnswer:
    """Exchange a code, or a refresh token, for an access token of a quarter of an hour and the next refresh token."""
    issuer = _issuer(request)
    if form.grant_type == "refresh_token":
        check_client(_clients(request), form.client_id, "/")
        tokens = await actions.refresh(tx, issuer, form.client_id, form.refresh_token or "")
    else:
        given = form.redemption()
        check_redirect(_clients(request), given.client_id, given.redirect_uri, "/")
        tokens = await actions.redeem(tx, issuer, given)
    response.headers["cache-control"] = "no-store"
    return BrowserTokenAnswer(
        access_token=tokens.access_token,
        token_type="Bearer",  # noqa: S106 (no secret)
        expires_in=rules.ACCESS_SECONDS,
        refresh_token=tokens.refresh_token,
        id_token=tokens.id_token,
        scope="openid",
    )


@router.post("/revoke", summary="Sign out of a browser client")
async def revoke_browser_token(form: Annotated[RevocationForm, Form()], tx: CurrentWriting) -> SignedOutAnswer:
    """End the session that a refresh token belongs to (RFC 7009); one that is not known is answered alike."""
    await actions.sign_out(tx, form.client_id, form.token)
    return SignedOutAnswer(signed_out=True)


@router.get("/configuration", responses=problems(PasswordsOff), summary="Read how browsers sign in")
async def get_sign_in_configuration(request: Request) -> SignInConfigurationAnswer:
    """Read the addresses and abilities of the built-in issuer; also at `/.well-known/openid-configuration`."""
    settings = _settings(request)
    base = settings.public_url
    return SignInConfigurationAnswer(
        issuer=settings.own_issuer,
        authorization_endpoint=f"{base}{PATH}",
        token_endpoint=f"{base}{router.prefix}/token",
        revocation_endpoint=f"{base}{router.prefix}/revoke",
        jwks_uri=f"{base}/v1/sign-in/keys",
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token"],
        code_challenge_methods_supported=[rules.METHOD],
        token_endpoint_auth_methods_supported=["none"],
        revocation_endpoint_auth_methods_supported=["none"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["Ed25519"],
        scopes_supported=sorted(rules.SCOPES),
        claims_supported=["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "at_hash"],
        prompt_values_supported=["login", "none"],
        authorization_response_iss_parameter_supported=True,
    )
