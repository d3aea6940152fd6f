"""Rounds: each operation, on each number of connections, through each path and against each floor, one after another.

Rounds are interleaved, so that what else the machine does meanwhile falls on all alike.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bench.data import inside
from bench.instance import Instance
from bench.load import Job
from bench.loading import LoadGenerator, Measured, RunFailed
from bench.operations import SLOTS, Operation
from bench.pgbench import Pgbench
from bench.recording import recorder
from bench.scripts import Recording, write_recordings
from servicekit.run.settings import Settings

BARE, PGBENCH = "bare", "pgbench"
FLOORS = (BARE, PGBENCH)
_WARM_UP = 0.25
"""Of the measured seconds, so many go by before."""
_PATIENCE = 4
"""Of the measured seconds, so many may go by until there are enough answers."""
_PATIENCE_SECONDS = 5.0
"""So many at least, however short a run is: a large batch takes its time."""
_LEAST = 4
"""Answers that each connection gets at least, on average."""
_REST_SECONDS = 3.0
_FIRST_SECONDS = 25.0
_UNTAKEN = "SELECT EXISTS (SELECT FROM outbox)"


@dataclass(frozen=True)
class Plan:
    """How a bench is run; `seconds` are those of one run."""

    sizes: Sequence[int] = (10_000, 100_000)
    people: int = 10_000
    connections: Sequence[int] = (1, 16)
    paths: Sequence[str] = ("direct", "gateway")
    rounds: int = 3
    seconds: float = 0.5
    durable: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a table: an operation through a path or against a floor."""

    operation: str
    target: str
    connections: int
    opportunities: int


