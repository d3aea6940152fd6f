"""A process that is kept alive: started, watched, started again when it dies, drained at the end."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keyaccount.answers import answers
from keyaccount.files import rotate
from keyaccount.fork_server import Order
from keyaccount.forking import NOBODY_SAW, ForkServer, Process
from keyaccount.problems import Unable

LOG_BYTES = 20_000_000
_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 15.0
_SOUND_SECONDS = 3.0  # who was ready and has lived this long dies for another reason than at its last start
_FIRST_ATTEMPTS = 3
_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.02

Say = Callable[[str, str], None]
"""Tells people one event: whom it concerns, what happened."""


@dataclass(frozen=True)
class Program:
    """What to run. `environment` is asked at every start, for a database may have moved meanwhile."""

    name: str
    command: tuple[str, ...]
    environment: Callable[[], Mapping[str, str]]
    folder: Path
    log: Path
    ready_port: int
    started: Callable[[str, int], None] = lambda _name, _pid: None


class Child:
    """One program that is kept alive until `drain`."""

    def __init__(self, program: Program, say: Say, forks: ForkServer | None = None) -> None:
        self.program = program
        self.ready = asyncio.Event()
        self._forks = forks
        self._say = say
        self._process: Process | None = None
        self._ending = False
        self._was_ready = False
        self._lived_ready = False

    async def keep_alive(self) -> None:
        """Run the program, again and again, until it is drained.

        Raises:
            Unable: it never became ready and died several times.
        """
        pause, deaths = 0.0, 0
        while not self._ending:
            began = time.monotonic()
            code = await self._run_once()
            if self._ending:
                return
            deaths += 1
            if not self._was_ready and deaths >= _FIRST_ATTEMPTS:
                message = f"{self.program.name} does not start ({_ending_of(code)}):\n{last_words(self.program.log)}"
                raise Unable(message)
            if self._lived_ready and time.monotonic() - began > _SOUND_SECONDS:
                pause = 0.0
            when = f"in {pause:g} s" if pause else "at once"
            self._say(self.program.name, f"{_ending_of(code)}; starting it again {when}")
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)

    async def wait_ready(self) -> None:
        """Wait for the first time that it is ready.

        Raises:
            Unable: it takes too long.
        """
        try:
            await asyncio.wait_for(self.ready.wait(), _READY_SECONDS)
        except TimeoutError as late:
            message = f"{self.program.name} is not ready after {_READY_SECONDS:.0f} s:\n{last_words(self.program.log)}"
            raise Unable(message) from late

    def terminate(self) -> None:
        """End it so that it is started anew, with its present environment."""
        self._signal(signal.SIGTERM)

    async def drain(self, seconds: float) -> None:
        """Let it finish what it has begun and end; after `seconds`, end it."""
        self._ending = True
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            self._say(self.program.name, f"has not finished within {seconds:g} s; ended")
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._ending = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _run_once(self) -> int:
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.program.log, LOG_BYTES)
        began = time.monotonic()
        self._lived_ready = False
        process = await self._start()
        self._process = process
        self.program.started(self.program.name, process.pid)
        watching = asyncio.create_task(self._watch_readiness(process.pid, began))
        try:
            return await process.wait()
        finally:
            watching.cancel()
            self.ready.clear()

    async def _start(self) -> Process:
        program = self.program
        environment = program.environment()
        if self._forks is not None:
            order = Order(program.name, program.command, environment, program.log)
            if forked := await self._forks.fork(order):
                return forked
        with os.fdopen(os.open(program.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)) as log:
            return await asyncio.create_subprocess_exec(
                *program.command,
                cwd=program.folder,
                env=dict(environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who stop them in order
            )

    async def _watch_readiness(self, pid: int, began: float) -> None:
        while True:
            if await asyncio.to_thread(answers, self.program.ready_port):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        self._was_ready = self._lived_ready = True
        self.ready.set()
        took = time.monotonic() - began
        self._say(self.program.name, f"ready on port {self.program.ready_port} after {took:.2f} s (process {pid})")


def last_words(log: Path, lines: int = 15) -> str:
    """Return the end of a log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def _ending_of(code: int) -> str:
    if code == NOBODY_SAW:
        return "ended"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
