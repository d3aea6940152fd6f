"""Sign-in at the door: an access token is verified once and remembered until it expires (RFC 8725).

The gateway only turns away who is nobody; each service verifies the token again and decides.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import OKPKey

from gateway.errors import SignInRefused
from gateway.signing_keys import NAMES_OF_ALGORITHM, SigningKeys

MOST_REMEMBERED = 10_000
LONGEST_TOKEN = 8192
LEEWAY_SECONDS = 5


class EdwardsOnly(jws.JWSRegistry):
    """Knows one algorithm, whatever a token says of itself."""

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return Ed25519 for either of its names."""
        if name not in NAMES_OF_ALGORITHM:
            raise UnsupportedAlgorithmError
        return self.algorithms["Ed25519"]


REGISTRY = EdwardsOnly()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a token speaks for, and until when (seconds since 1970)."""

    person_id: str
    expires: float
    kid: str
    key: OKPKey


class SignIn:
    """Verifies access tokens and remembers them."""

    def __init__(self, keys: SigningKeys, issuer: str, audience: str, now: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._now = now
        self._remembered: dict[bytes, SignedIn] = {}

    def remembered(self, authorization: bytes) -> SignedIn | None:
        """Return who an `Authorization` header speaks for, if it was verified before and still counts."""
        signed_in = self._remembered.get(authorization)
        if signed_in is None:
            return None
        if self._now() < signed_in.expires and self._keys.is_current(signed_in.kid, signed_in.key):
            return signed_in
        del self._remembered[authorization]
        return None

    async def verify(self, authorization: bytes) -> SignedIn:
        """Verify an `Authorization` header and remember it.

        Raises:
            SignInRefused: it is no token of ours, or one that does not count any longer.
            ServiceDown: its key is not known and `team` cannot be asked.
        """
        scheme, _, token = authorization.partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token or len(token) > LONGEST_TOKEN:
            message = "Send an access token: 'Authorization: Bearer …'. POST /v1/sign-in/token gives one."
            raise SignInRefused(message, challenge='error="invalid_request"')
        signed_in = await self._read(token)
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[authorization] = signed_in
        return signed_in

    async def _read(self, token: bytes) -> SignedIn:
        try:
            header = jws.extract_compact(token, None, REGISTRY).headers()
            kid = header.get("kid")
            if header["alg"] not in NAMES_OF_ALGORITHM or not isinstance(kid, str):
                raise SignInRefused.invalid("is not signed as ours are")
            key = await self._keys.find(kid)
            if key is None:
                raise SignInRefused.invalid("is signed by a key that is not known (any longer)")
            claims = jwt.decode(token, key, registry=REGISTRY).claims
            self._claims().validate(claims)
        except ExpiredTokenError:
            raise SignInRefused.invalid("has expired") from None
        except (InvalidClaimError, MissingClaimError):
            raise SignInRefused.invalid("is not meant for us") from None
        except (JoseError, ValueError, KeyError, TypeError):
            raise SignInRefused.invalid("is not valid") from None
        return SignedIn(claims["sub"], float(claims["exp"]), kid, key)

    def _claims(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
