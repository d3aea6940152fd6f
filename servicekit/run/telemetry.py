"""Spans for OpenTelemetry, when an exporter is configured by the standard variables; without one nothing is loaded.

Attributes say method, route template, status and peer: never a path, a query, a statement or a value.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from typing import Any

from servicekit.run.tracing import Trace, begin_trace, end_trace, present_trace

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVER_ERROR = 500


class Spans:
    """Makes spans and sends them on in batches, from a thread of its own."""

    def __init__(self, service: str) -> None:
        from opentelemetry import trace  # noqa: PLC0415 (loaded only where it is configured)
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        self._trace = trace
        named = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME") or f"keyaccount-{service}"})
        self._provider = TracerProvider(resource=named, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("keyaccount")

    def close(self) -> None:
        """Send what is left; it may take as long as the exporter waits."""
        self._provider.shutdown()

    def begin(self, name: str, kind: str, trace_id: str, parent: str, flags: str) -> Any:
        """Begin a span within a trace; without a parent it is a new trace's first. `end` takes what this returns."""
        trace = self._trace
        context = None
        if parent:
            of = trace.SpanContext(int(trace_id, 16), int(parent, 16), True, trace.TraceFlags(int(flags, 16)))
            context = trace.set_span_in_context(trace.NonRecordingSpan(of))
        return self._tracer.start_span(name, context, trace.SpanKind[kind])

    def end(self, span: Any, attributes: Mapping[str, Any], name: str | None = None, *, failed: bool = False) -> None:
        """End a span."""
        if name is not None:
            span.update_name(name)
        span.set_attributes(attributes)
        if failed:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()


def ids_of(span: Any) -> Trace:
    """Return the trace as it is below a span."""
    context = span.get_span_context()
    return f"{context.trace_id:032x}", f"{int(context.trace_flags):02x}", f"{context.span_id:016x}"


spans: Spans | None = None
"""Those of this process, if it makes any."""


def is_configured(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment names somebody to send spans to, and does not switch it off."""
    given = os.environ if environment is None else environment
    off = given.get("OTEL_SDK_DISABLED", "").lower() == "true" or given.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(given.get(name) for name in ENDPOINTS)


def begin_telemetry(service: str) -> None:
    """Make spans from now on, if that is configured."""
    global spans  # noqa: PLW0603 (one per process, as the trace's context is)
    if is_configured():
        spans = Spans(service)


def end_telemetry() -> None:
    """Send what is left and make no more."""
    global spans  # noqa: PLW0603 (as above)
    if spans is not None:
        spans.close()
        spans = None


def begin_span(made: Spans, name: str, kind: str) -> tuple[Any, Token[Trace]]:
    """Begin a span below the present one and make it the present one; `end_span` takes what this returns."""
    trace_id, flags, parent = present_trace()
    span = made.begin(name, kind, trace_id, parent, flags)
    return span, begin_trace(ids_of(span))


@contextmanager
def step(name: str, kind: str = "INTERNAL", **attributes: str) -> Iterator[None]:
    """Run something within a span of its own, below the present one."""
    made = spans
    if made is None:
        yield
        return
    span, mark = begin_span(made, name, kind)
    failed = True
    try:
        yield
        failed = False
    finally:
        end_trace(mark)
        made.end(span, {f"keyaccount.{key}": value for key, value in attributes.items()}, failed=failed)


def request_attributes(method: str, route: str, status: int) -> dict[str, Any]:
    """Return what a span of a request says."""
    return {"http.request.method": method, "http.route": route, "http.response.status_code": status}
