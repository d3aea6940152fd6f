"""From a token to what it says, or the reason why it does not count (RFC 8725, RFC 9068)."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import OKPKey

from servicekit.tokens.keys import KeySource, VerificationKey

LONGEST_TOKEN = 8192
LONGEST_HEADER = 2048
ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt"})
TYPES = ACCESS_TYPES | {"jwt", "application/jwt"}
"""What an access token calls itself, if it says; an ID token, logout token or request object is another."""

OTHER_TOKENS = frozenset({"id", "refresh", "offline", "logout"})
"""What Keycloak writes as `typ` among the claims of tokens that are not for us."""

ONLY_ELSEWHERE = ("at_hash", "c_hash", "s_hash", "events")
"""Claims by which an ID token or a logout token gives itself away."""

ONLY_ACCESS = ("scope", "scp", "client_id", "cid", "appid", "azpacr", "gty")
"""Claims that ID tokens never have: of RFC 9068, Okta, Entra ID, Auth0. A token whose type does not say that it gives
access has one of them; for an ID token need not give itself away, and names us where its client is called as we are."""

LONGEST_SUBJECT = 255
LAST_SECOND = 10**11


class TokenRefused(Exception):
    """The token does not count; the message continues "The access token …"."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Somebody whose tokens count: for which audience, by which keys, and how far clocks may differ."""

    name: str
    audience: str
    keys: KeySource
    clock_skew: float = 5.0


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token says; it counts until `expires` (seconds since 1970), as long as its key does."""

    claims: Mapping[str, Any]
    issuer: TrustedIssuer
    key: VerificationKey
    expires: float

    @property
    def subject(self) -> str:
        """Whom its issuer says it speaks for."""
        return str(self.claims["sub"])

    @property
    def is_current(self) -> bool:
        """Whether its key still counts."""
        return self.issuer.keys.is_current(self.key)


class _Registry(jws.JWSRegistry):
    """Knows the algorithms that keys of ours may have, whatever a token says of itself."""

    max_header_length = LONGEST_HEADER

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return an algorithm by its name; Ed25519 has two."""
        if name not in {"EdDSA", "Ed25519", "ES256", "RS256", "PS256"}:
            raise UnsupportedAlgorithmError
        return self.algorithms["Ed25519" if name == "EdDSA" else name]


_REGISTRY = _Registry(strict_check_header=False)


class Verifier:
    """Verifies access tokens of the issuers that are trusted."""

    def __init__(self, issuers: Sequence[TrustedIssuer], now: Callable[[], float] = time.time) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._now = now

    async def verify(self, token: str | bytes) -> VerifiedToken:
        """Return what a token says.

        Raises:
            TokenRefused: it does not count.
            KeysUnavailable: its key is not known and nobody can be asked.
        """
        text = token if isinstance(token, bytes) else token.encode("utf-8", "replace")
        header, claims = _parts(text)
        issuer = self._issuers.get(claims["iss"]) if isinstance(claims.get("iss"), str) else None
        if issuer is None:
            raise TokenRefused("is not meant for us")
        _check_header(header)
        kid = header.get("kid")
        key = await issuer.keys.find(kid if isinstance(kid, str) else None)
        if key is None:
            raise TokenRefused("is signed by a key that is not known (any longer)")
        if header.get("alg") not in key.algorithms:
            raise TokenRefused("is not signed as its key may sign")
        try:
            jws.deserialize_compact(text, key.key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError, KeyError):
            raise TokenRefused("is not valid") from None
        expires = self._checked(claims, issuer)
        _check_gives_access(header, claims)
        return VerifiedToken(claims, issuer, key, expires)

    def _checked(self, claims: Mapping[str, Any], issuer: TrustedIssuer) -> float:
        """Check what a signed token says; return until when it counts."""
        audience = claims.get("aud")
        if issuer.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenRefused("is not meant for us")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise TokenRefused("names nobody")
        now, skew = self._now(), issuer.clock_skew
        expires, issued = _time(claims.get("exp")), _time(claims.get("iat"))
        if expires + skew <= now:
            raise TokenRefused("has expired")
        if max(issued, _time(claims.get("nbf", 0))) > now + skew:
            raise TokenRefused("does not count yet")
        return expires + skew


def _time(value: Any) -> float:
    """Return seconds since 1970, or refuse what is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LAST_SECOND:
        raise TokenRefused("does not say when it counts")
    return float(value)


def _check_header(header: Mapping[str, Any]) -> None:
    """Refuse what only other tokens have; keys that a token brings along (`jwk`, `jku`, `x5c`) are never looked at."""
    if "crit" in header or header.get("b64") is False:
        raise TokenRefused("demands what is not known here")
    if str(header.get("typ", "JWT")).lower() not in TYPES:
        raise TokenRefused("is no access token")


def _check_gives_access(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Refuse ID tokens, logout tokens and others that are signed by the same keys."""
    kind = str(claims.get("typ", "")).lower()
    if kind in OTHER_TOKENS or any(name in claims for name in ONLY_ELSEWHERE):
        raise TokenRefused("is no access token")
    says_so = str(header.get("typ", "")).lower() in ACCESS_TYPES or kind == "bearer"
    if not says_so and not any(name in claims for name in ONLY_ACCESS):
        raise TokenRefused("is no access token")


def _parts(token: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, which nobody has verified yet."""
    parts = token.split(b".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3 or len(parts[0]) > LONGEST_HEADER:  # noqa: PLR2004 (a JWS)
        raise TokenRefused("is not valid")
    try:
        header, claims = (orjson.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in parts[:2])
    except ValueError:
        raise TokenRefused("is not valid") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenRefused("is not valid")
    return header, claims


def signature_of(claims: Mapping[str, Any], key: OKPKey, kid: str, typ: str) -> str:
    """Return claims as a token signed with Ed25519."""
    header = {"alg": "Ed25519", "kid": kid, "typ": typ}
    return jws.serialize_compact(header, orjson.dumps(dict(claims)), key, registry=_REGISTRY)
