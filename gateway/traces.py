"""The trace of a request (W3C Trace Context): taken over from the client if it is valid, begun here if not."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from servicekit.run import telemetry

_FORM = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request belongs; `parent` is the header for the next hop, `state` is passed on untouched."""

    trace_id: str
    parent: str
    state: bytes | None = None
    caller: str = ""
    """The span that the request came from, if it named one."""


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """Return the trace that a request belongs to, with a span of our own for the next hop."""
    parents = []
    states = []
    for name, value in headers:
        if name == b"traceparent":
            parents.append(value)
        elif name == b"tracestate":
            states.append(value)
    if len(parents) == 1 and (match := _valid(parents[0])):
        trace_id = match[2].decode()
        flags = int(match[4], 16) & _SAMPLED
        state = b",".join(states) if states and states[0].isascii() else None
        return Trace(trace_id, f"00-{trace_id}-{_span()}-{flags:02x}", state, match[3].decode())
    drawn = os.urandom(24).hex()
    trace_id = drawn[:32]
    return Trace(trace_id, f"00-{trace_id}-{drawn[32:]}-00")


def begin_span(spans: telemetry.Spans, trace: Trace, method: str) -> tuple[Any, Trace]:
    """Begin a request's span within its trace; what goes on is below it."""
    span = spans.begin(method, "SERVER", trace.trace_id, trace.caller, trace.parent[-2:])
    trace_id, flags, own = telemetry.ids_of(span)
    return span, Trace(trace_id, f"00-{trace_id}-{own}-{flags}", trace.state)


def _valid(value: bytes) -> re.Match[bytes] | None:
    match = _FORM.fullmatch(value)
    if match is None or match[1] == b"ff" or not match[2].strip(b"0") or not match[3].strip(b"0"):
        return None
    return None if match[1] == b"00" and match[5] else match


def _span() -> str:
    return os.urandom(8).hex()
