"""The starter's side of `keyaccount.fork_server`: keeps one running, and has it fork."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psutil

from keyaccount.fork_server import Order

NOBODY_SAW = 256
"""Stands for the code of a process whose end nobody could see; no process ends with it."""

_LOOK_SECONDS = 0.02
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 15.0
_SOUND_SECONDS = 10.0
_END_SECONDS = 5.0


class Process(Protocol):
    """What a running child can be asked, whoever has started it; asyncio's own processes can be, too."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """Its code once it has ended, negative for a signal."""

    async def wait(self) -> int:
        """Wait for its end and return its code."""

    def send_signal(self, signal: int) -> None:  # asyncio's name for it
        """Send it a signal."""


class Forked:
    """A process that the fork server has forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = asyncio.Event()
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._process = None

    async def wait(self) -> int:
        """Wait for its end and return its code."""
        await self._over.wait()
        return NOBODY_SAW if self.returncode is None else self.returncode

    def send_signal(self, signal: int) -> None:
        """Send it a signal, unless it has ended: its pid may be another's by now."""
        if self._process is not None and self.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.send_signal(signal)

    def end(self, code: int) -> None:
        """Note that it has ended."""
        self.returncode = code
        self._over.set()

    async def watch(self) -> None:
        """See it end, where its parent is gone."""
        while True:
            if not self._lives():
                break
            await asyncio.sleep(_LOOK_SECONDS)
        self.end(NOBODY_SAW)

    def _lives(self) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return (
                self._process is not None
                and self._process.is_running()
                and self._process.status() != psutil.STATUS_ZOMBIE
            )
        return False


class ForkServer:
    """Keeps a fork server running; where none is ready, who wants a child starts it as ever."""

    def __init__(
        self,
        command: tuple[str, ...],
        folder: Path,
        log: Path,
        say: Callable[[str], None] = lambda _: None,
        started: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`say` tells people what happens to it, `started` is called with the pid of each."""
        self._command = command
        self._folder = folder
        self._log = log
        self._say = say
        self._started = started
        self.line: asyncio.StreamWriter | None = None
        self.is_ready = False
        self._first = asyncio.Event()
        self._asked: deque[asyncio.Future[Forked | None]] = deque()
        self._living: dict[int, Forked] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin; what is ordered before the first is ready waits for it."""
        self._running = asyncio.create_task(self._run())

    async def fork(self, order: Order) -> Forked | None:
        """Have a child forked; None where that cannot be had just now."""
        if self._running is None:
            return None
        await self._first.wait()
        if self.line is None or not self.is_ready:
            return None
        asked: asyncio.Future[Forked | None] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        try:
            self.line.write(order.wire())
            await self.line.drain()
        except OSError:  # it is just ending, and whoever reads from it answers
            pass
        return await asked

    async def close(self) -> None:
        """End it, and every child that was forked and never fetched."""
        if self._running is None:
            return
        if self.line is not None and self.line.can_write_eof():
            with contextlib.suppress(OSError):
                self.line.write_eof()
        self.is_ready, closing, self._running = False, self._running, None
        _, late = await asyncio.wait({closing}, timeout=2 * _END_SECONDS)
        for task in (*late, *self._watching):
            task.cancel()
        await asyncio.gather(closing, *self._watching, return_exceptions=True)
        for left in self._living.values():
            left.send_signal(signal.SIGKILL)

    async def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            began = time.monotonic()
            code = await self._live()
            self._first.set()
            if self._running is None:
                return
            pause = _SHORTEST_PAUSE if time.monotonic() - began > _SOUND_SECONDS else min(pause * 2, _LONGEST_PAUSE)
            self._say(f"the fork server ended with code {code}; starting another in {pause:g} s")
            await asyncio.sleep(pause)

    async def _live(self) -> int:
        """Start one, and hear what it tells until it ends; return its code."""
        ours, theirs = socket.socketpair()
        reader, self.line = await asyncio.open_connection(sock=ours)
        process = await self._start(theirs)
        theirs.close()
        self._started(process.pid)
        try:
            while line := await _line_of(reader):
                self._hear(json.loads(line))
        except asyncio.CancelledError:  # it did not end although we are closing
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        finally:
            self._lose()
        try:
            return await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:  # it does not talk to us any more, and yet it is there
            process.kill()
            return await process.wait()

    async def _start(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        bare = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")}
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600)) as log:
            return await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                env=bare | {"PYTHONUNBUFFERED": "1"},  # what is secret is told to each child alone
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for its starter
            )

    def _hear(self, told: dict[str, Any]) -> None:
        if "ready" in told:
            self.is_ready = True
            self._first.set()
        elif "forked" in told:
            forked = self._living[told["forked"]] = Forked(told["forked"])
            self._answer(forked)
        elif "failed" in told:
            self._say(f"the fork server cannot fork: {told['failed']}")
            self._answer(None)
        elif forked_before := self._living.pop(told["ended"], None):
            forked_before.end(told["code"])

    def _answer(self, forked: Forked | None) -> None:
        asked = self._asked.popleft()
        if not asked.done():
            asked.set_result(forked)

    def _lose(self) -> None:
        """Do without it from now on: its children go on, and are watched from here."""
        if self.line is not None:
            self.line.close()
        self.line, self.is_ready = None, False
        while self._asked:
            self._answer(None)
        if self._running is None:
            return
        for forked in self._living.values():
            self._watching.add(asyncio.create_task(forked.watch()))
        self._living.clear()


async def _line_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except OSError:
        return b""
