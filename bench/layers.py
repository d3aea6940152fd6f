"""What each layer of a request costs in CPU, from a bare ASGI answer to the whole service and the gateway before it.

Up to the floor each step is an app of its own that is measured. Above it nothing is taken away from the service, which
has no switch for that: the whole service is measured, and a clock on its CPU says which layers it is in. What both say
of the floor's own layers must agree; the difference is shown as a row of its own.
"""

import asyncio
import signal
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import kill
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from bench.attribution import ABOVE_THE_FLOOR, OF_THE_FLOOR, shares
from bench.data import Data, inside
from bench.instance import Instance, fresh_instance
from bench.load import Job
from bench.loading import LoadGenerator, Measured
from bench.measuring import Plan, bare_request, rest
from bench.operations import SLOTS, Operation, first_operations
from bench.recording import recorder
from bench.scripts import Asked, Recording, Script, write_recordings
from keyaccount.database_urls import with_database
from keyaccount.provisioning import DATABASE

TAKEN_APART = ("get", "create")
BARE, ROUTE, PLAIN, FLOOR, AUDITED = "bare", "route", "plain", "floor", "audited"
DIRECT, GATEWAY, PROFILED = "direct", "gateway", "profiled"
_PROFILED_TIMES = 20
"""So many times as long as a round the service runs under its clock, which the system looks at only now and then."""
_PROFILED_LEAST = 2_000
"""Requests at least, however short a round is or however busy the machine: a few hundred looks at the clock."""
_PROFILED_MOST_SECONDS = 120.0
_FILE_SECONDS = 10.0
_AUDIT = "SELECT coalesce(sum(total_time), 0) FROM pg_stat_user_functions WHERE funcname = 'audit_change'"

Cost = tuple[float, float]
"""Microseconds of CPU of a request: in our processes, in PostgreSQL's."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer adds to a request, in µs of CPU, and how that is known."""

    name: str
    here: float
    database: float
    how: str


@dataclass(frozen=True)
class Apart:
    """An operation taken apart; `measured` are the costs of each app, `parts` what the clock says of the service."""

    operation: str
    measured: Mapping[str, Cost]
    parts: Mapping[str, float]
    audit_us: float
    samples: int

    def layers(self) -> list[Layer]:
        """Return what each layer adds, from the barest; together they are the whole."""
        found = [Layer("bare uvicorn and ASGI", *self.measured[BARE], "measured")]
        found.append(Layer("+ FastAPI route", *self._step(BARE, ROUTE), "measured"))
        found += self._statements()
        whole = self.measured[DIRECT]
        found += [Layer(f"+ {name}", self.parts[name] * whole[0], 0.0, "by the clock") for name in ABOVE_THE_FLOOR]
        here, database = _added(found)
        found.append(
            Layer("± what the floor does in another way", whole[0] - here, whole[1] - database, "what is left over")
        )
        found.append(Layer("= whole service", *whole, "measured"))
        return [*found, Layer("+ gateway", *self._step(DIRECT, GATEWAY), "measured")]

    @property
    def left_over(self) -> float:
        """Which part of the whole service's CPU no row above accounts for; below 0 where they say too much."""
        row = next(one for one in self.layers() if one.how == "what is left over")
        return row.here / self.measured[DIRECT][0]

    def _statements(self) -> list[Layer]:
        """Return the rows of the statements: the operation's own, and those that keep answers, events and audit."""
        if PLAIN not in self.measured:
            return [Layer("+ statements: the floor", *self._step(ROUTE, FLOOR), "measured")]
        here, database = self._step(ROUTE, PLAIN)
        return [
            Layer("+ statements, without the audit's triggers", here, database - self.audit_us, "measured"),
            Layer("+ audit: triggers", 0.0, self.audit_us, "PostgreSQL's own clock"),
            Layer("+ idempotency and outbox: statements; the floor", *self._step(PLAIN, FLOOR), "measured"),
        ]

    def _step(self, before: str, after: str) -> Cost:
        return tuple(b - a for a, b in zip(self.measured[before], self.measured[after], strict=True))  # type: ignore[return-value]

    def as_row(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "operation": self.operation,
            "layers": [
                {
                    "layer": one.name,
                    "cpu_us": round(one.here, 1),
                    "postgres_cpu_us": round(one.database, 1),
                    "how": one.how,
                }
                for one in self.layers()
            ],
            "left_over": round(self.left_over, 3),
            "samples": self.samples,
        }


