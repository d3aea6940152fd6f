"""Access tokens as tests need them: good ones, and every kind of bad one."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PERSON = "0190b5a0-0000-7000-8000-000000000001"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Signer:
    """A key of the issuer's."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = Ed25519PrivateKey.generate()
        self.public_bytes = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def jwk(self) -> dict[str, str]:
        x = encoded(self.public_bytes)
        return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "use": "sig", "alg": "EdDSA"}

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Sign claims; a claim given as None is left out."""
        signing_input = unsigned({"alg": "EdDSA", "kid": self.kid} | (header or {}), **claims)
        return f"{signing_input}.{encoded(self.private.sign(signing_input.encode()))}"

    def token_by_shared_secret(self) -> str:
        """Sign with the public key as if it were a shared secret (RFC 8725, 2.1)."""
        signing_input = unsigned({"alg": "HS256", "kid": self.kid})
        signature = hmac.new(self.public_bytes, signing_input.encode(), hashlib.sha256).digest()
        return f"{signing_input}.{encoded(signature)}"


def unsigned(header: dict[str, Any], **claims: Any) -> str:
    now = int(time.time())
    content = {
        "iss": "keyaccount",
        "aud": "keyaccount",
        "sub": PERSON,
        "client_id": "tests",
        "iat": now,
        "exp": now + 3600,
        "jti": "1",
        "chart_version": 1,
    } | claims
    kept = {name: value for name, value in content.items() if value is not None}
    return f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(kept).encode())}"
