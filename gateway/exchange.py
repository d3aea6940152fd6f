"""One request and its answer, as the server hands them over (ASGI)."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope, Send

from gateway.errors import BodyTooLarge, GatewayError
from gateway.traces import Trace, begin_span, trace_of
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
        "receive",
        "route",
        "send",
        "span",
        "status",
        "trace",
        "upstream",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.began = time.perf_counter()
        self.method: str = scope["method"]
        self.raw_path: bytes = scope["raw_path"]
        self.query: bytes = scope["query_string"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.receive = receive
        self.send = send
        self.trace: Trace = trace_of(self.headers)
        self.span: Any = None
        if telemetry.spans is not None:
            self.span, self.trace = begin_span(telemetry.spans, self.trace, self.method)
        self.status = 0
        self.upstream: str | None = None
        self.route: str | None = None
        self.caller: str | None = None
        self.client: str | None = None
        self.address: str = scope["client"][0] if scope.get("client") else ""
        self.limits: tuple[tuple[bytes, bytes], ...] = ()
        self.inspect: Callable[[Exchange, bytes], None] | None = None
        self.name_tried = ""

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send status and headers of the answer."""
        self.status = status
        headers.extend(self.limits)
        headers.append((b"trace-id", self.trace.trace_id.encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, chunk: bytes, *, more: bool) -> None:
        """Send a part of the answer; waits while the client is slow to take it."""
        message: Message = {"type": "http.response.body", "body": chunk, "more_body": more}
        await self.send(message)

    async def answer(self, status: int, content_type: bytes, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """Send a whole answer of our own."""
        length = str(len(body)).encode()
        await self.start(status, [(b"content-type", content_type), (b"content-length", length), *headers])
        await self.write(body, more=False)

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
        await self.start(error.status, headers)
        lingers = isinstance(error, BodyTooLarge)
        await self.write(body, more=lingers)
        if lingers:
            await self._read_on()
            await self.write(b"", more=False)

    async def _read_on(self) -> None:
        """Drop what still comes, for a while: a connection closed on unread data is reset and loses the answer."""
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect" or not message.get("more_body"):
                        return
        except TimeoutError:
            return
