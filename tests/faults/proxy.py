"""A small proxy that cuts connections: before the request goes on, after it before the answer, or within the answer."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast


class Cut(StrEnum):
    """Where in an exchange a connection is cut."""

    BEFORE_REQUEST = "before the request"
    BEFORE_ANSWER = "after the request, before the answer"
    IN_ANSWER = "within the answer"


Address = tuple[str, int]
LOOK_SECONDS = 0.01


@dataclass
class Proxy:
    """Passes bytes between who connects and a server. What is in `plan` strikes once each, in its order."""

    name: str
    target: Callable[[], Address]
    plan: list[Cut] = field(default_factory=list)
    done: list[Cut] = field(default_factory=list)
    port: int = 0
    sides: set["_Side"] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _returning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen at a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Side(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse_until_back(self) -> None:
        """Take no connections while the server takes none: who connects must find out at once, as without us."""
        if self._server is not None and self._returning is None:
            self._server.close()
            self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(*self.target())
                writer.close()
                await self.start()
                break
            await asyncio.sleep(LOOK_SECONDS)
        self._returning = None

    def stop(self) -> None:
        """End every connection and listen no longer."""
        if self._returning is not None:
            self._returning.cancel()
        if self._server is not None:
            self._server.close()
        for side in list(self.sides):
            side.abort()

    def cut(self, where: Cut) -> None:
        """Cut the next exchange there."""
        self.plan.append(where)

    def strikes(self, where: Cut) -> bool:
        """Whether it is the turn of this cut."""
        if self.plan and self.plan[0] is where:
            self.done.append(self.plan.pop(0))
            return True
        return False


class _Side(asyncio.Protocol):
    """The side of a connection towards the client, or, made with a `client`, towards the server."""

    def __init__(self, proxy: Proxy, client: "_Side | None" = None) -> None:
        self._proxy = proxy
        self._client = client
        self._other: _Side | None = client
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._proxy.sides.add(self)
        if self._client is None:
            self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, other = await loop.create_connection(lambda: _Side(self._proxy, self), *self._proxy.target())
        except OSError:
            self._proxy.refuse_until_back()
            self.abort()
            return
        if self._transport is None or self._transport.is_closing():
            other.abort()
            return
        self._other = other
        for data in self._early:
            other.write(data)
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        if self._client is None:
            if self._proxy.strikes(Cut.BEFORE_REQUEST):
                self._cut()
            elif self._other is None:
                self._early.append(data)
            else:
                self._other.write(data)
        elif self._proxy.strikes(Cut.BEFORE_ANSWER):
            self._cut()
        elif self._proxy.strikes(Cut.IN_ANSWER):
            self._client.write(data[: len(data) // 2])
            self._cut()
        else:
            self._client.write(data)

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        self._proxy.sides.discard(self)
        if self._other is not None:
            self._other.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _cut(self) -> None:
        self.close()
        if self._other is not None:
            self._other.close()
