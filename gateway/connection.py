"""One connection to a service: a request and its answer at a time, as bytes.

Written here because every request passes it: docs/decisions/0019 says what libraries cost.
"""

import asyncio
from collections import deque
from typing import cast

import httptools

from gateway.flow import Flow

Headers = list[tuple[bytes, bytes]]

HELD_BYTES = 64 * 1024
"""Of an answer that nobody has taken yet; beyond them the connection is not read."""

HEAD_LIMIT = 64 * 1024
INTERIM = range(100, 200)
SWITCHING = 101
CHUNKED = b"chunked"


class ConnectionCut(Exception):
    """The service ended the connection, or sent what is no answer, before the answer was whole."""


class Connection(Flow):
    """A connection that is lent for one request after another; `status` and `headers` are of the present answer."""

    _transport: asyncio.Transport
    _parser: httptools.HttpResponseParser

    def __init__(self) -> None:
        super().__init__()
        self._new_parser()
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._reads = True
        self._waiter: asyncio.Future[None] | None = None
        self._asked = False
        self._bodiless = False
        self._in_head = False
        self._head_bytes = 0
        self._has_head = False
        self._until_end = False
        self._whole = True
        self._reusable = True
        self._sent = True
        self.lost = False
        self.idle_since = 0.0
        self.status = 0
        self.headers: Headers = []

    # the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end: of an answer without a length it is the regular one."""
        if self._until_end and self._has_head and error is None and not self.lost:
            self._whole = True
        self.lost = True
        self._reusable = False
        self._wake()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Parse a part of an answer; what nobody asked for ends the connection."""
        if not self._asked or self._whole:
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.abort()
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self.abort()

    def abort(self) -> None:
        """End the connection at once."""
        self.lost = True
        self._reusable = False
        self._transport.abort()
        self._wake()

    # the parser

    def _new_parser(self) -> None:
        self._parser = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        """Begin an answer; a second one was not asked for.

        Raises:
            ValueError: the answer is whole already.
        """
        if self._whole:
            raise ValueError("More than one answer.")
        self._in_head = True
        self._head_bytes = 0
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are dropped."""
        if self._in_head:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Note that the answer begins.

        Raises:
            ValueError: it is in a form that nobody asked for.
        """
        self._in_head = False
        status = self._parser.get_status_code()
        if status in INTERIM:
            if status == SWITCHING:
                raise ValueError("Nobody asked for another protocol.")
            return
        self.status = status
        sized = False
        for name, value in self.headers:
            if name == b"content-length":
                sized = True
            elif name == b"transfer-encoding":
                sized = True
                if value.lower() != CHUNKED:
                    raise ValueError("A transfer coding that nobody asked for.")
        self._until_end = not sized
        self._reusable = self._reusable and self._parser.should_keep_alive()
        self._has_head = True
        if self._bodiless:
            self._whole = True
            self._new_parser()  # the old one waits for a body
        self._wake()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the answer until it is taken.

        Raises:
            ValueError: there must be none.
        """
        if self._bodiless:
            raise ValueError("A body where there is none.")
        self._parts.append(body)
        self._held += len(body)
        if self._held > HELD_BYTES and self._reads:
            self._reads = False
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        """Note that the answer is whole."""
        if self._has_head:
            self._whole = True
            self._wake()

    # for whoever has borrowed it

    def ask(self, data: bytes, *, bodiless: bool, sent: bool) -> None:
        """Begin to ask: `bodiless` says that the answer to it has none (HEAD), `sent` that this is all of it."""
        self._asked = True
        self._bodiless = bodiless
        self._has_head = self._whole = self._until_end = False
        self._sent = sent
        self._transport.write(data)

    async def send(self, data: bytes, *, last: bool) -> None:
        """Send more of the request; waits while the service is slow to take it.

        Raises:
            ConnectionCut: there is nobody to take it.
        """
        if self.lost:
            raise ConnectionCut
        self._transport.write(data)
        self._sent = last
        await self.writable()

    async def head(self) -> None:
        """Wait until the answer begins.

        Raises:
            ConnectionCut: it will not.
        """
        while not self._has_head:
            if self.lost:
                raise ConnectionCut
            await self._wait()

    @property
    def has_more_at_hand(self) -> bool:
        """Whether `read` returns at once."""
        return bool(self._parts) or self._whole

    async def read(self) -> tuple[bytes, bool]:
        """Return what has come of the answer's body, and whether there is more.

        Raises:
            ConnectionCut: it ended before its end.
        """
        while not (self._parts or self._whole):
            if self.lost:
                raise ConnectionCut
            await self._wait()
        chunk = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        if not self._reads and not self.lost:
            self._reads = True
            self._transport.resume_reading()
        return chunk, not self._whole

    def is_free(self) -> bool:
        """Whether the next request may go over it: the last was sent whole and answered whole, and no end was told."""
        if self.lost or self._transport.is_closing():
            return False
        if not (self._reusable and self._whole and self._sent and not self._parts and self._reads):
            return False
        self._asked = False
        return True

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
