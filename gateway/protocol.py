"""How the server speaks HTTP/1.1 with clients: uvicorn listens, drains and ends; the bytes are looked at here.

uvicorn's own protocol answers what cannot be parsed in plain text, lets headers grow without end, takes the body of a
request that offers an upgrade for the next request, and costs twice as much.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol, cast

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.errors import HeadTooLarge, RequestMalformed
from gateway.exchange import PROBLEM_TYPE, problem_body
from gateway.flow import Flow
from gateway.traces import trace_of
from gateway.turn import Headers, Turn

LINGER_SECONDS = 1.0

HEAD_LIMIT = 64 * 1024
"""Bytes that a request line and its headers may have; one read from the socket may add to it."""

FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class Answering(Protocol):
    """Whoever answers requests."""

    async def answer(self, turn: Turn) -> None:
        """Answer one."""


class GatewayProtocol(Flow):
    """One client's connection: its requests are answered one after another."""

    transport: asyncio.Transport
    _looking: asyncio.TimerHandle
    _parser: httptools.HttpRequestParser

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 (uvicorn's word for what the application keeps)
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._application = cast(Answering, config.app)
        self._server = server_state
        super().__init__(_loop)
        self._quiet_seconds = config.timeout_keep_alive
        self.address = ""
        self._reads = True
        self._refused = False
        self._quiet_since: float | None = self._loop.time()
        self._in_head = False
        self._head_bytes = 0
        self._skips_head = False
        self._upgrade_offered = False
        self._url = b""
        self._fields: Headers = []
        self._parsed: Turn | None = None
        self._answered: Turn | None = None
        self._waiting: deque[Turn] = deque()
        self._new_parser()

    @property
    def default_headers(self) -> Iterable[tuple[bytes, bytes]]:
        """The headers of every answer: the date."""
        return self._server.default_headers

    # the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, (tuple, list)) else ""
        self._server.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own classes
        self._looking = self._loop.call_later(self._quiet_seconds, self._look)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (how it ended does not matter)
        """Tell those who work for the client."""
        self._server.connections.discard(self)
        self._refused = True
        self._looking.cancel()
        self.resume_writing()
        self._waiting.clear()
        for turn in (self._answered, self._parsed):
            if turn is not None:
                turn.lose()

    def shutdown(self) -> None:
        """End when the present request is answered; uvicorn calls this as it drains."""
        if self._answered is None:
            self.transport.close()
        else:
            self._answered.keep_alive = False

    def _look(self) -> None:
        """Close a connection on which no whole head has come for long."""
        now = self._loop.time()
        since = now if self._quiet_since is None else self._quiet_since
        if now - since >= self._quiet_seconds:
            self.transport.close()
        else:
            self._looking = self._loop.call_later(since + self._quiet_seconds - now, self._look)

    def pause_reading(self) -> None:
        """Take nothing more from the client."""
        if self._reads:
            self._reads = False
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take what the client sends, unless it has sent requests ahead."""
        if not self._reads and not self._waiting and not self.transport.is_closing():
            self._reads = True
            self.transport.resume_reading()

    # requests, one after another

    def _begin(self, turn: Turn) -> None:
        self._answered = turn
        task = self._loop.create_task(self._answer(turn))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    async def _answer(self, turn: Turn) -> None:
        try:
            await self._application.answer(turn)
        finally:
            if not turn.complete and not self._refused:
                turn.cut()

    def turn_over(self) -> None:
        """Go on with the next request."""
        self._server.total_requests += 1
        self._answered = None
        self._quiet_since = self._loop.time()
        if self.transport.is_closing():
            self._waiting.clear()
        elif self._waiting:
            self._quiet_since = None
            self._begin(self._waiting.popleft())
        self.resume_reading()

    # the parser

    def data_received(self, data: bytes) -> None:
        """Parse what came; a head that does not end is refused."""
        if self._refused:
            return
        self._feed(data)
        if self._in_head and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self._refuse(HeadTooLarge(HEAD_LIMIT))

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(RequestMalformed())

    def _decline(self, rest: bytes) -> None:
        """Read on after a request that offers another protocol as if it had not: the parser skips its body."""
        framing = b"".join(b"%b: %b\r\n" % field for field in self._fields if field[0] in FRAMING)
        self._upgrade_offered = False
        self._new_parser()
        self._skips_head = True
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")
        self._skips_head = False
        if rest:
            self._feed(rest)

    def _new_parser(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is not read: we close

    def on_message_begin(self) -> None:
        """Begin a head."""
        if not self._skips_head:
            self._in_head = True
            self._head_bytes = 0
            self._url = b""
            self._fields = []

    def on_url(self, url: bytes) -> None:
        """Take a part of the request line."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what follows a chunked body does not count."""
        if self._in_head:
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin to answer, or have it wait for the answer before."""
        if self._skips_head:
            return
        self._in_head = False
        parser = self._parser
        path, query = _split(self._url)
        turn = Turn(self, parser.get_method().decode(), path, query, self._fields)
        expects = any(name == b"expect" and value.lower() == b"100-continue" for name, value in self._fields)
        turn.speaks(parser.get_http_version(), keep_alive=parser.should_keep_alive(), expects_continue=expects)
        self._upgrade_offered = parser.should_upgrade()
        self._parsed = turn
        self._quiet_since = None
        if self._answered is None:
            self._begin(turn)
        else:
            self.pause_reading()
            self._waiting.append(turn)

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        if self._parsed is not None:
            self._parsed.take(body)

    def on_message_complete(self) -> None:
        """End a body."""
        if self._parsed is not None and not self._upgrade_offered:
            self._parsed.end_body()

    def _refuse(self, error: RequestMalformed | HeadTooLarge) -> None:
        """Answer, and drop what still comes for a while: a connection closed on unread data loses the answer."""
        self._refused = True
        under_way = self._answered
        if under_way is not None and under_way.begun:
            under_way.cut()
            return
        self._waiting.clear()
        self.transport.write(_whole_answer(error))
        self.transport.write_eof()
        self._loop.call_later(LINGER_SECONDS, self.transport.close)
        if under_way is not None:
            under_way.lose()


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request's target.

    Raises:
        ValueError: it has no path, or is not ASCII.
    """
    if not url.isascii():
        raise ValueError("Not ASCII.")
    if url[:1] == b"/" and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    if parsed.path is None:
        raise ValueError("No path.")
    return parsed.path, parsed.query or b""


def _whole_answer(error: RequestMalformed | HeadTooLarge) -> bytes:
    trace_id = trace_of(()).trace_id
    body = problem_body(error, trace_id)
    head = (
        f"HTTP/1.1 {error.status} {error.title}\r\ncontent-type: {PROBLEM_TYPE.decode()}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\ntrace-id: {trace_id}\r\n\r\n"
    )
    return head.encode() + body
