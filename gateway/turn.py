"""One request on a client's connection and the answer to it, as bytes go over the wire."""

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Protocol

Headers = list[tuple[bytes, bytes]]

HELD_BYTES = 64 * 1024
"""Of a body that nobody has asked for yet; beyond them the connection is not read."""

BODILESS = frozenset({204, 304})
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Client(Protocol):
    """What a turn needs of the connection that it is on."""

    transport: asyncio.Transport
    address: str

    @property
    def default_headers(self) -> Iterable[tuple[bytes, bytes]]:
        """The headers of every answer."""

    def pause_reading(self) -> None:
        """Take nothing more from the client."""

    def resume_reading(self) -> None:
        """Take what the client sends again."""

    async def writable(self) -> None:
        """Wait until the client has taken what it was sent."""

    def turn_over(self) -> None:
        """Go on with the next request."""


class Turn:
    """A request's head, its body as it comes, and the way to answer.

    `on_gone` is called when the client goes away before the answer is complete.
    """

    __slots__ = (
        "_chunked",
        "_client",
        "_expects_continue",
        "_head",
        "_held",
        "_left",
        "_more",
        "_one_zero",
        "_parts",
        "_told_end",
        "_waiter",
        "begun",
        "complete",
        "gone",
        "headers",
        "keep_alive",
        "method",
        "on_gone",
        "query",
        "raw_path",
    )

    def __init__(self, client: Client, method: str, raw_path: bytes, query: bytes, headers: Headers) -> None:
        self._client = client
        self.method = method
        self.raw_path = raw_path
        self.query = query
        self.headers = headers
        self.keep_alive = True
        self._one_zero = False
        self._expects_continue = False
        self._parts: list[bytes] = []
        self._held = 0
        self._more = True
        self._told_end = False
        self._waiter: asyncio.Future[None] | None = None
        self._head: bytes | None = None
        self._chunked = False
        self._left: int | None = 0
        self.begun = False
        self.complete = False
        self.gone = False
        self.on_gone: Callable[[], None] | None = None

    @property
    def address(self) -> str:
        """Whence the connection comes."""
        return self._client.address

    def speaks(self, version: str, *, keep_alive: bool, expects_continue: bool) -> None:
        """Note how the client speaks HTTP."""
        self._one_zero = version == "1.0"
        self.keep_alive = keep_alive and not self._one_zero
        self._expects_continue = expects_continue and not self._one_zero

    # the request, as the connection gives it

    def take(self, chunk: bytes) -> None:
        """Take a part of the body; nobody wants it once the answer is complete."""
        if self.complete or self.gone:
            return
        self._parts.append(chunk)
        self._held += len(chunk)
        if self._held > HELD_BYTES:
            self._client.pause_reading()
        self._wake()

    def end_body(self) -> None:
        """Note that the body is whole."""
        self._more = False
        self._wake()

    def lose(self) -> None:
        """Note that the client is gone, or not to be answered any more."""
        if not self.complete and not self.gone:
            self.gone = True
            self._wake()
            if self.on_gone is not None:
                self.on_gone()

    async def receive(self) -> tuple[bytes, bool] | None:
        """Return the next part of the body and whether more comes; nothing if the client is gone or answered."""
        if self._expects_continue and not self.gone:
            self._client.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._expects_continue = False
        while not (self.gone or self.complete) and (self._told_end or (self._more and not self._parts)):
            self._client.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self.gone or self.complete:
            return None
        chunk = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        if self._more:
            self._client.resume_reading()
        self._told_end = not self._more
        return chunk, self._more

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # the answer

    def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Make the head of the answer; it goes out with the first part of the body, or by `flush`."""
        self.begun = True
        if self._expects_continue and self._more:
            self.keep_alive = False  # whether the body will follow, nobody knows
        self._expects_continue = False
        length: int | None = None
        says_close = False
        parts = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
        for fields in (self._client.default_headers, headers):
            for name, value in fields:
                parts.append(b"%b: %b\r\n" % (name, value))
                if name == b"content-length":
                    length = int(value)
                elif name == b"connection":
                    says_close = b"close" in value.lower()
        self.keep_alive = self.keep_alive and not says_close
        parts += self._framing(status, length)
        if not self.keep_alive and not says_close:
            parts.append(b"connection: close\r\n")
        self._head = b"".join((*parts, b"\r\n"))
        if self._head.count(b"\n") != len(parts) + 1:
            raise ValueError("A header with a line break in it.")

    def _framing(self, status: int, length: int | None) -> tuple[bytes, ...]:
        """Set how the end of the answer is shown; return the header that says it, if that is still missing."""
        if self.method == "HEAD" or status in BODILESS:
            self._left = 0
            return ()
        self._left = length
        self._chunked = length is None and not self._one_zero
        return (b"transfer-encoding: chunked\r\n",) if self._chunked else ()

    def flush(self) -> None:
        """Send the head, if it still waits."""
        if self._head is not None and not self.gone:
            self._client.transport.write(self._head)
        self._head = None

    async def write(self, chunk: bytes, *, more: bool) -> None:
        """Send a part of the answer; waits while the client is slow to take it."""
        await self._client.writable()
        if self.gone:
            return
        if self._left is None:
            data = self._framed(chunk, more=more)
        elif self.method == "HEAD":
            data = b""
        else:
            data = chunk
            self._left -= len(chunk)
            if self._left < 0 or (self._left and not more):
                raise ValueError("An answer of another length than it says.")
        if self._head is not None:
            data, self._head = self._head + data, None
        if data:
            self._client.transport.write(data)
        if not more:
            self.complete = True
            self._wake()
            if not self.keep_alive:
                self._client.transport.close()
            self._client.turn_over()

    def cut(self) -> None:
        """End the connection if the answer is not whole, in a way that shows it."""
        if self.complete:
            return
        if self.begun:
            self.flush()
        if self._left is None and not self._chunked:
            self._client.transport.abort()  # nothing but the end of the connection ends this answer
        else:
            self._client.transport.close()

    def _framed(self, chunk: bytes, *, more: bool) -> bytes:
        if not self._chunked:
            return chunk
        framed = b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunk else b""
        return framed if more else framed + b"0\r\n\r\n"
