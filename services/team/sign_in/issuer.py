"""The key that signs access tokens, and the public half that everybody verifies them by."""

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from servicekit.tokens.own import SIGNING_KEY, key_set_in
from servicekit.tokens.verifying import signature_of

ACCESS_TOKEN = "at+jwt"  # noqa: S105 (RFC 9068)
ID_TOKEN = "JWT"  # noqa: S105 (OpenID Connect)


@dataclass(frozen=True)
class Issuer:
    """Signs with the key that lies in the folder now, so that a rotation counts at once; `name` is its own."""

    name: str
    secrets: Path

    def sign(self, claims: dict[str, Any], typ: str = ACCESS_TOKEN) -> str:
        """Return the claims, with our name, as a signed token."""
        jwk = json.loads((self.secrets / SIGNING_KEY).read_text())
        return signature_of({"iss": self.name, **claims}, _private(jwk["x"], jwk["d"]), jwk["kid"], typ)

    def public_keys(self) -> list[dict[str, Any]]:
        """Return the public keys that count (RFC 7517), the one that signs first."""
        return key_set_in(self.secrets, time.time())


@lru_cache(maxsize=4)
def _private(x: str, d: str) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})
