"""The services behind the gateway: a pool of connections to each, and a client for what we ask of them ourselves."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from gateway.errors import ServiceDown
from gateway.pool import Pool
from gateway.settings import Settings
from servicekit.peers.breaker import TRIAL_SECONDS, Breaker

HEALTH = "/health/live"
MOST_OF_A_DOCUMENT = 16 * 1024 * 1024

SERVER_ERROR = 500


class DocumentUnavailable(Exception):
    """A service did not give us a document of its own: it is down, slow, or answered something else."""


class Upstream:
    """One service and the connections to it."""

    def __init__(self, name: str, base_url: str, settings: Settings) -> None:
        self.name = name
        self.breaker = Breaker()
        self.deadline = str(int(settings.patience * 1000)).encode()
        self._base = base_url
        self._silence = settings.silence
        self._asking: asyncio.Task[None] | None = None
        self.connections = Pool(base_url, settings.connections, settings.connect_timeout)
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def open_up(self) -> None:
        """Return if the service is there; while its breaker is open, one caller at a time finds out.

        Raises:
            ServiceDown: it is not, as far as we know.
        """
        if not await self.breaker.lets_through(lambda: self._lives(TRIAL_SECONDS)):
            raise ServiceDown(self.name)

    def suspect(self) -> None:
        """Find out whether a service that keeps a request waiting still answers at all; if not, open its breaker."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._find_out())

    async def _find_out(self) -> None:
        asked_at = time.monotonic()
        if await self._lives(self._silence):
            self.breaker.heard()
        else:
            self.breaker.waited_in_vain(asked_at)

    async def _lives(self, seconds: float) -> bool:
        """Ask over a connection of its own: those of the pool may all be waiting."""
        try:
            async with (
                asyncio.timeout(seconds),
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
                session.get(self._base + HEALTH) as response,
            ):
                return response.status < SERVER_ERROR
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def document(self, path: str, seconds: float) -> tuple[int, Any]:
        """Return status and content of a JSON document of the service's own.

        Raises:
            DocumentUnavailable: it did not come whole within `seconds`.
        """
        try:
            async with asyncio.timeout(seconds), self._session.get(self._base + path) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > MOST_OF_A_DOCUMENT:
                        raise DocumentUnavailable(self.name)
                return response.status, orjson.loads(body)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DocumentUnavailable(self.name) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._asking is not None:
            self._asking.cancel()
        self.connections.close()
        await self._session.close()


class Upstreams:
    """All services, and the highest version of the org chart that any answer has named."""

    def __init__(self, settings: Settings) -> None:
        self.by_name: Mapping[str, Upstream] = {
            name: Upstream(name, url, settings) for name, url in settings.urls.items()
        }
        self._version = 0
        self.org_chart_version: bytes | None = None

    def note_org_chart_version(self, version: bytes) -> None:
        """Remember the version if it is the highest so far."""
        if len(version) <= 18 and version.isdigit() and int(version) > self._version:  # noqa: PLR2004 (a bigint's digits)
            self._version = int(version)
            self.org_chart_version = version

    async def close(self) -> None:
        """Close the connections to all services."""
        await asyncio.gather(*(upstream.close() for upstream in self.by_name.values()))
