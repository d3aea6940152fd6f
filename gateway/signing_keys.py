"""The keys that sign access tokens, fetched from `team` and kept until they change."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from gateway.errors import ServiceDown
from gateway.upstreams import DocumentUnavailable, Upstream

KEYS_PATH = "/v1/sign-in/keys"
FETCH_SECONDS = 3.0
MAX_AGE_SECONDS = 300.0
BETWEEN_FETCHES_SECONDS = 1.0
NAMES_OF_ALGORITHM = frozenset({"EdDSA", "Ed25519"})
"""RFC 8037's name and RFC 9864's for the same signature."""

log = structlog.get_logger()


class SigningKeys:
    """Public keys by `kid`.

    At most one fetch is under way, and one begins per second: a token whose key is not known waits for
    the next, so that a new key counts at once and made-up ones cost `team` nothing to speak of.
    """

    def __init__(self, issuer: Upstream, now: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._now = now
        self._keys: Mapping[str, OKPKey] = {}
        self._known = False
        self._begun = -BETWEEN_FETCHES_SECONDS
        self._fetch: asyncio.Task[bool] | None = None

    @property
    def known(self) -> bool:
        """Whether the keys have been fetched at least once."""
        return self._known

    def is_current(self, kid: str, key: OKPKey) -> bool:
        """Whether the key still counts; from time to time this has them fetched anew, without waiting."""
        if self._now() - self._begun > MAX_AGE_SECONDS:
            self._begin()
        return self._keys.get(kid) is key

    async def find(self, kid: str) -> OKPKey | None:
        """Return the key, fetched if need be.

        Raises:
            ServiceDown: it is not known and `team` cannot be asked.
        """
        key = self._keys.get(kid)
        if key is not None:
            return key
        if not await self.refresh():
            raise ServiceDown(self._issuer.name)
        return self._keys.get(kid)

    async def refresh(self) -> bool:
        """Fetch the keys; false if they could not be had, then the last known ones stay."""
        return await asyncio.shield(self._begin())

    def prefetch(self) -> None:
        """Begin to fetch the keys, so that the first to come need not wait."""
        self._begin()

    async def close(self) -> None:
        """Give up a fetch that is under way."""
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)

    def _begin(self) -> Awaitable[bool]:
        if self._fetch is None or self._fetch.done():
            wait = self._begun + BETWEEN_FETCHES_SECONDS - self._now()
            self._begun = self._now() + max(wait, 0.0)
            self._fetch = asyncio.get_running_loop().create_task(self._fetch_after(wait))
        return self._fetch

    async def _fetch_after(self, wait: float) -> bool:
        if wait > 0:
            await asyncio.sleep(wait)
        try:
            status, document = await self._issuer.document(KEYS_PATH, FETCH_SECONDS)
        except DocumentUnavailable:
            log.warning("signing keys unavailable", peer=self._issuer.name)
            return False
        if status != HTTPStatus.OK or not isinstance(document, dict):
            log.warning("signing keys unavailable", peer=self._issuer.name, status=status)
            return False
        self._keep(document)
        return True

    def _keep(self, document: Mapping[str, Any]) -> None:
        found = {}
        for jwk in document.get("keys", []):
            key = _key_of(jwk)
            if key is not None:
                before = self._keys.get(jwk["kid"])
                unchanged = before is not None and before.as_dict(private=False) == key.as_dict(private=False)
                found[jwk["kid"]] = before if before is not None and unchanged else key
        self._keys = found
        self._known = True


def _key_of(jwk: Any) -> OKPKey | None:
    """Return the key if it is one that may sign access tokens; others in the set are none of our business."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        return None
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", "EdDSA") not in NAMES_OF_ALGORITHM:
        return None
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"], "kid": jwk["kid"]})
    except (JoseError, KeyError, ValueError, TypeError):
        return None
