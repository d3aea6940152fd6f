"""What surrounds every request of a service: its trace, its deadline, its line in the log, its place in the figures."""

import time
from math import inf
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.run import logs, metrics, telemetry
from servicekit.run.tracing import begin_trace, end_trace, trace_of
from servicekit.values.deadlines import HEADER, answer_due, due_after
from servicekit.values.errors import DeadlinePassed
from servicekit.web.metrics import METRICS_PATH, answer_metrics
from servicekit.web.problems import problem_of, problem_response

SERVER_ERROR = 500
DEADLINE = HEADER.encode()
ROUTE = b"matched-route"
"""Header of answers: the gateway logs and counts by it and keeps it to itself."""

log = structlog.get_logger()


class Requests:
    """ASGI middleware, the outermost of a service."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request within its trace and deadline."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == METRICS_PATH:
            await answer_metrics(scope, receive, send)
            return
        traceparent, due = _said(scope)
        trace, span = trace_of(traceparent), None
        if telemetry.spans is None:
            trace = trace[0], trace[1], ""  # a span of the caller's is not ours to pass on
        else:
            span = telemetry.spans.begin(scope["method"], "SERVER", trace[0], trace[2], trace[1])
            trace = telemetry.ids_of(span)
        trace_id = trace[0].encode()
        marks = begin_trace(trace), answer_due.set(due)
        status = 0

        async def send_traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                route = _route(scope).encode()
                message["headers"] = [*message.get("headers", []), (b"trace-id", trace_id), (ROUTE, route)]
            await send(message)

        started = time.perf_counter()
        metrics.requests.in_flight += 1
        try:
            if due <= time.monotonic():
                await problem_response(problem_of(DeadlinePassed()))(scope, receive, send_traced)
            else:
                await self.app(scope, receive, send_traced)
        finally:
            metrics.requests.in_flight -= 1
            seconds = time.perf_counter() - started
            metrics.requests.count(scope["method"], _route(scope), status, seconds)
            if status >= SERVER_ERROR or logs.shows_details:
                _write_line(scope, status, seconds)
            if span is not None and telemetry.spans is not None:
                _end_span(telemetry.spans, span, scope, status)
            end_trace(marks[0])
            answer_due.reset(marks[1])


def _said(scope: Scope) -> tuple[bytes | None, float]:
    """Return which trace the caller names, and when it wants the answer."""
    traceparent, due = None, inf
    for name, value in scope["headers"]:
        if name == b"traceparent":
            traceparent = value
        elif name == DEADLINE:
            due = due_after(value)
    return traceparent, due


def _route(scope: Scope) -> str:
    """Return the template of the path, never the path: that may hold whatever somebody typed."""
    route = scope.get("route")
    return metrics.NO_ROUTE if route is None else route.path_format


def _end_span(spans: telemetry.Spans, span: Any, scope: Scope, status: int) -> None:
    attributes = telemetry.request_attributes(scope["method"], _route(scope), status)
    spans.end(span, attributes, f"{scope['method']} {_route(scope)}", failed=status >= SERVER_ERROR)


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    caller = scope.get("state", {}).get("caller")
    note = log.error if status >= SERVER_ERROR else log.debug
    note(
        "request",
        method=scope["method"],
        route=_route(scope),
        status=status,
        ms=round(seconds * 1000, 1),
        caller=caller.subject if caller else None,
    )
