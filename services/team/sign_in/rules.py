"""What a token says, and who gets one."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotSignedIn, RuleViolated
from servicekit.values.scopes import conveyed_by

AUDIENCE = "keyaccount"
LIFETIME_SECONDS = 3600
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
"""Hashing a longer one would let anybody keep us busy."""


class SignInStep(StrEnum):
    """What the audit trail keeps of signing in."""

    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    SIGNED_OUT = "signed_out"
    CREDENTIALS_SET = "credentials_set"
    CODE_MISUSED = "code_misused"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 (no secret)


class SignInRefused(NotSignedIn):
    """Name or password is wrong; which of them is not said."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("Nobody signs in by this name and password here, or not any longer.")


class PasswordsOff(Conflict):
    """People sign in at another provider here."""

    code = "passwords_off"

    def __init__(self, issuer: str) -> None:
        super().__init__(f"People do not sign in by password here: sign in at {issuer}.", field="/grant_type")


class ScopeNotGranted(Malformed):
    """The machine client asks for a scope that it was not given."""

    code = "scope_not_granted"

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            f"This machine client was not given {', '.join(sorted(names))}: ask for less, or leave `scope` out.",
            field="/scope",
        )


class PasswordTooShort(RuleViolated):
    """A password has at least so many characters."""

    code = "password_too_short"

    def __init__(self) -> None:
        super().__init__(f"A password has at least {SHORTEST_PASSWORD} characters.", field="/password")


class PasswordIsName(RuleViolated):
    """The password is the name that everybody knows."""

    code = "password_is_name"

    def __init__(self) -> None:
        super().__init__("The password must not contain the username.", field="/password")


def check_password(username: str, password: str) -> None:
    """Refuse a password that is easy to guess."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    if username.casefold() in password.casefold():
        raise PasswordIsName


def check_asked(asked: Collection[str], granted: Collection[str]) -> None:
    """Refuse to narrow a token to what the machine client was never given."""
    more = set(asked) - conveyed_by(granted)
    if more:
        raise ScopeNotGranted(more)


def claims(
    person_id: UUID,
    client_id: str,
    chart_version: int,
    *,
    issued_at: int,
    token_id: UUID,
    scope: str = "",
    seconds: int = LIFETIME_SECONDS,
) -> dict[str, Any]:
    """Return what an access token says for some seconds from when it was issued, in seconds since 1970.

    `scope` is what it is narrowed to.
    """
    content = {
        "aud": AUDIENCE,
        "sub": str(person_id),
        "client_id": client_id,
        "iat": issued_at,
        "exp": issued_at + seconds,
        "jti": str(token_id),
        "chart_version": chart_version,
    }
    return content | {"scope": scope} if scope else content