@dataclass
class Layers:
    """What was measured."""

    connections: int
    size: int
    operations: list[Apart] = field(default_factory=list)

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""
        rows = [one.as_row() for one in self.operations]
        return {"connections": self.connections, "opportunities": self.size, "rows": rows}

    def show(self, console: Console) -> None:
        """Print it."""
        for apart in self.operations:
            table = Table(title=f"layers of {apart.operation}: µs of CPU of a request, {self.connections} connections")
            table.add_column("layer")
            for heading in ("ours", "PostgreSQL"):
                table.add_column(heading, justify="right")
            table.add_column("how it is known")
            for one in apart.layers():
                if one.name.startswith(("=", "±")):
                    table.add_section()
                table.add_row(one.name, f"{one.here:,.0f}", f"{one.database:,.0f}", one.how)
            console.print(table)
            console.print(
                f"{apart.operation}: {apart.left_over:.1%} left over, {apart.samples:,} looks at the clock",
                highlight=False,
            )


def without_keeping(recording: Recording) -> Recording:
    """Return a recording without what keeps answers and events: what the operation itself asks."""
    scripts = [
        Script(tuple(_bared(asked) for asked in one.asked if not _is_of_keeping(asked)), one.fresh)
        for one in recording.scripts
    ]
    return replace(recording, scripts=scripts)


def _is_of_keeping(asked: Asked) -> bool:
    return "INSERT INTO outbox" in asked.sql or "FROM idempotency" in asked.sql


def _bared(asked: Asked) -> Asked:
    if not asked.claim:
        return asked
    if asked.sql.endswith("COMMIT"):
        return Asked("COMMIT", ())
    return Asked(asked.sql.split("INSERT INTO idempotency", 1)[0], ())


async def run(plan: Plan, tell: Callable[[str], None]) -> Layers:
    """Take the operations apart at the largest size of the plan, on its most connections."""
    size, connections = max(plan.sizes), max(plan.connections)
    found = Layers(connections, size)
    async with fresh_instance(durable=plan.durable) as instance, LoadGenerator.started() as load:
        url = with_database(instance.server.admin_url, DATABASE)
        data = await Data.begin(url, people=plan.people, most=size)
        tell(f"making {size:,} opportunities")
        await data.grow(size)
        await data.settle(instance.service_settings(connections=1))
        await instance.start()
        operations = [one for one in await first_operations(data, instance.token) if one.name in TAKEN_APART]
        taking = _Taking(instance, load, data, connections, plan.seconds, operations)
        tell("recording what the service asks the database")
        await taking.prepare()
        for number in range(1, plan.rounds + 1):
            tell(f"round {number} of {plan.rounds}")
            await taking.round()
        tell("looking which layers the service is in")
        await taking.profile()
        tell("having PostgreSQL time the audit's triggers")
        await taking.time_audit()
        found.operations = taking.found()
    return found


