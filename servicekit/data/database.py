"""A service's database: one pool of connections of its login role."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg
import orjson

from servicekit.values.dates import Clock, utc_now
from servicekit.values.leases import Leases

STATEMENT_SECONDS = 60.0
"""After so long a statement is given up: nobody waits for its answer any more."""
CLOSED_WITHIN_SECONDS = 10.0


class PlainConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that needs no reset when it returns: a transaction leaves nothing behind."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Return no query: nothing of ours rests on session state."""
        return ""


def _encode_json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=orjson.loads, format="text"
    )
    await connection.set_type_codec("ltree", schema="extensions", encoder=str, decoder=str, format="text")


class Database:
    """The pool, the clock that gives each transaction its instant, and the leases by which this process holds work."""

    def __init__(self, pool: asyncpg.Pool, name: str, clock: Clock, leases: Leases | None = None) -> None:
        self.pool = pool
        self.name = name
        self.clock = clock
        self.leases = leases or Leases()

    @classmethod
    async def connect(
        cls,
        url: str,
        name: str,
        *,
        connections: int = 10,
        clock: Clock = utc_now,
        process: str = "",
        statement_seconds: float | None = STATEMENT_SECONDS,
    ) -> Self:
        """Open a pool at the URL.

        Args:
            url: of the database, with the login.
            name: the service, under which it acts by itself.
            connections: at most so many.
            clock: gives each transaction its instant.
            process: this process's name among those of the service.
            statement_seconds: after so long a statement is given up; None for what counts everything anew.
        """
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            connection_class=PlainConnection,
            init=_prepare_connection,
            statement_cache_size=1024,
            max_cached_statement_lifetime=0,
            server_settings={"application_name": f"keyaccount-{name}", "jit": "off"},
            command_timeout=statement_seconds,
        )
        return cls(pool, name, clock, Leases(process))

    async def close(self, within_seconds: float = CLOSED_WITHIN_SECONDS) -> None:
        """Wait a while for what runs, and close every connection."""
        try:
            await asyncio.wait_for(self.pool.close(), within_seconds)
        except TimeoutError:
            self.pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection."""
        async with self.pool.acquire() as connection:
            yield connection
