"""Which headers go on, in either direction."""

from collections.abc import Sequence

from gateway.errors import HeaderMalformed
from gateway.traces import Trace
from servicekit.values.deadlines import HEADER as DEADLINE

Headers = Sequence[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Matter between two neighbours only (RFC 9110, 7.6.1)."""

NOT_UPSTREAM = HOP_BY_HOP | {
    b"host",
    b"content-length",
    b"expect",
    b"traceparent",
    b"tracestate",
    b"trace-id",
    b"org-chart-version",
    DEADLINE.encode(),
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-proto",
    b"x-real-ip",
}
"""Answered here, set here, or nothing that a client may claim."""

NOT_DOWNSTREAM = HOP_BY_HOP | {b"date", b"server", b"trace-id", b"matched-route"}
"""The gateway's server writes its own; the route is for our own log."""


def upstream_headers(headers: Headers, trace: Trace, org_chart_version: bytes | None) -> list[bytes]:
    """Return the lines that a service gets to see of a request's headers, and what we add.

    Raises:
        HeaderMalformed: a header is not text.
    """
    dropped = _without_named(NOT_UPSTREAM, headers)
    lines = []
    for name, value in headers:
        if name not in dropped:
            if not value.isascii():
                _check_text(name, value)
            lines.append(b"%b: %b\r\n" % (name, value))
    lines.append(b"traceparent: %b\r\n" % trace.parent.encode())
    if trace.state is not None:
        lines.append(b"tracestate: %b\r\n" % trace.state)
    if org_chart_version is not None:
        lines.append(b"org-chart-version: %b\r\n" % org_chart_version)
    return lines


def downstream_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return what a client gets to see of an answer's headers."""
    dropped = _without_named(NOT_DOWNSTREAM, headers)
    return [header for header in headers if header[0] not in dropped]


def _without_named(dropped: frozenset[bytes], headers: Headers) -> frozenset[bytes]:
    """Add what the `Connection` headers name to what is dropped."""
    named: set[bytes] = set()
    for name, value in headers:
        if name == b"connection":
            named.update(token.strip().lower() for token in value.split(b","))
    named.discard(b"content-length")  # framing is not negotiable
    return dropped if named <= dropped else dropped | named


def _check_text(name: bytes, value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError:
        raise HeaderMalformed(name.decode("latin-1")) from None
