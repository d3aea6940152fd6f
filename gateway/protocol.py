"""How the server speaks HTTP, where no application is asked: what cannot be parsed is answered by a problem too.

uvicorn's httptools protocol answers such requests in plain text and lets headers grow without end.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.errors import HeadTooLarge, RequestMalformed
from gateway.exchange import PROBLEM_TYPE, problem_body
from gateway.traces import trace_of

LINGER_SECONDS = 1.0

HEAD_LIMIT = 64 * 1024
"""Bytes that a request line and its headers may have; one read from the socket may add to it."""


class GatewayProtocol(HttpToolsProtocol):
    """HTTP/1.1 with problems and a limit on headers."""

    _in_head = False
    _head_bytes = 0
    _refused = False

    def on_message_begin(self) -> None:
        """Begin to count the head."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Leave off counting."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse what came; a head that does not end is refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self._refuse(HeadTooLarge(HEAD_LIMIT))

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's word for it)
        """Refuse what is not HTTP."""
        self._refuse(RequestMalformed())

    def _refuse(self, error: RequestMalformed | HeadTooLarge) -> None:
        """Answer, and drop what still comes for a while: a connection closed on unread data loses the answer."""
        self._refused = True
        under_way = getattr(self, "cycle", None)
        if under_way is not None and under_way.response_started and not under_way.response_complete:
            self.transport.close()
            return
        self.transport.write(_whole_answer(error))
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
        if under_way is not None and not under_way.response_complete:
            under_way.disconnected = True
            under_way.message_event.set()


def _whole_answer(error: RequestMalformed | HeadTooLarge) -> bytes:
    trace_id = trace_of(()).trace_id
    body = problem_body(error, trace_id)
    head = (
        f"HTTP/1.1 {error.status} {error.title}\r\ncontent-type: {PROBLEM_TYPE.decode()}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\ntrace-id: {trace_id}\r\n\r\n"
    )
    return head.encode() + body
