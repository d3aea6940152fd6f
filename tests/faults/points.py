"""Points at which a service that is started by `tests.faults.serving` can be made to die, at the n-th pass.

Production code has no hook: its functions are wrapped here, in the process of the test's launcher only. A point is
armed by a file `<service>.armed` holding `<point> <passes>`; who dies there leaves `<service>.fired` behind.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import Any

from asyncpg.transaction import Transaction
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consuming
from servicekit.events.relay import Relay


class Point(StrEnum):
    """Where a process dies; the first three are those of a request with an effect."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    AFTER_ANSWER = "after_answer"
    RELAY_BEFORE_COMMIT = "relay_before_commit"
    RELAY_AFTER_COMMIT = "relay_after_commit"
    FOLD_BEFORE_COMMIT = "fold_before_commit"
    CONSUMER_BEFORE_COMMIT = "consumer_before_commit"
    CONSUMER_AFTER_COMMIT = "consumer_after_commit"


_doing: ContextVar[str] = ContextVar("doing", default="")
_BEFORE = {"": Point.BEFORE_COMMIT, "fold": Point.FOLD_BEFORE_COMMIT, "consumer": Point.CONSUMER_BEFORE_COMMIT}
_AFTER = {"": Point.AFTER_COMMIT, "consumer": Point.CONSUMER_AFTER_COMMIT}


def put(owner: Any, name: str, other: Any) -> None:
    """Put something of ours in the place of something of the product's, in this process."""
    setattr(owner, name, other)


def arm(folder: Path, service: str, point: Point, passes: int = 1) -> None:
    """Let a service die at a point, at its n-th pass."""
    (folder / f"{service}.fired").unlink(missing_ok=True)
    unfinished = folder / f"{service}.arming"
    unfinished.write_text(f"{point} {passes}")
    unfinished.rename(folder / f"{service}.armed")


def fired_at(folder: Path, service: str) -> float | None:
    """Return when (`time.time()`) the service died at the point it was armed for, or None if it has not."""
    fired = folder / f"{service}.fired"
    return float(fired.read_text() or 0) or None if fired.exists() else None


class Points:
    """The points of one process."""

    def __init__(self, folder: Path, service: str) -> None:
        self._armed, self._fired = folder / f"{service}.armed", folder / f"{service}.fired"
        self._left: tuple[Point, int] | None = None

    def passes(self, point: Point) -> None:
        """Die here, if it is the turn."""
        if self._left is None and self._armed.exists():
            word, passes = self._armed.read_text().split()
            self._left = Point(word), int(passes)
            self._armed.unlink()
        if self._left is None or self._left[0] is not point:
            return
        self._left = point, self._left[1] - 1
        if not self._left[1]:
            unfinished = self._fired.with_suffix(".firing")
            unfinished.write_text(f"{time.time():.6f}")
            unfinished.rename(self._fired)
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap what commits: requests, batches, consumers, the relay and its folds."""
        self._around_writing()
        put(Relay, "step", _while_doing("relay", Relay.step))
        put(Relay, "fold", _while_doing("fold", Relay.fold))
        put(Consuming, "_apply", _while_doing("consumer", Consuming._apply))
        self._around_the_relay()

    def _around_writing(self) -> None:
        finish, points = Writing.finish, self

        async def finish_or_die(tx: Writing, *given: Any) -> bool:
            doing = _doing.get()
            if tx.has_begun and doing in _BEFORE:
                points.passes(_BEFORE[doing])
            published = await finish(tx, *given)
            if tx.has_begun and doing in _AFTER:
                points.passes(_AFTER[doing])
            return published

        put(Writing, "finish", finish_or_die)

    def _around_the_relay(self) -> None:
        leave, points = Transaction.__aexit__, self

        async def leave_or_die(transaction: Any, *error: Any) -> None:
            moves = _doing.get() == "relay"
            if moves:
                points.passes(Point.RELAY_BEFORE_COMMIT)
            await leave(transaction, *error)
            if moves:
                points.passes(Point.RELAY_AFTER_COMMIT)

        put(Transaction, "__aexit__", leave_or_die)


class DiesAfterAnswer:
    """ASGI middleware around everything: dies once the last byte of an answer to a change is on its way."""

    def __init__(self, app: ASGIApp, points: Points) -> None:
        self.app = app
        self._points = points

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and die if it is the turn."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        succeeds = False

        async def send_and_die(message: Message) -> None:
            nonlocal succeeds
            if message["type"] == "http.response.start":
                succeeds = message["status"] < 400
            await send(message)
            if succeeds and message["type"] == "http.response.body" and not message.get("more_body"):
                for _ in range(3):  # the loop writes at the end of its round
                    await asyncio.sleep(0)
                self._points.passes(Point.AFTER_ANSWER)

        await self.app(scope, receive, send_and_die)


def _while_doing(what: str, step: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Awaitable[Any]]:
    async def doing(*given: Any) -> Any:
        mark = _doing.set(what)
        try:
            return await step(*given)
        finally:
            _doing.reset(mark)

    return doing
