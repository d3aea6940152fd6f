"""The body of a request on its way to a service: passed on as it comes, never kept."""

import asyncio
from collections.abc import AsyncIterator

from gateway.connection import Connection, ConnectionCut
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

    def __init__(self, first: bytes, length: int | None, turn: Turn, limit: int, watch: Watch) -> None:
        self.length = length
        self._first = first
        self._turn = turn
        self._limit = limit
        self._watch = watch
        self.failure: BodyTooLarge | ClientGone | None = None
        self._passing: asyncio.Task[None] | None = None

    def pass_on(self, connection: Connection) -> None:
        """Begin to send it on; an answer may come meanwhile."""
        self._passing = asyncio.get_running_loop().create_task(self._pass_on(connection))

    def stop(self) -> None:
        """Send no more."""
        if self._passing is not None:
            self._passing.cancel()

    async def _pass_on(self, connection: Connection) -> None:
        chunked = self.length is None
        left = self.length or 0
        try:
            async for chunk in self.chunks():
                left -= len(chunk)
                data = b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk
                await connection.send(data, last=not chunked and not left)
            if chunked:
                await connection.send(b"0\r\n\r\n", last=True)
        except (BodyTooLarge, ClientGone):
            connection.abort()  # the service must not take a part for the whole
        except ConnectionCut:
            return

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
    length = _length_of(exchange, limit)
    if length == 0:
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
    return StreamedBody(first, length, exchange.turn, limit, watch)


def _length_of(exchange: Exchange, limit: int) -> int | None:
    """Return how many bytes a body says it has; nothing where it is chunked."""
    for name, value in exchange.headers:
        if name == b"content-length":
            length = int(value)
            if length > limit:
                raise BodyTooLarge(limit)
            return length
        if name == b"transfer-encoding":
            return None
    return 0
