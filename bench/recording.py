"""What the service asks the database for a request: recorded once, for the floors to repeat it.

The service runs in our own process for that, without its background work, and asyncpg tells each statement. An id or
an idempotency key that the service made for the request is marked, so that a repetition takes a fresh one.
"""

import importlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from bench.instance import Instance
from bench.load import FRESH_KEY
from bench.operations import Operation, Request
from bench.scripts import Asked, Fresh, FreshClaim, FreshNumbers, FreshText, Recording, Script
from servicekit.values.ids import new_id
from servicekit.web.application import Runtime

_CONNECTIONS = 4
_CLAIM = re.compile(r"VALUES\('\\x([0-9a-f]{64})'")
_VERSION_7 = 7
_TURNS = "uniqueness_turn"
"""Of what is recorded of turns, repetitions would wait for each other."""


@dataclass(eq=False)
class _Log:
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, query: Any) -> None:
        self.asked.append((query.query, query.args))


@dataclass
class _Made:
    """What was made for one request: ids since an instant of the clock, a claim, a text that nobody had used."""

    since: int
    claim: str
    text: str
    numbers: dict[UUID, int] = field(default_factory=dict)

    def marked(self, value: Any) -> Any:
        """Return an argument with marks in the place of what was made for this request."""
        if isinstance(value, list | tuple):
            return type(value)([self.marked(item) for item in value])
        if isinstance(value, UUID) and value.version == _VERSION_7 and value.int >> 80 >= self.since:
            return Fresh(self.numbers.setdefault(UUID(int=value.int), len(self.numbers)))
        if isinstance(value, StrEnum):
            return str(value)
        if isinstance(value, str) and self.text in value:
            return FreshText(*value.split(self.text, 1))
        if isinstance(value, bytes) and self.claim and value.hex() == self.claim:
            return FreshClaim()
        return value


@asynccontextmanager
async def recorder(instance: Instance) -> AsyncIterator[Callable[[Operation], Any]]:
    """Run the service in this process, and return what records an operation."""
    create_app = importlib.import_module(f"services.{instance.measured}.app").create_app
    app = create_app(Runtime(instance.service_settings(_CONNECTIONS), background=False))
    log = _Log()
    async with app.router.lifespan_context(app):
        pool = app.state.service.database.pool
        taken = [await pool.acquire() for _ in range(_CONNECTIONS)]
        for connection in taken:
            connection.add_query_logger(log)
            await pool.release(connection)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as client:

            async def record(operation: Operation) -> Recording:
                return await _record(client, log, operation)

            yield record


async def _record(client: httpx.AsyncClient, log: _Log, operation: Operation) -> Recording:
    scripts = []
    for request in operation.recorded:
        if not request.is_write:
            await _send(client, request)  # what the service then keeps in memory, it does not ask for every time
        log.asked.clear()
        since = int(time.time() * 1000)
        fresh_text = uuid4().hex
        answer = await _send(client, request, fresh_text)
        if not answer.is_success:
            return Recording(
                operation.name, [], failure=f"{request.method} {request.path}: {answer.status_code} {answer.text[:300]}"
            )
        scripts.append(_script(log.asked, since, fresh_text))
    shape, _ = Counter(script.shape for script in scripts).most_common(1)[0]
    alike = [script for script in scripts if script.shape == shape]
    return Recording(operation.name, alike, apart=operation.apart and len(alike) == len(scripts))


async def _send(client: httpx.AsyncClient, request: Request, fresh_text: str = "") -> httpx.Response:
    headers = {"authorization": f"Bearer {request.token}"}
    if not request.is_write:
        return await client.get(request.path, headers=headers)
    headers |= {"idempotency-key": str(new_id()), "content-type": "application/json"}
    content = orjson.dumps(request.body).replace(FRESH_KEY, fresh_text.encode())
    return await client.request(request.method, request.path, content=content, headers=headers)


def _script(told: Sequence[tuple[str, Any]], since: int, fresh_text: str) -> Script:
    claims = [found for sql, _ in told for found in _CLAIM.findall(sql)]
    claim = claims[0] if claims else ""
    made = _Made(since, claim, fresh_text)
    asked = []
    for sql, args in told:
        many = isinstance(args, list)
        marked = tuple(FreshNumbers(len(arg)) if _TURNS in sql else made.marked(arg) for arg in args)
        asked.append(Asked(sql, marked, many, claim if claim and claim in sql else ""))
    return Script(tuple(asked), len(made.numbers))
