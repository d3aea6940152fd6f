"""Looks after a request that takes long: has the client gone away, does anything still move?

A quick request pays for one timer and nothing else: the looking begins after `FIRST_LOOK`.
"""

import asyncio
from enum import Enum

from starlette.types import Receive

FIRST_LOOK = 0.05
LOOKS_PER_PATIENCE = 4
SELDOM = 0.25


class Cause(Enum):
    """Why a request was given up."""

    CLIENT_GONE = "client gone"
    CLIENT_STALLED = "client stalled"
    SERVICE_STALLED = "service stalled"


class Watch:
    """Cancels the task that began it once the client is gone or nothing has moved for `patience` seconds.

    The task says by `waits_for` whom it waits for, each time that something moved.
    """

    __slots__ = (
        "_listener",
        "_loop",
        "_patience",
        "_receive",
        "_since",
        "_stalled",
        "_task",
        "_timer",
        "body_read",
        "cause",
    )

    def __init__(self, receive: Receive, patience: float) -> None:
        self._receive = receive
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._since = self._loop.time()
        self._stalled = Cause.SERVICE_STALLED
        self._listener: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(FIRST_LOOK, self._look)
        self.cause: Cause | None = None
        self.body_read = True

    def waits_for_client(self) -> None:
        """Note that something moved, and that the client has to move next."""
        self._since = self._loop.time()
        self._stalled = Cause.CLIENT_STALLED

    def waits_for_service(self) -> None:
        """Note that something moved, and that the service has to move next."""
        self._since = self._loop.time()
        self._stalled = Cause.SERVICE_STALLED

    def end(self) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._listener is not None:
            self._listener.cancel()

    def _look(self) -> None:
        if self._loop.time() - self._since >= self._patience:
            self._give_up(self._stalled)
            return
        if self.body_read and self._listener is None:
            self._listener = self._loop.create_task(self._listen())
        self._timer = self._loop.call_later(min(SELDOM, self._patience / LOOKS_PER_PATIENCE), self._look)

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._give_up(Cause.CLIENT_GONE)

    def _give_up(self, cause: Cause) -> None:
        if self._timer is not None and self._task is not None:
            self._timer = None
            self.cause = cause
            self._task.cancel()
