"""The body of a request on its way to a service: passed on as it comes, never kept."""

from collections.abc import AsyncIterator

from gateway.errors import BodyTooLarge
from gateway.exchange import Exchange
from gateway.turn import Turn
from gateway.watch import Watch


class ClientGone(Exception):
    """The client went away in the middle of its request."""


class StreamedBody:
    """A body that is sent on chunk by chunk; `failure` says why it ended before its end.

    The next chunk is read only when the service has taken the last one, so a slow service slows the client.
    """

    def __init__(self, first: bytes, turn: Turn, limit: int, watch: Watch) -> None:
        self._first = first
        self._turn = turn
        self._limit = limit
        self._watch = watch
        self.failure: BodyTooLarge | ClientGone | None = None

    async def whole(self, limit: int) -> bytes:
        """Return the body, which has to be small.

        Raises:
            BodyTooLarge: more came than the limit allows.
            ClientGone: the client went away before the end.
        """
        self._limit = min(self._limit, limit)
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body.

        Raises:
            BodyTooLarge: more came than the limit allows.
            ClientGone: the client went away before the end.
        """
        size, chunk, more = 0, self._first, True
        while True:
            size += len(chunk)
            if size > self._limit:
                self.failure = BodyTooLarge(self._limit)
                raise self.failure
            if chunk:
                yield chunk
            if not more:
                return
            self._watch.waits_for_client()
            part = await self._turn.receive()
            self._watch.waits_for_service()
            if part is None:
                self.failure = ClientGone()
                raise self.failure
            chunk, more = part


async def body_of(exchange: Exchange, limit: int, watch: Watch) -> bytes | StreamedBody | None:
    """Return the body of a request: nothing, all of it if it came at once, or what is to be streamed.

    Raises:
        BodyTooLarge: it says, or shows, that it is over the limit (bytes).
        ClientGone: the client went away before the first byte.
    """
    if not _has_body(exchange, limit):
        return None
    watch.waits_for_client()
    part = await exchange.turn.receive()
    watch.waits_for_service()
    if part is None:
        raise ClientGone
    first, more = part
    if len(first) > limit:
        raise BodyTooLarge(limit)
    if not more:
        return first
    return StreamedBody(first, exchange.turn, limit, watch)


def _has_body(exchange: Exchange, limit: int) -> bool:
    for name, value in exchange.headers:
        if name == b"content-length":
            if int(value) > limit:
                raise BodyTooLarge(limit)
            return value != b"0"
        if name == b"transfer-encoding":
            return True
    return False
