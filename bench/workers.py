"""What a second process of a service brings: rounds with one and with two in turn, on the most connections.

The load generator and PostgreSQL run on the same machine, so the table says who kept how many cores busy, and how much
more these cores have room for at the cost of a request: what two processes cannot pass, however well they share.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.data import Data
from bench.instance import Instance, fresh_instance
from bench.load import Job
from bench.loading import LoadGenerator, Measured
from bench.measuring import Plan, rest
from bench.operations import Operation, first_operations
from bench.targets import WORKERS_TARGET
from keyaccount.database_urls import with_database
from keyaccount.provisioning import DATABASE

COMPARED = ("get", "list", "create", "stage_change")
LOAD, ELSEWHERE = "load generator", "elsewhere"
_UNEVEN = 0.65
"""One of two processes that does so much of their work was dealt too many connections."""
_NEARLY_ALL = 0.9
_WARM_UP = 4
"""So many times what is measured goes by before: each connection of a new process prepares its statements first."""
_WARM_SECONDS = 25.0
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Round:
    """One run: requests per second, and how many cores each party kept busy meanwhile."""

    rate: float
    cores: Mapping[str, float]
    """By process of the service, `postgres`, `load generator`, the other processes of the instance, and `elsewhere`."""

    @classmethod
    def of(cls, measured: Measured) -> "Round":
        """Return what a run amounts to."""
        cores = {name: spent * measured.rate / 1000 for name, spent in measured.cpu_ms.items()}
        cores[LOAD] = measured.load_cores
        return cls(measured.rate, cores | {ELSEWHERE: max(0.0, measured.busy_cores - sum(cores.values()))})


@dataclass(frozen=True)
class Comparison:
    """One operation by one process and by two, a round each in turn; `cores` are those of the machine."""

    operation: str
    one: Sequence[Round]
    two: Sequence[Round]
    cores: int

    @property
    def times(self) -> float:
        """How many times one process's rate two have: the median over the rounds, each beside its neighbour."""
        return median(two.rate / one.rate for one, two in zip(self.one, self.two, strict=True))

    @property
    def most_times(self) -> float:
        """How many times one's rate this machine had room for, at what a request costs all who take part in it."""
        rooms = []
        for one in self.one:
            here = sum(spent for name, spent in one.cores.items() if name != ELSEWHERE)
            rooms.append(max(1.0, (self.cores - one.cores[ELSEWHERE]) / here))
        return median(rooms)

    @property
    def held_back(self) -> str:
        """What held two processes back; nothing if they do what is promised."""
        if self.times >= WORKERS_TARGET:
            return ""
        busy = median(sum(one.cores.values()) for one in self.two)
        if self.most_times < WORKERS_TARGET or busy >= _NEARLY_ALL * self.cores:
            parties = ", ".join(f"{name} {spent:.2f}" for name, spent in self.cores_of(self.two).items())
            return f"{self.cores} cores, of which {busy:.2f} busy: {parties}; room for {self.most_times:.2f} × one"
        if (share := self.greatest_share()) >= _UNEVEN:
            return f"connections were dealt out unevenly: one process did {share:.0%} of the work"
        return f"waiting, not CPU: only {busy:.2f} of {self.cores} cores were busy"

    def greatest_share(self) -> float:
        """Return how much of the work of two the busier one did."""
        shares = []
        for one in self.two:
            spent = [value for name, value in one.cores.items() if name.startswith("opportunity")]
            shares.append(max(spent) / sum(spent))
        return median(shares)

    def cores_of(self, rounds: Sequence[Round]) -> dict[str, float]:
        """Return how many cores each party kept busy, the medians; the processes of the service together."""
        found: dict[str, list[float]] = defaultdict(list)
        for one in rounds:
            added: dict[str, float] = defaultdict(float)
            for name, spent in one.cores.items():
                added["service" if name.startswith("opportunity") else name] += spent
            for name, spent in added.items():
                found[name].append(spent)
        return {name: round(median(values), 2) for name, values in found.items() if median(values) >= 0.005}

    def as_row(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "operation": self.operation,
            "rate_of_one": [round(each.rate, 1) for each in self.one],
            "rate_of_two": [round(each.rate, 1) for each in self.two],
            "cores_of_one": self.cores_of(self.one),
            "cores_of_two": self.cores_of(self.two),
            "times": round(self.times, 2),
            "room_for_times": round(self.most_times, 2),
            "greatest_share_of_two": round(self.greatest_share(), 2),
            "least": WORKERS_TARGET,
            "kept": self.times >= WORKERS_TARGET,
            "held_back_by": self.held_back,
        }


