"""Keys that are fetched from their issuer and kept until they change."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from servicekit.tokens.keys import KeysUnavailable, VerificationKey, keys_of

MAX_AGE_SECONDS = 300.0
BETWEEN_FETCHES_SECONDS = 1.0

Fetch = Callable[[], Awaitable[Mapping[str, Any] | None]]
"""Returns the issuer's key set, or None where it cannot be had."""


class FetchedKeys:
    """Public keys by `kid`.

    At most one fetch is under way, and one begins per second: a token whose key is not known waits for
    the next, so that a new key counts at once and made-up ones cost the issuer nothing to speak of.
    """

    def __init__(
        self,
        issuer: str,
        fetch: Fetch,
        kept: Mapping[str, Any] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._fetch_set = fetch
        self._now = now
        self._keys: Mapping[str, VerificationKey] = keys_of(kept, {}) if kept else {}
        self._known = bool(self._keys)
        self._begun = -MAX_AGE_SECONDS - BETWEEN_FETCHES_SECONDS
        self._fetch: asyncio.Task[bool] | None = None

    @property
    def known(self) -> bool:
        """Whether the keys have been fetched at least once, now or before the last start."""
        return self._known

    def is_current(self, key: VerificationKey) -> bool:
        """Whether the key still counts; from time to time this has them fetched anew, without waiting."""
        if self._now() - self._begun > MAX_AGE_SECONDS:
            self._begin()
        return self._keys.get(key.kid) is key

    async def find(self, kid: str | None) -> VerificationKey | None:
        """Return the key, fetched if need be.

        Raises:
            KeysUnavailable: it is not known and the issuer cannot be asked.
        """
        if kid is None:
            return None
        key = self._keys.get(kid)
        if key is not None and self.is_current(key):
            return key
        if not await self.refresh():
            raise KeysUnavailable(self.issuer)
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
        document = await self._fetch_set()
        if document is None:
            structlog.get_logger().warning("signing keys unavailable", issuer=self.issuer)
            return False
        self._keys = keys_of(document, self._keys)
        self._known = True
        return True
