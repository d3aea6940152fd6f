"""The trace of a request (W3C Trace Context): taken over from the caller or begun here."""

import re
import secrets
from contextvars import ContextVar, Token

_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING = "0" * 32
NOT_SAMPLED = "00"

Trace = tuple[str, str, str]
"""32 hexadecimal digits, the flags (`01` where somebody keeps its spans), and the span that what follows is below."""

_trace: ContextVar[Trace] = ContextVar("trace", default=("", NOT_SAMPLED, ""))


def current_trace_id() -> str:
    """Return the 32 hexadecimal digits of the present trace, or nothing outside of one."""
    return _trace.get()[0]


def current_traceparent() -> str:
    """Return the header that carries the present trace on to a peer."""
    trace_id, flags, span = _trace.get()
    return f"00-{trace_id or secrets.token_hex(16)}-{span or secrets.token_hex(8)}-{flags}"


def present_trace() -> Trace:
    """Return the present trace; empty outside of one."""
    return _trace.get()


def traceparent_of(trace_id: str) -> str:
    """Return the header that carries a trace on that nobody follows any more; a new one where there is none."""
    return f"00-{trace_id or secrets.token_hex(16)}-{secrets.token_hex(8)}-{NOT_SAMPLED}"


def begin_trace(trace: Trace) -> Token[Trace]:
    """Make a trace the present one; `end_trace` takes what this returns."""
    return _trace.set(trace)


def end_trace(mark: Token[Trace]) -> None:
    """Make the trace the present one that was so before."""
    _trace.reset(mark)


def trace_of(traceparent: bytes | None) -> Trace:
    """Return the trace that a request belongs to; a new one where it names none that is valid."""
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match and match[1].decode() != _NOTHING:
        return match[1].decode(), match[3].decode(), match[2].decode()
    return secrets.token_hex(16), NOT_SAMPLED, ""
