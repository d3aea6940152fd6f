"""One request and its answer, as the door sees them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from gateway.errors import BodyTooLarge, GatewayError
from gateway.traces import Trace, begin_span, trace_of
from gateway.turn import Turn
from servicekit.run import telemetry

PROBLEM_TYPE = b"application/problem+json"
TYPE_PREFIX = "urn:keyaccount:problem:"

LINGER_SECONDS = 5.0


def problem_body(error: GatewayError, trace_id: str) -> bytes:
    """Return the problem (RFC 9457) that tells of an error."""
    faults = [{"pointer": error.field, "code": error.code, "message": error.message}] if error.field else []
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "errors": faults,
        "trace_id": trace_id,
    }
    return orjson.dumps(body | {member: getattr(error, member) for member in error.members})


class Exchange:
    """A request and the answer to it; every answer carries the trace id."""

    __slots__ = (
        "address",
        "began",
        "caller",
        "client",
        "headers",
        "inspect",
        "limits",
        "method",
        "name_tried",
        "query",
        "raw_path",
        "route",
        "span",
        "status",
        "told",
        "trace",
        "turn",
        "upstream",
    )

    def __init__(self, turn: Turn) -> None:
        self.began = time.perf_counter()
        self.turn = turn
        self.method = turn.method
        self.raw_path = turn.raw_path
        self.query = turn.query
        self.headers = turn.headers
        self.trace: Trace = trace_of(self.headers)
        self.span: Any = None
        if telemetry.spans is not None:
            self.span, self.trace = begin_span(telemetry.spans, self.trace, self.method)
        self.status = 0
        self.upstream: str | None = None
        self.route: str | None = None
        self.caller: str | None = None
        self.client: str | None = None
        self.address = turn.address
        self.limits: tuple[tuple[bytes, bytes], ...] = ()
        self.told: Sequence[tuple[bytes, bytes]] = ()
        self.inspect: Callable[[Exchange, bytes], None] | None = None
        self.name_tried = ""

    def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Set status and headers of the answer; they go out with the first part of it, or by `turn.flush`."""
        self.status = status
        headers.extend(self.limits)
        headers.extend(self.told)
        headers.append((b"trace-id", self.trace.trace_id.encode()))
        self.turn.begin(status, headers)

    async def answer(self, status: int, content_type: bytes, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """Send a whole answer of our own."""
        length = str(len(body)).encode()
        self.start(status, [(b"content-type", content_type), (b"content-length", length), *headers])
        await self.turn.write(body, more=False)

    async def answer_json(self, status: int, content: Mapping[str, Any], *headers: tuple[bytes, bytes]) -> None:
        """Send a whole answer in JSON, not to be kept by caches."""
        await self.answer(status, b"application/json", orjson.dumps(content), (b"cache-control", b"no-store"), *headers)

    async def refuse(self, error: GatewayError) -> None:
        """Send the problem that tells of an error."""
        body = problem_body(error, self.trace.trace_id)
        headers = [
            (b"content-type", PROBLEM_TYPE),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *error.headers,
        ]
        self.start(error.status, headers)
        lingers = isinstance(error, BodyTooLarge)
        await self.turn.write(body, more=lingers)
        if lingers:
            await self._read_on()
            await self.turn.write(b"", more=False)

    async def _read_on(self) -> None:
        """Drop what still comes, for a while: a connection closed on unread data is reset and loses the answer."""
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while (part := await self.turn.receive()) is not None and part[1]:
                    pass
        except TimeoutError:
            return