@dataclass
class _Taking:
    instance: Instance
    load: LoadGenerator
    data: Data
    connections: int
    seconds: float
    operations: Sequence[Operation]
    ports: dict[str, int] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    costs: dict[tuple[str, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    audit: dict[str, float] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where the process under the clock tells what it has counted."""
        return self.instance.settings.home / "layers.json"

    async def prepare(self) -> None:
        """Record, start an app for each step, and tell the load generator what to ask each."""
        recordings = await self._record()
        paths = {name: self.instance.settings.home / name for name in (FLOOR, PLAIN)}
        write_recordings(paths[FLOOR], recordings)
        plain = {name: without_keeping(recordings[name]) for name in self.plain}
        write_recordings(paths[PLAIN], plain)
        self.ports[BARE] = await self.instance.start_app(BARE, "bench.bare_app:bare", {}, factory=False)
        self.ports[ROUTE] = await self.instance.start_app(
            ROUTE, "bench.bare_app:create_framework_app", {}, factory=True
        )
        for name, path in paths.items():
            self.ports[name] = await self.instance.start_app(
                name, "bench.floor_app:create_app", self._told(path), factory=True
            )
        for operation in self.operations:
            recording = recordings[operation.name]
            await self.load.define(operation.name, [[one.raw() for one in slot] for slot in operation.slots])
            slots = [
                [_with_body(operation, bare_request(operation.name, n)) for n in recording.of_slot(slot, SLOTS)]
                for slot in range(SLOTS)
            ]
            await self.load.define(_bare(operation), slots)

    async def round(self) -> None:
        """Measure each app once, for each operation."""
        for operation in self.operations:
            for app in (BARE, ROUTE, PLAIN, FLOOR):
                if app != PLAIN or operation.name in self.plain:
                    await self._run(operation, app, _bare(operation), self.ports[app], (app,))
            await self._run(operation, DIRECT, operation.name, self.instance.port_of(DIRECT), ("opportunity",))
            through = self.instance.port_of(GATEWAY)
            await self._run(operation, GATEWAY, operation.name, through, ("opportunity", "gateway"))

    async def profile(self) -> None:
        """Run the service with a clock on its CPU, and see which layers it is in."""
        port = await self.instance.start_profiled(self.file)
        for operation in self.operations:
            await self.load.run(self._job(operation.name, port, (), self.seconds))
            await self._told_counts()
            job = self._job(operation.name, port, (), self.seconds * _PROFILED_TIMES)
            job["least"], job["most_seconds"] = _PROFILED_LEAST, _PROFILED_MOST_SECONDS
            await self.load.run(job)
            self.counts[operation.name] = await self._told_counts()
        await self.instance.drain(PROFILED)

    async def time_audit(self) -> None:
        """Have PostgreSQL time the triggers of the audit, on one connection, where nobody waits for a lock."""
        await self._set_tracking("'all'")
        for operation in self.operations:
            if operation.name not in self.plain:
                continue
            before = await self._audit_ms()
            path = self.instance.settings.home / FLOOR
            port = await self.instance.start_app(AUDITED, "bench.floor_app:create_app", self._told(path), factory=True)
            job = self._job(_bare(operation), port, (), self.seconds)
            job["connections"], job["warm_up"] = 1, 0.0
            measured = await self.load.run(job)
            await self.instance.drain(AUDITED)  # its connections tell what they have counted when they end
            spent = await self._audit_ms() - before
            self.audit[operation.name] = spent * 1000 / max(1, measured.requests)
        await self._set_tracking("DEFAULT")

    def found(self) -> list[Apart]:
        """Return the operations, taken apart."""
        return [
            Apart(
                one.name,
                {app: _median(costs) for (name, app), costs in self.costs.items() if name == one.name},
                shares(self.counts[one.name], (*ABOVE_THE_FLOOR, *OF_THE_FLOOR)),
                self.audit.get(one.name, 0.0),
                sum(self.counts[one.name].values()),
            )
            for one in self.operations
        ]

    async def _record(self) -> dict[str, Recording]:
        found = {}
        async with recorder(self.instance) as record:
            for operation in self.operations:
                found[operation.name] = await record(operation)
        self.plain = {one.name for one in self.operations if one.slots[0][0].is_write}
        return found

    async def _run(self, operation: Operation, app: str, requests: str, port: int, ours: Sequence[str]) -> None:
        measured = await self.load.run(self._job(requests, port, (*ours, "postgres"), self.seconds))
        self.costs[operation.name, app].append(_cost(measured))
        if operation.slots[0][0].is_write:
            await rest(self.data.url, self.instance.measured)

    def _job(self, requests: str, port: int, counted: Sequence[str], seconds: float) -> Job:
        pids = self.instance.processes
        return Job(
            set=requests,
            port=port,
            connections=self.connections,
            warm_up=max(seconds / 4, 0.2),
            seconds=seconds,
            most_seconds=seconds * 4 + 5,
            least=4 * self.connections,
            processes={name: pids[name] for name in counted},
        )

    def _told(self, recordings: Path) -> dict[str, str]:
        login = self.instance.urls[self.instance.measured].login
        return {"BENCH_RECORDINGS": str(recordings), "BENCH_DATABASE_URL": login}

    async def _told_counts(self) -> dict[str, int]:
        """Have the process under the clock tell what it has counted, and begin anew."""
        self.file.unlink(missing_ok=True)
        kill(self.instance.pids[PROFILED], signal.SIGUSR1)
        async with asyncio.timeout(_FILE_SECONDS):
            while not self.file.exists():  # noqa: ASYNC110 (another process writes it)
                await asyncio.sleep(0.02)
        counts: dict[str, int] = orjson.loads(self.file.read_bytes())
        return counts

    async def _audit_ms(self) -> float:
        async with inside(self.data.url) as connection:
            return float(await connection.fetchval(_AUDIT))

    async def _set_tracking(self, value: str) -> None:
        async with inside(self.data.url) as connection:
            await connection.execute(f"RESET ROLE; ALTER DATABASE {DATABASE} SET track_functions = {value}")


def _cost(measured: Measured) -> Cost:
    """Return the µs of a request in our processes and in PostgreSQL's."""
    ours = sum(spent for name, spent in measured.cpu_ms.items() if name != "postgres")
    return ours * 1000, measured.cpu_ms["postgres"] * 1000


def _median(costs: Sequence[Cost]) -> Cost:
    return median(here for here, _ in costs), median(database for _, database in costs)


def _added(layers: Sequence[Layer]) -> Cost:
    return sum(one.here for one in layers), sum(one.database for one in layers)


def _bare(operation: Operation) -> str:
    return f"bare {operation.name}"


def _with_body(operation: Operation, request: str) -> str:
    """Return a request of the floors, which read no body, in the method of the operation."""
    return request.replace("GET ", f"{operation.slots[0][0].method} ", 1)
