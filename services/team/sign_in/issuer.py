"""The key that signs access tokens, and the public half that everybody verifies them by."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
KEY_FILE = "issuer-key.json"


@dataclass(frozen=True)
class Issuer:
    """Signs with one Ed25519 key, named by its `kid`."""

    key: OKPKey
    kid: str
    x: str

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the signed token."""
        return jwt.encode({"alg": ALGORITHM, "kid": self.kid, "typ": "JWT"}, claims, self.key, algorithms=[ALGORITHM])

    def public_keys(self) -> list[dict[str, str]]:
        """Return the public keys (RFC 7517)."""
        return [{"kty": "OKP", "crv": "Ed25519", "x": self.x, "kid": self.kid, "use": "sig", "alg": ALGORITHM}]


@cache
def issuer_of(secrets: Path) -> Issuer:
    """Return the issuer whose key lies in the folder; `keyaccount up` has made it."""
    jwk = json.loads((secrets / KEY_FILE).read_text())
    key = OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "d")})
    return Issuer(key, jwk["kid"], jwk["x"])
