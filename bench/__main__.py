"""Runs benches: `python -m bench [NAME…]`; each prints its table and writes bench/results/NAME.json."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console

from bench import checks, layers, memory, publishing, results, workers
from bench.companies import CustomerBase, search_operations
from bench.data import Data
from bench.forecasts import ForecastBase, check, gathering_operations
from bench.importing import import_operations
from bench.instance import MEASURED, Instance, fresh_instance
from bench.loading import LoadGenerator, RunFailed
from bench.measuring import Base, Measuring, Plan, Results
from bench.movements import movement_operations
from bench.operations import Operation, Token, first_operations, list_operations
from keyaccount.database_urls import with_database
from keyaccount.problems import Unable
from keyaccount.provisioning import DATABASE
from servicekit.run.logs import configure_logs

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """A table of operations: of which service, which others run with it, what its database is filled with."""

    operations: Callable[[Any, Token], Awaitable[list[Operation]]]
    begin: Callable[..., Awaitable[Base]] = Data.begin
    measured: str = "opportunity"
    serving: Sequence[str] = MEASURED
    counted: str = "opportunities"
    check: Callable[[Any, Instance], Awaitable[None]] | None = None
    """Compares what the service says of the data with what it must say, before anything is measured."""


BENCHES: Mapping[str, Bench] = {
    "first": Bench(first_operations),
    "lists": Bench(list_operations),
    "import": Bench(import_operations),
    "search": Bench(search_operations, CustomerBase.begin, "customer", ("team", "customer"), "customers"),
    "gathering": Bench(
        gathering_operations,
        ForecastBase.begin,
        "forecast",
        ("team", "opportunity", "forecast"),
        "confirmed opportunities",
        check,
    ),
    "growth": Bench(first_operations),
    "movement": Bench(movement_operations),
}
Tell = Callable[[str], None]


class Found(Protocol):
    """What a bench of another form than the usual table has found."""

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""

    def show(self, console: Console) -> None:
        """Print it."""


OTHERS: Mapping[str, Callable[[Plan, Tell], Awaitable[Found]]] = {
    "memory": memory.run,
    "workers": workers.run,
    "layers": layers.run,
    "checks": checks.run,
    "publication": publishing.run,
}
"""Benches that compare something else than operations with their floors."""
PLANS = {
    "growth": Plan(sizes=(10_000, 100_000, 1_000_000), paths=("direct",), rounds=1),
    "gathering": Plan(sizes=(20_000, 200_000), connections=(1,), paths=("direct",)),
    "publication": Plan(sizes=(20_000, 200_000)),
    "movement": Plan(sizes=(10_000, 100_000, 1_000_000), connections=(1,), paths=("direct",), rounds=1),
}
"""The plans of benches that are not run by the usual one."""
ALL = (*BENCHES, *OTHERS)
_TABLE_WIDTH = 190
QUICK = Plan(sizes=(1_000,), people=300, connections=(4,), rounds=1, seconds=0.1)


def teller(name: str, console: Console) -> Tell:
    """Return what tells how far a bench is."""
    began = time.monotonic()

    def tell(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s  {name}:[/] {what}", highlight=False)

    return tell


async def run(name: str, plan: Plan, console: Console) -> Results:
    """Run one bench on an instance of its own."""
    tell = teller(name, console)
    bench = BENCHES[name]
    fresh = fresh_instance(durable=plan.durable, measured=bench.measured, serving=bench.serving)
    async with fresh as instance, LoadGenerator.started() as load:
        url = with_database(instance.server.admin_url, DATABASE)
        data = await bench.begin(url, people=plan.people, most=max(plan.sizes))
        measuring = Measuring(instance, data, load, plan, tell)
        measuring.results.counted = bench.counted
        for size in sorted(plan.sizes):
            await instance.stop()
            tell(f"filling it up to {size:,} {bench.counted}")
            began = time.monotonic()
            await data.grow(size)
            tell("counting them")
            await data.settle(instance.service_settings(connections=1))
            measuring.results.filling_seconds[size] = round(time.monotonic() - began, 1)
            tell("starting the services")
            await instance.start()
            if bench.check is not None:
                tell("comparing what the service says with what it must say")
                await bench.check(data, instance)
            await measuring.measure(size, await bench.operations(data, instance.token))
        return measuring.results


async def run_other(name: str, plan: Plan, console: Console) -> Found:
    """Run one of the benches that have a form of their own."""
    return await OTHERS[name](plan, teller(name, console))


async def _stoppable(running: Coroutine[Any, Any, T]) -> T:
    """Let SIGTERM end a bench as Ctrl-C does, with everything that it has started."""
    task = asyncio.ensure_future(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def plan_of(given: argparse.Namespace, name: str = "") -> Plan:
    """Return the plan that the command line asks for; what it leaves open is the bench's own."""
    plain = QUICK if given.quick else PLANS.get(name, Plan())
    return Plan(
        sizes=tuple(given.sizes or plain.sizes),
        people=given.people or plain.people,
        connections=tuple(given.connections or plain.connections),
        paths=tuple(given.paths or plain.paths),
        rounds=given.rounds or plain.rounds,
        seconds=given.seconds or plain.seconds,
    )


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which benches: {', '.join(ALL)} (all)")
    parser.add_argument("--quick", action="store_true", help="a smoke run on little data: figures mean nothing")
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="how many of what the bench fills in (10000 100000; growth 1000000 too)"
    )
    parser.add_argument("--people", type=int, help="how many people (10000)")
    parser.add_argument("--connections", type=int, nargs="+", help="on how many connections, at most 16 (1 16)")
    parser.add_argument("--paths", nargs="+", choices=("direct", "gateway"), help="by which paths (both)")
    parser.add_argument("--rounds", type=int, help="how many rounds (3; growth 1)")
    parser.add_argument("--seconds", type=float, help="how long one run is (0.5)")
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="folder for the JSON (bench/results)")
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in ALL]
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(ALL)}")
    return given


def _carry_out(name: str, plan: Plan, console: Console, folder: Path) -> Path:
    """Run a bench, print what it found, write it; return where."""
    if name in OTHERS:
        found = asyncio.run(_stoppable(run_other(name, plan, console)))
        found.show(console)
        return results.keep(name, results.conditions(plan, {}), found.content(), folder)
    table = asyncio.run(_stoppable(run(name, plan, console)))
    results.show(name, plan, table, console)
    return results.write(name, plan, table, folder)


def main() -> int:
    """Run what the command line asks for."""
    given = arguments()
    console = Console(width=max(Console().width, _TABLE_WIDTH))
    configure_logs("bench", "ERROR")
    for name in given.names or ALL:
        try:
            path = _carry_out(name, plan_of(given, name), console, given.results)
        except (Unable, RunFailed, asyncio.CancelledError) as failure:
            console.print(f"{name}: {failure}", style="red", markup=False)
            return 1
        console.print(f"written to {path}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
