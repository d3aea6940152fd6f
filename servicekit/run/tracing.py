"""The trace of a request (W3C Trace Context): taken over from the caller or begun here."""

import re
import secrets
import time
from contextvars import ContextVar

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NOTHING = "0" * 32
SERVER_ERROR = 500

_trace_id: ContextVar[str] = ContextVar("trace_id", default="")

log = structlog.get_logger()


def current_trace_id() -> str:
    """Return the 32 hexadecimal digits of the present trace, or nothing outside of one."""
    return _trace_id.get()


def current_traceparent() -> str:
    """Return the header that carries the present trace on to a peer."""
    return f"00-{_trace_id.get() or secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_of(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the trace that a request belongs to; a new one where it names none that is valid."""
    for name, value in headers:
        if name == b"traceparent":
            match = _TRACEPARENT.fullmatch(value)
            if match and match[1].decode() != _NOTHING:
                return match[1].decode()
    return secrets.token_hex(16)


class Tracing:
    """ASGI middleware: sets the trace, names it in the answer, logs one line per request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request within its trace."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = trace_of(scope["headers"])
        mark = _trace_id.set(trace_id)
        started = time.perf_counter()
        status = 0

        async def send_traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"trace-id", trace_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_traced)
        finally:
            elapsed = (time.perf_counter() - started) * 1000
            note = log.error if status >= SERVER_ERROR else log.debug
            note("request", method=scope["method"], path=scope["path"], status=status, ms=round(elapsed, 1))
            _trace_id.reset(mark)
