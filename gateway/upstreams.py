"""The services behind the gateway: a pool of connections to each."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from multidict import CIMultiDict
from yarl import URL

from gateway.settings import Settings

IDLE_SECONDS = 4.0
"""Shorter than uvicorn keeps a quiet connection (5 s), so that we are not the ones to find it closed."""

POOL_WAIT_SECONDS = 5.0
MOST_OF_A_DOCUMENT = 16 * 1024 * 1024

SAFE_TO_REPEAT = frozenset({"GET", "HEAD"})


class ConnectionCut(aiohttp.ClientError):
    """The service closed the connection before it answered, and the request is not to be repeated."""


class DocumentUnavailable(Exception):
    """A service did not give us a document of its own: it is down, slow, or answered something else."""


async def never_twice(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from repeating PUT, DELETE and OPTIONS; it may repeat GET and HEAD once."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as cut:
        if request.method in SAFE_TO_REPEAT:
            raise
        raise ConnectionCut from cut


class Upstream:
    """One service and the connections to it."""

    def __init__(self, name: str, base_url: str, settings: Settings) -> None:
        self.name = name
        self._base = base_url
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.connections, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=POOL_WAIT_SECONDS, sock_connect=settings.connect_timeout, sock_read=None
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            auto_decompress=False,
            middlewares=(never_twice,),
        )

    async def send(
        self, method: str, path: str, headers: CIMultiDict[str], body: bytes | AsyncIterator[bytes] | None
    ) -> ClientResponse:
        """Send a request and return the answer as soon as it begins; `path` is encoded, with its query."""
        return await self._session.request(
            method, URL(self._base + path, encoded=True), headers=headers, data=body, allow_redirects=False
        )

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
        await self._session.close()


class Upstreams:
    """All services, and the highest version of the org chart that any answer has named."""

    def __init__(self, settings: Settings) -> None:
        self.by_name: Mapping[str, Upstream] = {
            name: Upstream(name, url, settings) for name, url in settings.urls.items()
        }
        self._version = 0
        self.org_chart_version: str | None = None

    def note_org_chart_version(self, version: str) -> None:
        """Remember the version if it is the highest so far."""
        if len(version) <= 18 and version.isascii() and version.isdigit() and int(version) > self._version:  # noqa: PLR2004 (a bigint's digits)
            self._version = int(version)
            self.org_chart_version = version

    async def close(self) -> None:
        """Close the connections to all services."""
        await asyncio.gather(*(upstream.close() for upstream in self.by_name.values()))
