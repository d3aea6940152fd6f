"""What the processes of an instance hold in memory: after a start with the demo, and after a bounded load.

RSS counts what processes share with each other as often as there are processes; PSS divides it among them, so that
their sum is what is really resident together.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.load import Job
from bench.loading import LoadGenerator, RunFailed
from bench.measuring import Plan
from bench.operations import SLOTS, Request
from bench.targets import MEMORY_TARGET
from bench.whole import Whole, whole_instance

MB = 1_000_000
_SHARED_MEMORY = ("/dev/zero", "/SYSV", "/dev/shm/PostgreSQL", "[anon_shmem")  # noqa: S108 (names, not files)
"""How the system names what PostgreSQL's processes share: the buffers, and what parallel queries pass on."""
_PER_SECOND = 4000
"""Requests of the load for each second of the plan, so that a slow machine asks as much as a fast one."""
_MOST_SECONDS = 300.0
LOADED = (
    "/v1/customers?limit=50",
    "/v1/opportunities?sort=expected_close&limit=50",
    "/v1/funnel?scope=everything",
    "/v1/people?limit=50",
    "/v1/forecast-cycles",
    "/v1/products?limit=50",
)
"""What the load asks for, through the gateway, in turn."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds, in bytes: resident, its part of what is shared, and what is its own alone."""

    name: str
    rss: int
    pss: int
    uss: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What everything held at one time; `database` is PostgreSQL's apart from its shared memory, all processes."""

    when: str
    processes: Sequence[Held]
    database: int
    database_processes: int

    @property
    def rss(self) -> int:
        """Our processes' resident sizes added up, what they share as often as it is shared."""
        return sum(one.rss for one in self.processes)

    @property
    def pss(self) -> int:
        """What our processes hold together."""
        return sum(one.pss for one in self.processes)


@dataclass
class Memory:
    """What was measured."""

    moments: list[Moment] = field(default_factory=list)
    requests: int = 0

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "requests_of_the_load": self.requests,
            "moments": [
                {
                    "when": moment.when,
                    "processes": [
                        {"name": one.name, "rss_mb": _mb(one.rss), "pss_mb": _mb(one.pss), "uss_mb": _mb(one.uss)}
                        for one in moment.processes
                    ],
                    "database_processes": moment.database_processes,
                    "totals_mb": {name: _mb(total) for name, total in totals(moment)},
                }
                for moment in self.moments
            ],
            "targets": [
                {
                    "promise": name,
                    "when": moment.when,
                    "most": MEMORY_TARGET,
                    "measured": _mb(total),
                    "kept": kept(total),
                }
                for moment in self.moments
                for name, total in totals(moment)
            ],
        }

    def show(self, console: Console) -> None:
        """Print it."""
        for moment in self.moments:
            table = Table(title=f"memory {moment.when}, in MB (10^6 bytes)")
            table.add_column("process")
            for heading in ("RSS", "PSS", "its own alone"):
                table.add_column(heading, justify="right")
            for one in moment.processes:
                table.add_row(one.name, *(f"{_mb(each):.1f}" for each in (one.rss, one.pss, one.uss)))
            table.add_section()
            private = f"PostgreSQL, {moment.database_processes} processes, without its shared memory"
            table.add_row(private, "", f"{_mb(moment.database):.1f}", "")
            for name, total in totals(moment):
                verdict = "[green]pass[/]" if kept(total) else "[red]fail[/]"
                table.add_row(
                    f"[bold]{name}[/]", "", f"[bold]{_mb(total):.1f}[/]", f"{verdict} (at most {MEMORY_TARGET:g})"
                )
            console.print(table)


def totals(moment: Moment) -> list[tuple[str, int]]:
    """Return the totals that are held to the target: as they are added up, and with PostgreSQL's own."""
    return [
        ("our processes, PSS", moment.pss),
        ("with PostgreSQL's own, PSS", moment.pss + moment.database),
        ("our processes, RSS added up", moment.rss),
        ("with PostgreSQL's own, RSS added up", moment.rss + moment.database),
    ]


def kept(total: int) -> bool:
    """Whether a total is within what is allowed."""
    return total <= MEMORY_TARGET * MB


async def run(plan: Plan, tell: Callable[[str], None]) -> Memory:
    """Measure an instance with the demo, idle and after a load of so many requests, 2,000 where nothing is said."""
    found = Memory()
    tell("starting an instance with the demo")
    async with whole_instance() as whole, LoadGenerator.started() as load:
        tell("it is up, and the demo is loaded")
        found.moments.append(await _look(whole, "after a start with the demo"))
        requests = await _requests(whole)
        await load.define("all", requests)
        tell("asking it for everything")
        connections = max(plan.connections)
        try:
            measured = await load.run(
                Job(
                    set="all",
                    port=whole.port,
                    connections=connections,
                    warm_up=0.0,
                    seconds=0.0,
                    most_seconds=_MOST_SECONDS,
                    least=round(plan.seconds * _PER_SECOND),
                    processes={},
                )
            )
        except RunFailed as failure:
            tell(f"the load failed: {failure}")
            raise
        found.requests = measured.requests
        found.moments.append(await _look(whole, f"after {measured.requests:,} requests on {connections} connections"))
    return found


async def _requests(whole: Whole) -> list[list[str]]:
    token = await whole.token()
    raw = [Request("GET", path, token).raw() for path in LOADED]
    return [raw[place % len(raw) :] + raw[: place % len(raw)] for place in range(SLOTS)]


async def _look(whole: Whole, when: str) -> Moment:
    processes = await asyncio.to_thread(lambda: [_held(name, pid) for name, pid in sorted(whole.pids().items())])
    database = whole.database_pids()
    private = await asyncio.to_thread(lambda: sum(_without_shared(pid) for pid in database))
    return Moment(when, processes, private, len(database))


def _held(name: str, pid: int) -> Held:
    memory = psutil.Process(pid).memory_full_info()
    return Held(name, memory.rss, memory.pss, memory.uss)


def _without_shared(pid: int) -> int:
    """Return what a process of PostgreSQL holds, its part of shared libraries too, but no shared memory."""
    try:
        return private_of(psutil.Process(pid).memory_maps(grouped=True))
    except psutil.NoSuchProcess:  # a worker of PostgreSQL that has just ended
        return 0


def private_of(maps: Iterable[Any]) -> int:
    """Return how much of the maps is not PostgreSQL's shared memory."""
    return sum(int(one.pss) for one in maps if not one.path.startswith(_SHARED_MEMORY))


def _mb(size: int) -> float:
    return round(size / MB, 1)
