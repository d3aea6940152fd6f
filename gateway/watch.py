"""Looks after a request that takes long: has the client gone away, does anything still move?

A quick request pays for one timer and nothing else: the looking begins after `FIRST_LOOK`.
"""

import asyncio
from enum import Enum

from gateway.turn import Turn
from gateway.upstreams import Upstream

FIRST_LOOK = 0.05
LOOKS_PER_PATIENCE = 4
SELDOM = 0.25
SUSPICIOUS_SECONDS = 0.5
"""So long a service may take without our asking whether it is there at all."""


class Cause(Enum):
    """Why a request was given up."""

    CLIENT_GONE = "client gone"
    CLIENT_STALLED = "client stalled"
    SERVICE_STALLED = "service stalled"
    SERVICE_SILENT = "service silent"


class Watch:
    """Cancels the task that began it once the client is gone or nothing has moved for `patience` seconds.

    The task says by `waits_for` whom it waits for, each time that something moved.
    """

    __slots__ = (
        "_loop",
        "_patience",
        "_since",
        "_stalled",
        "_task",
        "_timer",
        "_turn",
        "_upstream",
        "cause",
    )

    def __init__(self, turn: Turn, patience: float, upstream: Upstream) -> None:
        self._upstream = upstream
        self._turn = turn
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._since = self._loop.time()
        self._stalled = Cause.SERVICE_STALLED
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(FIRST_LOOK, self._look)
        self.cause: Cause | None = None

    @property
    def waited_seconds(self) -> float:
        """How long nothing has moved."""
        return self._loop.time() - self._since

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
        self._turn.on_gone = None

    def _look(self) -> None:
        if self._loop.time() - self._since >= self._patience:
            self._give_up(self._stalled)
            return
        if self._stalled is Cause.SERVICE_STALLED and self.waited_seconds >= SUSPICIOUS_SECONDS:
            self._doubt()
        if self._turn.gone:
            self._client_gone()
            return
        self._turn.on_gone = self._client_gone
        self._timer = self._loop.call_later(min(SELDOM, self._patience / LOOKS_PER_PATIENCE), self._look)

    def _doubt(self) -> None:
        """Give up on a service that has been found not to answer anybody; have it asked before that."""
        breaker = self._upstream.breaker
        if breaker.is_open and breaker.heard_at < self._since:
            self._give_up(Cause.SERVICE_SILENT)
        else:
            self._upstream.suspect()

    def _client_gone(self) -> None:
        self._give_up(Cause.CLIENT_GONE)

    def _give_up(self, cause: Cause) -> None:
        if self._timer is not None and self._task is not None:
            self._timer = None
            self.cause = cause
            self._task.cancel()
