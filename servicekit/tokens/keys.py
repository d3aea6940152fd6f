"""Public keys that may sign access tokens, as a JSON Web Key Set has them (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

ALGORITHMS: Mapping[tuple[str, str | None], frozenset[str]] = {
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("RSA", None): frozenset({"RS256", "PS256"}),
}
"""What a kind of key may sign by; whatever else a token says of itself, this decides (RFC 8725, 3.1)."""

PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "OKP": ("kty", "crv", "x"),
    "EC": ("kty", "crv", "x", "y"),
    "RSA": ("kty", "n", "e"),
}
LEAST_RSA_BITS = 2048


class KeysUnavailable(Exception):
    """Whoever issues the tokens cannot be asked for its keys; `issuer` names it."""

    def __init__(self, issuer: str) -> None:
        super().__init__(issuer)
        self.issuer = issuer


@dataclass(frozen=True, slots=True, eq=False)
class VerificationKey:
    """A public key and the algorithms that it may verify."""

    kid: str
    key: OKPKey | ECKey | RSAKey
    algorithms: frozenset[str]
    content: tuple[str, ...]

    def is_same(self, other: "VerificationKey | None") -> bool:
        """Whether it is the same key, for the same algorithms."""
        return other is not None and (self.content, self.algorithms) == (other.content, other.algorithms)


class KeySource(Protocol):
    """Where the keys of one issuer come from."""

    def is_current(self, key: VerificationKey) -> bool:
        """Whether the key still counts; asked for every request, so it must not wait."""

    async def find(self, kid: str | None) -> VerificationKey | None:
        """Return the key of this name, looked for anew if it is not known.

        Raises:
            KeysUnavailable: it is not known, and nobody can be asked.
        """


def keys_of(document: Mapping[str, Any], before: Mapping[str, VerificationKey]) -> dict[str, VerificationKey]:
    """Return the keys of a set by name; a key that was there before stays the same object."""
    given = document.get("keys")
    found = [key for jwk in (given if isinstance(given, list) else ()) if (key := key_of(jwk)) is not None]
    return {key.kid: present if key.is_same(present := before.get(key.kid)) and present else key for key in found}


def key_of(jwk: Any) -> VerificationKey | None:
    """Return the key if it is one that may sign access tokens; others in the set are none of our business."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        return None
    kind = jwk.get("kty")
    crv = jwk.get("crv") if kind != "RSA" else None
    if not isinstance(kind, str) or not (crv is None or isinstance(crv, str)):
        return None
    algorithms = ALGORITHMS.get((kind, crv), frozenset())
    if "alg" in jwk:
        same = {"EdDSA", "Ed25519"}  # RFC 8037's name and RFC 9864's for the same signature
        algorithms &= same if jwk["alg"] in same else {jwk["alg"]} if isinstance(jwk["alg"], str) else set()
    if not algorithms or jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ("verify",)):
        return None
    return _imported(jwk, kind, algorithms)


def _imported(jwk: Mapping[str, Any], kind: str, algorithms: frozenset[str]) -> VerificationKey | None:
    try:
        public = {name: jwk[name] for name in PUBLIC_MEMBERS[kind]}
        kinds: dict[str, Any] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
        key = kinds[kind].import_key(public)
        if kind == "RSA" and key.public_key.key_size < LEAST_RSA_BITS:
            return None
        return VerificationKey(jwk["kid"], key, algorithms, tuple(public.values()))
    except (JoseError, KeyError, ValueError, TypeError):
        return None
