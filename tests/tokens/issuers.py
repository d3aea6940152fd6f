"""An OpenID Connect provider in the test process: it signs whatever a test wants signed."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

KINDS: dict[str, Any] = {
    "RS256": lambda: RSAKey.generate_key(2048, private=True),
    "PS256": lambda: RSAKey.generate_key(2048, private=True),
    "ES256": lambda: ECKey.generate_key("P-256", private=True),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519", private=True),
}
REGISTRY = jws.JWSRegistry(
    algorithms=["RS256", "PS256", "ES256", "Ed25519", "EdDSA", "HS256", "none"], strict_check_header=False
)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Signer:
    """A key of a provider's."""

    kid: str
    algorithm: str
    key: Any = None

    def __post_init__(self) -> None:
        self.key = self.key or KINDS[self.algorithm]()

    @property
    def jwk(self) -> dict[str, Any]:
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign claims; a header or claim given as None is left out."""
        full = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"} | header
        signed_with = "Ed25519" if full["alg"] == "EdDSA" else self.algorithm
        signing_input = f"{_json(full)}.{_json(claims)}"
        model = REGISTRY.algorithms["Ed25519" if signed_with == "EdDSA" else signed_with]
        return f"{signing_input}.{encoded(model.sign(signing_input.encode(), self.key))}"

    def by_shared_secret(self, claims: dict[str, Any]) -> str:
        """Sign with the public key as if it were a shared secret (RFC 8725, 2.1)."""
        signing_input = f"{_json({'alg': 'HS256', 'kid': self.kid})}.{_json(claims)}"
        secret = self.key.as_pem(private=False)
        return f"{signing_input}.{encoded(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"


def _json(content: dict[str, Any]) -> str:
    return encoded(json.dumps({name: value for name, value in content.items() if value is not None}).encode())


def unsigned(claims: dict[str, Any], kid: str) -> str:
    return f"{_json({'alg': 'none', 'kid': kid})}.{_json(claims)}."


@dataclass
class StandInProvider:
    """Answers for discovery and keys; `says` replaces what it says of itself."""

    signers: list[Signer] = field(default_factory=lambda: [Signer("first", "RS256")])
    says: dict[str, Any] = field(default_factory=dict)
    extra_keys: list[Any] = field(default_factory=list)
    down: bool = False
    asked: int = 0
    url: str = ""
    _runner: Any = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._discovery)
        application.router.add_get("/jwks", self._jwks)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        with suppress(Exception):
            await self._runner.cleanup()

    async def _discovery(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.down:
            return web.json_response({}, status=503)
        return web.json_response({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"} | self.says)

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [*self.extra_keys, *(signer.jwk for signer in self.signers)]})

    def claims(self, **given: Any) -> dict[str, Any]:
        now = int(time.time())
        content = {
            "iss": self.url,
            "aud": "keyaccount",
            "sub": "somebody-1",
            "client_id": "portal",
            "iat": now,
            "exp": now + 300,
        }
        return {name: value for name, value in (content | given).items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, signer: Signer | None = None, **claims: Any) -> str:
        return (signer or self.signers[0]).sign(header or {}, self.claims(**claims))
