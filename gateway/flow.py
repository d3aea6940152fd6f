"""How a connection waits while the other end is slow to take what it was sent."""

import asyncio


class Flow(asyncio.Protocol):
    """A connection whose transport says when to write no more, and when again."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_event_loop()
        self._writable: asyncio.Future[None] | None = None

    def pause_writing(self) -> None:
        """Note that the other end is slow to take what it was sent."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """Note that it has taken it."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    async def writable(self) -> None:
        """Wait until the other end has taken what it was sent."""
        if self._writable is not None:
            await asyncio.shield(self._writable)
