"""The bare endpoint: FastAPI, asyncpg and orjson, and nothing of ours, running the statements that were recorded."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uuid_utils.compat
from fastapi import FastAPI, Request, Response

from bench.scripts import Asked, Fresh, FreshClaim, FreshNumbers, FreshText, Script, read_recordings

_CONNECTIONS = 10
_CLAIM_BYTES = 32
_NUMBER_BYTES = 7

Step = Callable[[asyncpg.Connection, list[UUID], bytes], Any]


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that needs no reset when it returns, as the services' do not."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Return no query."""
        return ""


def create_app() -> FastAPI:
    """Return the app; its recordings and its database come from the environment."""
    recordings = read_recordings(Path(os.environ["BENCH_RECORDINGS"]))
    prepared = {name: [_steps(script) for script in one.scripts] for name, one in recordings.items()}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = await asyncpg.create_pool(
            os.environ["BENCH_DATABASE_URL"],
            min_size=1,
            max_size=_CONNECTIONS,
            connection_class=Connection,
            init=_prepare,
            statement_cache_size=1024,
            max_cached_statement_lifetime=0,
            server_settings={"jit": "off"},
        )
        yield
        await app.state.pool.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.get("/health/ready")
    async def ready() -> Response:
        return Response()

    @app.api_route("/{operation}/{number}", methods=["GET", "POST"])
    async def repeat(operation: str, number: int, request: Request) -> Response:
        steps, fresh_ids = prepared[operation][number]
        fresh = [uuid_utils.compat.uuid7() for _ in range(fresh_ids)]
        claim = os.urandom(_CLAIM_BYTES)
        rows: list[dict[str, Any]] = []
        async with request.app.state.pool.acquire() as connection:
            for step in steps:
                found = await step(connection, fresh, claim)
                if found:
                    rows = [dict(row) for row in found]
        return Response(orjson.dumps(rows, default=str), media_type="application/json")

    return app


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encoded, decoder=orjson.loads, format="text")
    await connection.set_type_codec("ltree", schema="extensions", encoder=str, decoder=str, format="text")


def _encoded(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _steps(script: Script) -> tuple[list[Step], int]:
    return [_step(asked) for asked in script.asked], script.fresh


def _step(asked: Asked) -> Step:
    """Return a function that runs a statement, prepared so that a repetition does little beside it."""
    if asked.claim:
        before, after = asked.sql.split(asked.claim, 1)

        async def run_claimed(connection: asyncpg.Connection, _: list[UUID], claim: bytes) -> Any:
            await connection.execute(before + claim.hex() + after)

        return run_claimed
    if asked.many:

        async def run_many(connection: asyncpg.Connection, fresh: list[UUID], claim: bytes) -> Any:
            await connection.executemany(
                asked.sql, [[_filled(value, fresh, claim) for value in row] for row in asked.args]
            )

        return run_many
    if not asked.args and ("BEGIN" in asked.sql or "COMMIT" in asked.sql or "ROLLBACK" in asked.sql):

        async def run_plain(connection: asyncpg.Connection, _: list[UUID], __: bytes) -> Any:
            await connection.execute(asked.sql)

        return run_plain
    if not any(_is_marked(value) for value in asked.args):

        async def run_same(connection: asyncpg.Connection, _: list[UUID], __: bytes) -> Any:
            return await connection.fetch(asked.sql, *asked.args)

        return run_same

    async def run(connection: asyncpg.Connection, fresh: list[UUID], claim: bytes) -> Any:
        return await connection.fetch(asked.sql, *[_filled(value, fresh, claim) for value in asked.args])

    return run


def _is_marked(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_marked(item) for item in value)
    return isinstance(value, Fresh | FreshClaim | FreshNumbers | FreshText)


def _filled(value: Any, fresh: list[UUID], claim: bytes) -> Any:
    if isinstance(value, Fresh):
        return fresh[value.number]
    if isinstance(value, FreshClaim):
        return claim
    if isinstance(value, FreshNumbers):
        first = int.from_bytes(claim[:_NUMBER_BYTES])
        return [first + place for place in range(value.count)]
    if isinstance(value, FreshText):
        return f"{value.before}{claim.hex()}{value.after}"
    if isinstance(value, list):
        return [_filled(item, fresh, claim) for item in value]
    return value
