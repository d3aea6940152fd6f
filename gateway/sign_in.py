"""Sign-in at the door: an access token is verified once and remembered until it expires (RFC 8725).

The gateway only turns away who is nobody; each service verifies the token again and decides.
"""

import time
from collections.abc import Callable, Sequence

from gateway.errors import ServiceDown, SignInRefused
from servicekit.tokens.keys import KeysUnavailable
from servicekit.tokens.verifying import LONGEST_TOKEN, TokenRefused, TrustedIssuer, VerifiedToken, Verifier

MOST_REMEMBERED = 10_000


class SignIn:
    """Verifies access tokens and remembers them."""

    def __init__(self, issuers: Sequence[TrustedIssuer], now: Callable[[], float] = time.time) -> None:
        self._verifier = Verifier(issuers, now)
        self._now = now
        self._remembered: dict[bytes, VerifiedToken] = {}

    def remembered(self, authorization: bytes) -> VerifiedToken | None:
        """Return what an `Authorization` header says, if it was verified before and still counts."""
        verified = self._remembered.get(authorization)
        if verified is None:
            return None
        if self._now() < verified.expires and verified.is_current:
            return verified
        del self._remembered[authorization]
        return None

    async def verify(self, authorization: bytes) -> VerifiedToken:
        """Verify an `Authorization` header and remember it.

        Raises:
            SignInRefused: it is no token of ours, or one that does not count any longer.
            ServiceDown: its key is not known and its issuer cannot be asked.
        """
        scheme, _, token = authorization.partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token or len(token) > LONGEST_TOKEN:
            message = "Send an access token: 'Authorization: Bearer …'. POST /v1/sign-in/token gives one."
            raise SignInRefused(message, challenge='error="invalid_request"')
        try:
            verified = await self._verifier.verify(token)
        except TokenRefused as refusal:
            raise SignInRefused.invalid(str(refusal)) from None
        except KeysUnavailable as error:
            raise ServiceDown(error.issuer) from error
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[authorization] = verified
        return verified
