"""Which headers go on, in either direction."""

from collections.abc import Iterable, Sequence

from multidict import CIMultiDict, istr

from gateway.errors import HeaderMalformed
from gateway.traces import Trace
from servicekit.values.deadlines import HEADER

Headers = Sequence[tuple[bytes, bytes]]

DEADLINE = istr(HEADER)
ORG_CHART_VERSION = istr("Org-Chart-Version")
MATCHED_ROUTE = istr("Matched-Route")
TRACEPARENT = istr("Traceparent")
TRACESTATE = istr("Tracestate")

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
    b"expect",
    b"traceparent",
    b"tracestate",
    b"trace-id",
    b"org-chart-version",
    HEADER.encode(),
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

_KEPT_NAMES = 256
_names: dict[bytes, istr] = {}


def upstream_headers(headers: Headers, trace: Trace, org_chart_version: str | None) -> CIMultiDict[str]:
    """Return what a service gets to see of a request's headers, and what we add.

    Raises:
        HeaderMalformed: a header is not text.
    """
    dropped = _without_named(NOT_UPSTREAM, headers)
    passed: CIMultiDict[str] = CIMultiDict()
    for name, value in headers:
        if name not in dropped:
            try:
                passed.add(_names.get(name) or _name(name), value.decode())
            except UnicodeDecodeError:
                raise HeaderMalformed(name.decode("latin-1")) from None
    passed[TRACEPARENT] = trace.parent
    if trace.state is not None:
        passed[TRACESTATE] = trace.state.decode()
    if org_chart_version is not None:
        passed[ORG_CHART_VERSION] = org_chart_version
    return passed


def downstream_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return what a client gets to see of an answer's headers, names in lower case."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = _without_named(NOT_DOWNSTREAM, lowered)
    return [header for header in lowered if header[0] not in dropped]


def _without_named(dropped: frozenset[bytes], headers: Headers) -> frozenset[bytes]:
    """Add what the `Connection` headers name to what is dropped."""
    named = {token.strip().lower() for name, value in headers if name == b"connection" for token in value.split(b",")}
    named.discard(b"content-length")  # framing is not negotiable
    return dropped | named if named else dropped


def _name(name: bytes) -> istr:
    known = istr(name.decode())
    if len(_names) < _KEPT_NAMES:
        _names[name] = known
    return known
