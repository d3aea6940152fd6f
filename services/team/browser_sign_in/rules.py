"""What a browser client may ask for, and how long what it gets counts."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from servicekit.values.errors import Malformed

CODE_LIFETIME = timedelta(seconds=60)
ACCESS_SECONDS = 900
"""Short, because nothing but its end takes an access token back."""

SESSION_LIFETIME = timedelta(hours=12)
"""A working day; after it, name and password are asked for again."""

UNUSED_LIFETIME = timedelta(hours=4)
"""For how long a refresh token counts."""

EXCHANGED_TWICE_WITHIN = timedelta(seconds=10)
"""Two tabs, or a request repeated because its answer was lost, are no theft."""

SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""What libraries ask for by themselves; a person's token is not narrowed by any of them."""

METHOD = "S256"
SECRET_BYTES = 32
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class BrowserClientUnknown(Malformed):
    """No browser client is registered by this id."""

    code = "browser_client_unknown"
    members = ("error",)
    is_read_by_oauth = True
    error = "invalid_client"

    def __init__(self, field: str) -> None:
        super().__init__("No browser client has this id: KEYACCOUNT_BROWSER_CLIENTS lists them.", field=field)


class RedirectUnknown(Malformed):
    """The browser client is not registered with this redirect address; nobody is sent there."""

    code = "redirect_unknown"
    members = ("error",)
    is_read_by_oauth = True
    error = "invalid_request"

    def __init__(self, field: str) -> None:
        super().__init__(
            "The browser client is not registered with this redirect address: KEYACCOUNT_BROWSER_CLIENTS lists them, "
            "and they are compared as they are.",
            field=field,
        )


class GrantRefused(Malformed):
    """A code or refresh token does not count, or no longer."""

    code = "grant_refused"
    members = ("error",)
    is_read_by_oauth = True
    error = "invalid_grant"

    def __init__(self, field: str) -> None:
        super().__init__("This does not count, or no longer: sign in again.", field=field)


class RefreshTokenExchanged(Malformed):
    """Another request has exchanged the refresh token a moment ago; the session goes on."""

    code = "refresh_token_exchanged"
    members = ("error",)
    is_read_by_oauth = True
    error = "invalid_grant"

    def __init__(self) -> None:
        super().__init__(
            "Another request has exchanged this refresh token a moment ago: use what that one got.",
            field="/refresh_token",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser client asks for at the authorization endpoint, once client and redirect address are known."""

    client_id: str
    redirect_uri: str
    response_type: str | None = None
    response_mode: str | None = None
    scope: str | None = None
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a browser client redeems a code with."""

    client_id: str
    redirect_uri: str
    code: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What the browser client is told at its redirect address instead of a code (RFC 6749, 4.1.2.1)."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """What a code is bound to."""

    session_id: UUID
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in at a browser client."""

    id: UUID
    person_id: UUID
    client_id: str
    signed_in_at: datetime
    expires_at: datetime


def check_client(clients: Mapping[str, tuple[str, ...]], client_id: str, place: str) -> None:
    """Refuse a client that is not registered."""
    if client_id not in clients:
        raise BrowserClientUnknown(f"{place}client_id")


def check_redirect(clients: Mapping[str, tuple[str, ...]], client_id: str, redirect_uri: str, place: str) -> None:
    """Refuse a client or redirect address that is not registered: whoever asks is told, nobody is sent anywhere."""
    check_client(clients, client_id, place)
    if redirect_uri not in clients[client_id]:
        raise RedirectUnknown(f"{place}redirect_uri")


def fault_of(asked: Asked) -> Fault | None:
    """Return what is wrong with what a known client asks for."""
    challenge = CHALLENGE.fullmatch(asked.code_challenge or "")
    faults = (
        (asked.response_type != "code", "unsupported_response_type", "response_type is code"),
        (asked.response_mode not in {None, "query"}, "invalid_request", "response_mode is query"),
        (asked.code_challenge_method != METHOD, "invalid_request", "code_challenge_method is S256, never plain"),
        (not challenge, "invalid_request", "code_challenge is the SHA-256 of the verifier in base64url"),
        (set((asked.scope or "").split()) - SCOPES, "invalid_scope", f"scope is of {' '.join(sorted(SCOPES))}"),
        ("none" in (asked.prompt or "").split(), "login_required", "nobody is signed in without being asked"),
    )
    return next((Fault(error, description) for is_wrong, error, description in faults if is_wrong), None)


def returned_to(redirect_uri: str, **parameters: str | None) -> str:
    """Return the redirect address with what the client is told; what it has in its query stays."""
    parts = urlsplit(redirect_uri)
    told = urlencode({name: value for name, value in parameters.items() if value is not None})
    return urlunsplit(parts._replace(query=f"{parts.query}&{told}" if parts.query else told))


def new_secret() -> str:
    """Return a code or refresh token: 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def challenge_of(verifier: str) -> str:
    """Return the challenge that a verifier answers (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def redeems(issued: IssuedCode, given: Redemption, now: datetime) -> bool:
    """Whether a code is redeemed by whom, to where, with what it was asked for, and in time."""
    answers = hmac.compare_digest(challenge_of(given.verifier), issued.code_challenge)
    is_theirs = (given.client_id, given.redirect_uri) == (issued.client_id, issued.redirect_uri)
    return answers and is_theirs and now < issued.expires_at


def refresh_until(session: Session, now: datetime) -> datetime:
    """Return until when a refresh token that is given now counts."""
    return min(now + UNUSED_LIFETIME, session.expires_at)


def is_theft(exchanged_at: datetime, now: datetime) -> bool:
    """Whether a refresh token that comes again cannot be a request that was sent twice."""
    return now - exchanged_at > EXCHANGED_TWICE_WITHIN


def id_claims(session: Session, access_token: str, nonce: str | None, *, issued_at: int) -> dict[str, Any]:
    """Return what an ID token says (OpenID Connect Core, 2); `at_hash` marks it as none for our own doors."""
    digest = hashlib.sha512(access_token.encode()).digest()
    content: dict[str, Any] = {
        "aud": session.client_id,
        "sub": str(session.person_id),
        "iat": issued_at,
        "exp": issued_at + ACCESS_SECONDS,
        "auth_time": int(session.signed_in_at.timestamp()),
        "sid": str(session.id),
        "at_hash": base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode(),
    }
    return content | ({"nonce": nonce} if nonce is not None else {})
