"""Pages of other origins that may call the API (CORS, as the Fetch standard has it).

A page's request carries no cookie of ours, so no origin is told that credentials go along: it signs in by a token.
"""

from collections.abc import Sequence

from gateway.errors import OriginNotAllowed
from gateway.exchange import Exchange
from gateway.routes import METHODS

ALLOW_METHODS = ", ".join(sorted(METHODS - {"OPTIONS"})).encode()
ALLOW_HEADERS = (
    b"accept, accept-language, authorization, content-type, idempotency-key, if-match, if-none-match, on-behalf-of, "
    b"prefer, traceparent, tracestate"
)
EXPOSE_HEADERS = (
    b"allow, content-disposition, etag, idempotent-replayed, location, preference-applied, ratelimit, "
    b"ratelimit-policy, retry-after, trace-id, www-authenticate"
)
REMEMBERED_SECONDS = b"7200"
"""For how long a browser may spare itself another preflight; no browser waits longer."""

VARIES = (b"vary", b"origin")

Headers = list[tuple[bytes, bytes]]


def origin_of(headers: Headers) -> bytes | None:
    """Return the origin that a request names, if it names one and no more."""
    named = [value for name, value in headers if name == b"origin"]
    return named[0] if len(named) == 1 else None


class Origins:
    """The origins that are allowed; with none, nothing is added to any answer and nothing is asked of a request."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._granted = {
            origin.encode(): [(b"access-control-allow-origin", origin.encode()), VARIES] for origin in allowed
        }

    def told(self, exchange: Exchange) -> Sequence[tuple[bytes, bytes]]:
        """Return the headers that tell the browser whether the asking page may see the answer."""
        if not self._granted:
            return ()
        told = self._granted.get(origin_of(exchange.headers) or b"")
        return [VARIES] if told is None else [*told, (b"access-control-expose-headers", EXPOSE_HEADERS)]

    def is_preflight(self, exchange: Exchange) -> bool:
        """Whether a browser asks what a page may send, before it sends it."""
        if exchange.method != "OPTIONS" or not self._granted:
            return False
        return any(name == b"access-control-request-method" for name, _ in exchange.headers)

    async def answer_preflight(self, exchange: Exchange) -> None:
        """Say what a page may send; no service hears of it.

        Raises:
            OriginNotAllowed: the page's origin is not among those that may call.
        """
        if origin_of(exchange.headers) not in self._granted:
            raise OriginNotAllowed
        headers = [
            (b"access-control-allow-methods", ALLOW_METHODS),
            (b"access-control-allow-headers", ALLOW_HEADERS),
            (b"access-control-max-age", REMEMBERED_SECONDS),
            (b"vary", b"access-control-request-method, access-control-request-headers"),
            (b"cache-control", b"no-store"),
        ]
        exchange.start(204, headers)
        await exchange.turn.write(b"", more=False)
