"""A service that answers with bytes: what no library for servers lets a test send."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Answer = Callable[[Writer, int], Awaitable[None]]
"""Answers a request; the number is how many were answered before on all connections."""


class RawService:
    """Reads heads of requests, with the body that their length tells of, and lets a test answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.open = 0

    async def serve(self, reader: Reader, writer: Writer) -> None:
        """Be one connection."""
        self.connections += 1
        self.open += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not writer.is_closing():
                    head = await reader.readuntil(b"\r\n\r\n")
                    if head.startswith(b"GET /health/"):  # that it lives is found out over a connection of its own
                        self.connections -= 1
                        writer.write(whole(b"{}", "Connection: close"))
                        writer.close()
                        return
                    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                    size = int(lengths[0]) if lengths else 0
                    self.requests.append(head + await reader.readexactly(size))
                    await self.answer(writer, len(self.requests) - 1)
                    await writer.drain()
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def raw_service(answer: Answer) -> AsyncIterator[tuple[RawService, str]]:
    """Run one until the block ends; yields it with its URL."""
    service = RawService(answer)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    try:
        yield service, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def always(data: bytes) -> Answer:
    """Answer every request with the same bytes."""

    async def answer(writer: Writer, _: int) -> None:
        writer.write(data)

    return answer


def whole(body: bytes, *headers: str) -> bytes:
    """Return an answer that is right."""
    lines = ("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body