@dataclass
class Results:
    """What was measured, a list of rounds for each cell, and what could not be, with the reason."""

    cells: dict[Cell, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    skipped: dict[str, str] = field(default_factory=dict)
    rows: dict[int, dict[str, int]] = field(default_factory=dict)
    first_ms: dict[str, float] = field(default_factory=dict)
    """The first answer after a start, which fills what the service keeps in memory."""
    filling_seconds: dict[int, float] = field(default_factory=dict)
    """How long it took to grow to a size from the one before, with the counting."""
    counted: str = "opportunities"
    """What the sizes are of."""


Tell = Callable[[str], None]


class Base(Protocol):
    """What a database was filled with."""

    url: str

    async def grow(self, to: int) -> None:
        """Fill it up to a number."""

    async def settle(self, settings: Settings) -> None:
        """Reckon what the service would have reckoned had it been written through it."""

    async def rows(self) -> dict[str, int]:
        """Return how many rows the service's tables have."""


class Measuring:
    """Measures the operations of one bench on one instance, at one size after another."""

    def __init__(self, instance: Instance, data: Base, load: LoadGenerator, plan: Plan, tell: Tell) -> None:
        self._instance = instance
        self._data = data
        self._load = load
        self._plan = plan
        self._tell = tell
        self._folder = instance.settings.home / "floors"
        self._folder.mkdir()
        self._pgbench = Pgbench(instance.urls[instance.measured].login, self._folder, instance.server.process.pid)
        self.results = Results()

    async def measure(self, size: int, operations: Sequence[Operation]) -> None:
        """Measure all operations at the present size of the data."""
        found = await self._record(operations)
        able = [one for one in operations if one.name in found]
        async with self._floor(found) as floor_port:
            await self._define(able, found)
            await self._warm(size, able)
            for number in range(1, self._plan.rounds + 1):
                self._tell(f"{size:,}, round {number} of {self._plan.rounds}")
                for operation in able:
                    for connections in self._plan.connections:
                        await self._round(size, operation, connections, floor_port)
        self.results.rows[size] = await self._data.rows()

    async def _record(self, operations: Sequence[Operation]) -> dict[str, Recording]:
        self._tell("recording what the service asks the database")
        found = {}
        async with recorder(self._instance) as record:
            for operation in operations:
                recording = await record(operation)
                if recording.failure:
                    self.results.skipped[operation.name] = recording.failure
                    self._tell(f"skipped {operation.name}: {recording.failure}")
                else:
                    found[operation.name] = recording
        return found

    @asynccontextmanager
    async def _floor(self, recordings: Mapping[str, Recording]) -> AsyncIterator[int]:
        path = self._folder / "recordings"
        write_recordings(path, recordings)
        port = await self._instance.start_floor(path)
        try:
            yield port
        finally:
            await self._instance.stop_floor()

    async def _define(self, operations: Sequence[Operation], recordings: Mapping[str, Recording]) -> None:
        for operation in operations:
            recording = recordings[operation.name]
            await self._load.define(operation.name, [[one.raw() for one in slot] for slot in operation.slots])
            slots = [[bare_request(operation.name, n) for n in recording.of_slot(slot, SLOTS)] for slot in range(SLOTS)]
            await self._load.define(f"{BARE} {operation.name}", slots)
            await self._pgbench.prepare(recording, SLOTS)

    async def _warm(self, size: int, operations: Sequence[Operation]) -> None:
        """Ask for everything once, and note how long the first answer after a start took."""
        for operation in operations:
            job = self._job(operation.name, self._instance.port_of("direct"), 1, ())
            job["warm_up"], job["seconds"], job["most_seconds"], job["least"] = 0.0, 0.0, _FIRST_SECONDS, 1
            try:
                first = await self._load.run(job)
            except RunFailed as failure:
                self.results.skipped[f"{operation.name}, first answer"] = str(failure)
            else:
                self.results.first_ms[f"{operation.name}, {size}"] = round(first.p50_ms, 1)

    async def _round(self, size: int, operation: Operation, connections: int, floor_port: int) -> None:
        for target in (*self._plan.paths, *FLOORS):
            run: Awaitable[Measured]
            if target == PGBENCH:
                run = self._pgbench.run(operation.name, connections, self._plan.seconds)
            elif target == BARE:
                run = self._run_load(f"{BARE} {operation.name}", floor_port, connections, ("floor", "postgres"))
            else:
                counted = tuple(name for name in self._instance.processes if name not in _apart(target))
                run = self._run_load(operation.name, self._instance.port_of(target), connections, counted)
            try:
                measured = await run
            except RunFailed as failure:
                self.results.skipped[f"{operation.name}, {target}"] = str(failure)
                self._tell(f"failed {operation.name}, {target}, {connections} connections: {failure}")
                continue
            self.results.cells[Cell(operation.name, target, connections, size)].append(measured)
            if operation.apart or any(one.is_write for one in operation.slots[0]):
                await rest(self._data.url, self._instance.measured)

    async def _run_load(self, name: str, port: int, connections: int, counted: Sequence[str]) -> Measured:
        return await self._load.run(self._job(name, port, connections, counted))

    def _job(self, name: str, port: int, connections: int, counted: Sequence[str]) -> Job:
        seconds, pids = self._plan.seconds, self._instance.processes
        return Job(
            set=name,
            port=port,
            connections=connections,
            warm_up=seconds * _WARM_UP,
            seconds=seconds,
            most_seconds=max(seconds * _PATIENCE, _PATIENCE_SECONDS),
            least=_LEAST * max(connections, 4),
            processes={process: pids[process] for process in counted},
        )


async def rest(url: str, service: str) -> None:
    """Wait until a service's relay has taken what was written, for at most a moment."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _REST_SECONDS
    async with inside(url, service) as connection:
        while await connection.fetchval(_UNTAKEN) and loop.time() < until:  # noqa: ASYNC110 (another process's work)
            await asyncio.sleep(0.02)


def _apart(path: str) -> set[str]:
    """Return the processes that have no part in what goes through a path."""
    return {"floor"} if path == "gateway" else {"floor", "gateway"}


def bare_request(operation: str, number: int) -> str:
    """Return the request by which a floor repeats a recording."""
    return f"GET /{operation}/{number} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