@dataclass
class Workers:
    """What was measured on so many connections and opportunities."""

    connections: int
    size: int
    comparisons: list[Comparison] = field(default_factory=list)

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "connections": self.connections,
            "opportunities": self.size,
            "rows": [each.as_row() for each in self.comparisons],
        }

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(
            title=f"workers: one process and two, {self.connections} connections, {self.size:,} opportunities"
        )
        for heading in ("operation", "processes"):
            table.add_column(heading)
        table.add_column("rate/s", justify="right")
        table.add_column("cores that each kept busy")
        for heading in ("× one", "room for ×"):
            table.add_column(heading, justify="right")
        for each in self.comparisons:
            for name, rounds in (("one", each.one), ("two", each.two)):
                rates = [one.rate for one in rounds]
                parties = ", ".join(f"{who} {spent:.2f}" for who, spent in each.cores_of(rounds).items())
                last = (f"{each.times:.2f}", f"{each.most_times:.2f}") if name == "two" else ("", "")
                rate = f"{median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
                table.add_row(each.operation, name, rate, parties, *last)
            table.add_section()
        console.print(table)
        for each in self.comparisons:
            said = f"[red]held back:[/] {each.held_back}" if each.held_back else "[green]pass[/]"
            console.print(f"{each.operation}, at least {WORKERS_TARGET:g} × one: {said}", highlight=False)


async def run(plan: Plan, tell: Callable[[str], None]) -> Workers:
    """Measure at the largest size of the plan, on its most connections."""
    size, connections = max(plan.sizes), max(plan.connections)
    found = Workers(connections, size)
    async with fresh_instance(durable=plan.durable) as instance, LoadGenerator.started() as load:
        data = await Data.begin(with_database(instance.server.admin_url, DATABASE), people=plan.people, most=size)
        tell(f"making {size:,} opportunities")
        await data.grow(size)
        await data.settle(instance.service_settings(connections=1))
        await instance.start()
        operations = [one for one in await first_operations(data, instance.token) if one.name in COMPARED]
        for operation in operations:
            await load.define(operation.name, [[one.raw() for one in slot] for slot in operation.slots])
        rounds: dict[tuple[str, int], list[Round]] = defaultdict(list)
        for number in range(1, plan.rounds + 1):
            for processes in (1, 2):
                tell(f"round {number} of {plan.rounds}: {processes} of the service")
                await instance.serve_by(processes)
                runs = _Runs(instance, load, data, connections, plan.seconds)
                for operation in operations:
                    rounds[operation.name, processes].append(await runs.measure(operation))
        cores = os.cpu_count() or 1
        found.comparisons = [
            Comparison(one.name, rounds[one.name, 1], rounds[one.name, 2], cores) for one in operations
        ]
    return found


@dataclass(frozen=True)
class _Runs:
    instance: Instance
    load: LoadGenerator
    data: Data
    connections: int
    seconds: float

    async def measure(self, operation: Operation) -> Round:
        """Ask until both processes are warm, then measure."""
        await self.load.run(self._job(operation, _WARM_UP * self.seconds, _WARM_SECONDS))
        measured = await self.load.run(self._job(operation, self.seconds, self.seconds * _PATIENCE + 5))
        if operation.slots[0][0].is_write:
            await rest(self.data.url, self.instance.measured)
        return Round.of(measured)

    def _job(self, operation: Operation, seconds: float, most_seconds: float) -> Job:
        return Job(
            set=operation.name,
            port=self.instance.port_of("direct"),
            connections=self.connections,
            warm_up=seconds / 4,
            seconds=seconds,
            most_seconds=most_seconds,
            least=4 * self.connections,
            processes=self.instance.processes,
        )
