"""Breaks things: kills and freezes processes, cuts connections; and measures how long it takes to be back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from keyaccount.postgres.left_over import processes_of
from tests.faults.calling import Caller
from tests.faults.company import PROBES, Person
from tests.faults.connections import Line, Lost
from tests.faults.history import Fault, Waited
from tests.faults.points import Point, arm, fired_at
from tests.faults.proxy import Cut, Proxy
from tests.system.instance import Instance

GATEWAY = "gateway"
LOOK_SECONDS = 0.01
FIRES_WITHIN_SECONDS = 8.0
BACK_WITHIN_SECONDS = 40.0


@dataclass
class Breaker:
    """Breaks what belongs to one instance."""

    instance: Instance
    folder: Path
    caller: Caller
    proxies: dict[str, Proxy] = field(default_factory=dict)

    async def kill(self, name: str) -> None:
        """Kill a process of the instance by its name."""
        await self._killed("killed", name, lambda: self._kill(self.instance.pids()[name]))

    async def kill_at(self, service: str, point: Point, passes: int) -> None:
        """Let a service die at a point; where it never gets there, it is killed as it is."""
        arm(self.folder, service, point, passes)
        until = time.monotonic() + FIRES_WITHIN_SECONDS
        while time.monotonic() < until:
            if at := fired_at(self.folder, service):
                await self._back(f"killed {point}", service, at)
                return
            await asyncio.sleep(LOOK_SECONDS)
        (self.folder / f"{service}.armed").unlink(missing_ok=True)
        await self.kill(service)

    async def kill_postmaster(self) -> None:
        """Kill PostgreSQL's first process; the others notice and end."""
        await self._killed("killed postmaster", "postgresql", lambda: self._kill(self._postmaster().pid))

    async def kill_database(self) -> None:
        """Kill all of PostgreSQL at once, so that nobody writes anything any more."""
        await self._killed("killed whole", "postgresql", self._kill_all)

    async def kill_backend(self) -> None:
        """Kill a single backend, at which PostgreSQL ends all others and recovers."""
        backends = [each for each in processes_of(self.instance.cluster) if self._serves(each)]
        if backends:
            await self._killed("killed backend", "postgresql", lambda: self._kill(backends[-1].pid))

    async def freeze(self, name: str, seconds: float) -> None:
        """Stop a process for a while, and let it go on."""
        pid = self._postmaster().pid if name == "postgresql" else self.instance.pids()[name]
        self.caller.history.add(Fault("frozen", name, time.time(), is_kill=False))
        frozen = [pid, *(each.pid for each in psutil.Process(pid).children())] if name == "postgresql" else [pid]
        for each in frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            for each in frozen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGCONT)

    async def cut(self, proxy: str, where: Cut) -> None:
        """Cut a connection that goes through a proxy."""
        self.caller.history.add(Fault(f"cut {where}", proxy, time.time(), is_kill=False))
        self.proxies[proxy].cut(where)
        await asyncio.sleep(0)

    async def _killed(self, kind: str, target: str, kill: Callable[[], None]) -> None:
        at = time.time()
        kill()
        await self._back(kind, target, at)

    async def _back(self, kind: str, target: str, at: float) -> None:
        fault = Fault(kind, target, at, is_kill=True)
        probed = [target] if target in PROBES else list(PROBES)
        await asyncio.gather(*(self._answers(probe, target) for probe in probed), self._others(target, probed))
        fault.back_seconds = time.time() - at
        self.caller.history.add(fault)

    async def _answers(self, probe: str, down: str) -> None:
        """Wait for a good answer, and note how quickly the others say that it is not there."""
        line = Line(self.caller.port)
        until = time.monotonic() + BACK_WITHIN_SECONDS
        try:
            while time.monotonic() < until:
                began = time.monotonic()
                status = await _status(line, self._asker, PROBES[probe])
                if status == 200:
                    return
                if status:
                    self.caller.history.add(Waited(down, probe, status, time.monotonic() - began))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            line.close()
        raise AssertionError(f"{probe} does not answer again after {down} was killed")

    async def _others(self, target: str, probed: list[str]) -> None:
        """While a service is down, ask each of the others once."""
        others = [] if target not in PROBES else [name for name in PROBES if name not in probed]
        await asyncio.gather(*(self._other(name, target) for name in others))

    async def _other(self, name: str, down: str) -> None:
        line = Line(self.caller.port)
        began = time.monotonic()
        status = await _status(line, self._asker, PROBES[name])
        self.caller.history.add(Waited(down, name, status, time.monotonic() - began))
        line.close()

    @property
    def _asker(self) -> Person:
        return self.caller.company.levels["head"][0]

    def _postmaster(self) -> psutil.Process:
        running = processes_of(self.instance.cluster)
        ids = {each.pid for each in running}
        return next(each for each in running if each.ppid() not in ids)

    def _kill_all(self) -> None:
        running = processes_of(self.instance.cluster)
        for each in sorted(running, key=lambda process: process.ppid()):
            self._kill(each.pid)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _serves(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return "_service keyaccount" in process.cmdline()[0]
        return False


async def _status(line: Line, person: Person, path: str) -> int:
    """Return the status of an answer, 0 where none came."""
    try:
        return (await line.ask("GET", path, person.headers, seconds=3.0)).status
    except Lost:
        return 0


Break = Callable[[], Awaitable[None]]
