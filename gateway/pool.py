"""The connections to one service: lent for one request each, and kept for the next."""

import asyncio
import ssl
import time
from urllib.parse import urlsplit

from gateway.connection import Connection

IDLE_SECONDS = 4.0
"""Shorter than uvicorn keeps a quiet connection (5 s), so that we are not the ones to find it closed."""

POOL_WAIT_SECONDS = 5.0


class Unreachable(Exception):
    """No connection could be made."""


class NoneFree(Exception):
    """No connection was made or became free in time."""


class Pool:
    """At most `limit` connections to the service at a URL."""

    def __init__(self, base_url: str, limit: int, connect_seconds: float) -> None:
        parts = urlsplit(base_url)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._address = parts.hostname or "", parts.port or (443 if self._tls else 80)
        self.host = parts.netloc.rpartition("@")[2].encode()
        self.prefix = parts.path.rstrip("/").encode()
        self._connect_seconds = connect_seconds
        self._places = asyncio.Semaphore(limit)
        self._lent: set[Connection] = set()
        self._idle: list[Connection] = []

    async def lend(self, *, fresh: bool = False) -> Connection:
        """Lend a connection, a new one where it has to be `fresh`; `take_back` has to follow.

        Raises:
            Unreachable: the service does not take connections.
            NoneFree: it does not say so in time, or all connections are lent for too long.
        """
        if self._places.locked():
            try:
                async with asyncio.timeout(POOL_WAIT_SECONDS):
                    await self._places.acquire()
            except TimeoutError:
                raise NoneFree from None
        else:
            await self._places.acquire()
        try:
            connection = (None if fresh else self._kept()) or await self._made()
        except BaseException:
            self._places.release()
            raise
        self._lent.add(connection)
        return connection

    def take_back(self, connection: Connection) -> None:
        """Keep a connection if it can be used again, else end it."""
        self._lent.discard(connection)
        if connection.is_free():
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.abort()
        self._places.release()

    def close(self) -> None:
        """End all connections."""
        for connection in (*self._idle, *self._lent):
            connection.abort()
        self._idle.clear()

    def _kept(self) -> Connection | None:
        """Return the one that was used last, if it is still good; those that were used before it are older."""
        oldest = time.monotonic() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since < oldest:
                for old in (connection, *self._idle):
                    old.abort()
                self._idle.clear()
            elif not connection.lost and connection.is_free():
                return connection
        return None

    async def _made(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(Connection, *self._address, ssl=self._tls)
        except TimeoutError:
            raise NoneFree from None
        except OSError as error:
            raise Unreachable from error
        return connection
