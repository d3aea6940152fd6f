"""Tokens between services: signed with the instance's key, for one callee only, naming who is called for."""

import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ISSUER = "keyaccount-instance"
ALGORITHM = "Ed25519"
LIFETIME_SECONDS = 300
RENEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """What a verified token between services says."""

    caller: str
    subject: str
    expires_at: int


class TokenInvalid(ValueError):
    """The token is not one of ours for this service, or no longer."""


class ServiceTokens:
    """Makes and verifies tokens between services; made ones are reused while they last."""

    def __init__(self, service: str, key: OKPKey) -> None:
        self.service = service
        self._key = key
        self._made: dict[tuple[str, str], tuple[str, float]] = {}

    def make(self, callee: str, subject: str) -> str:
        """Return a token for the callee that names this service and the subject it calls for."""
        now = time.time()
        token, renew_at = self._made.get((callee, subject), ("", 0.0))
        if now < renew_at:
            return token
        if len(self._made) > 10_000:  # noqa: PLR2004 (a bound, no more)
            self._made.clear()
        claims = {
            "iss": ISSUER,
            "aud": f"service:{callee}",
            "sub": subject,
            "act": {"sub": f"service:{self.service}"},
            "iat": int(now),
            "exp": int(now) + LIFETIME_SECONDS,
        }
        token = jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])
        self._made[callee, subject] = (token, now + LIFETIME_SECONDS - RENEW_SECONDS)
        return token

    def verify(self, token: str) -> ServiceToken:
        """Return what a token for this service says.

        Raises:
            TokenInvalid: signature, issuer, audience or time is wrong.
        """
        try:
            claims: dict[str, Any] = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            if claims["iss"] != ISSUER or claims["aud"] != f"service:{self.service}" or claims["exp"] <= time.time():
                raise TokenInvalid("not for this service, or no longer")
            caller = str(claims["act"]["sub"]).removeprefix("service:")
            return ServiceToken(caller, str(claims["sub"]), int(claims["exp"]))
        except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise TokenInvalid(str(error)) from error
