"""A client's keep-alive connection, as plain as it can be: the load shares two cores with what it loads."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httptools

PATIENCE_SECONDS = 12.0


class Lost(Exception):
    """The answer never came: the connection broke, or nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """Return the decoded body."""
        return json.loads(self.body)


class _Wire(asyncio.Protocol):
    """One TCP connection with one request on its way."""

    def __init__(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._body = bytearray()
        self._headers: dict[str, str] = {}
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Lost(str(error)))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), bytes(self._body), self._headers)
        if not self._parser.should_keep_alive():
            self.close()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    async def ask(self, request: bytes, seconds: float) -> Answer:
        self._body, self._headers = bytearray(), {}
        self._waiting = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(request)
        try:
            async with asyncio.timeout(seconds):
                return await self._waiting
        except TimeoutError:
            self.close()
            raise Lost("no answer in time") from None

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.close()


class Line:
    """Somebody's connection to the gateway, opened again when it broke."""

    def __init__(self, port: int, patience: float = PATIENCE_SECONDS) -> None:
        self.port = port
        self._patience = patience
        self._wire: _Wire | None = None

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None, *, seconds: float | None = None
    ) -> Answer:
        """Send a request and return its answer.

        Raises:
            Lost: none came.
        """
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {len(content)}"]
        if content:
            lines.append("content-type: application/json")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode() + content
        if self._wire is None or not self._wire.is_open:
            try:
                _, self._wire = await asyncio.get_running_loop().create_connection(_Wire, "127.0.0.1", self.port)
            except OSError as error:
                raise Lost(str(error)) from error
        return await self._wire.ask(request, seconds or self._patience)

    def close(self) -> None:
        """End it."""
        if self._wire is not None:
            self._wire.close()
