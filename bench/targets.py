"""What speed has been promised, and whether a table keeps it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

FLOOR_TARGET = 2.0
"""An operation straight from the service takes at most so many times its floor."""
GATEWAY_TARGET = 0.8
"""On one connection the gateway adds at most so many times the floor of `get`."""
GATEWAY_CPU_TARGET = 350.0
"""Microseconds of CPU that the gateway's process may spend on a request, on sixteen connections."""
FUNNEL_TARGET = 3.0
"""A funnel takes at most so many times a single read."""
GATHERING_TARGET = 5.0
"""A manager's gathering takes at most so many times a single read of a forecast, on one connection."""
PUBLISHING_MEMORY_TARGET = 32.0
"""MB that the service holds more at the most while a plan is published, however many lines it comes from."""
GATHERINGS = ("gather_of_manager", "gather_of_small_manager")
MEMORY_TARGET = 700.0
"""MB (10^6 bytes) that all processes hold together, PostgreSQL's shared memory aside."""
WORKERS_TARGET = 1.7
"""Two processes of a service do at least so many times what one does, on a machine that is free for them."""
AGAINST_FLOOR = ("get", "list", "create", "stage_change")
_MOVEMENTS = (
    "movement_of_quarter",
    "movement_of_company",
    "movement_of_company_so_far",
    "movement_of_manager",
    "movement_of_small_manager",
)
AT_MOST_MS = {
    "funnel_of_manager_as_of": 1000.0,
    "funnel_of_company_as_of": 1000.0,
    **dict.fromkeys(_MOVEMENTS, 2000.0),
    "gather_of_head": 2000.0,
    "gather of head": 2000.0,
    "publish": 10_000.0,
}
"""Milliseconds that a look back, the first at a day too, and the head's gathering take at most on one connection."""
BUSY_TARGETS = {"stage_change": 1.5}
"""On sixteen connections what people do all day takes at most so many times its floor."""
FUNNELS = ("funnel_of_manager", "funnel_of_company")

_ONE, _SEVERAL = 1, 16


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise at one size on so many connections: what is allowed and what was measured, in `unit`."""

    promise: str
    opportunities: int
    connections: int
    unit: str
    most: float
    measured: float

    @property
    def is_kept(self) -> bool:
        """Whether what was measured is within what is allowed."""
        return self.measured <= self.most

    def as_row(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "promise": self.promise,
            "opportunities": self.opportunities,
            "connections": self.connections,
            "unit": self.unit,
            "most": self.most,
            "measured": self.measured,
            "kept": self.is_kept,
        }


class _Figures:
    """The rows of a table, each at hand by what it is of."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], floors: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {_key(row, row["path"]): row for row in rows}
        self._rows |= {_key(row, row["floor"]): row for row in floors}

    def of(self, operation: str, target: str, connections: int, size: int) -> Mapping[str, Any] | None:
        """Return a row, if that was measured."""
        return self._rows.get((operation, target, connections, size))


def verdicts(rows: Sequence[Mapping[str, Any]], floors: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Return the verdict on each promise that a table has the figures for, at each size."""
    figures = _Figures(rows, floors)
    sizes = sorted({row["opportunities"] for row in rows})
    return [verdict for size in sizes for verdict in _of_size(figures, size)]


def show(found: Sequence[Verdict], console: Console) -> None:
    """Print the verdicts."""
    table = Table(title="targets")
    for heading in ("promise", "unit"):
        table.add_column(heading)
    for heading in ("opportunities", "conn.", "at most", "measured", ""):
        table.add_column(heading, justify="right")
    for one in found:
        table.add_row(
            one.promise,
            one.unit,
            f"{one.opportunities:,}",
            str(one.connections),
            f"{one.most:g}",
            f"{one.measured:.2f}" if one.most < GATEWAY_CPU_TARGET else f"{one.measured:,.0f}",
            "[green]pass[/]" if one.is_kept else "[red]fail[/]",
        )
    console.print(table)


def _of_size(figures: _Figures, size: int) -> Iterator[Verdict]:
    for operation in AGAINST_FLOOR:
        for connections in (_ONE, _SEVERAL):
            direct = figures.of(operation, "direct", connections, size)
            if direct is not None and direct["ratio"] is not None:
                most = FLOOR_TARGET if connections == _ONE else BUSY_TARGETS.get(operation, FLOOR_TARGET)
                yield Verdict(operation, size, connections, "× floor", most, direct["ratio"])
    yield from _of_gateway(figures, size)
    for operation in FUNNELS:
        for connections in (_ONE, _SEVERAL):
            direct = figures.of(operation, "direct", connections, size)
            read = figures.of("get", "direct", connections, size)
            if direct is not None and read is not None:
                times = _times(direct, read, connections)
                yield Verdict(operation, size, connections, "× get", FUNNEL_TARGET, times)
    yield from _of_gathering(figures, size)
    for operation, most in AT_MOST_MS.items():
        direct = figures.of(operation, "direct", _ONE, size)
        if direct is not None:
            yield Verdict(operation, size, _ONE, "ms", most, direct["p50_ms"])


def _of_gateway(figures: _Figures, size: int) -> Iterator[Verdict]:
    direct, through, floor = (figures.of("get", target, _ONE, size) for target in ("direct", "gateway", "bare"))
    if direct is not None and through is not None and floor is not None:
        added = round((through["p50_ms"] - direct["p50_ms"]) / floor["p50_ms"], 2)
        yield Verdict("gateway adds", size, _ONE, "× floor of get", GATEWAY_TARGET, added)
    busy = figures.of("get", "gateway", _SEVERAL, size)
    if busy is not None and "gateway" in busy["cpu_by_process"]:
        spent = round(busy["cpu_by_process"]["gateway"] * 1000, 1)
        yield Verdict("gateway's process", size, _SEVERAL, "µs of CPU per get", GATEWAY_CPU_TARGET, spent)


def _of_gathering(figures: _Figures, size: int) -> Iterator[Verdict]:
    read = figures.of("read", "direct", _ONE, size)
    for operation in GATHERINGS:
        direct = figures.of(operation, "direct", _ONE, size)
        if direct is not None and read is not None:
            yield Verdict(operation, size, _ONE, "× read", GATHERING_TARGET, _times(direct, read, _ONE))


def _times(row: Mapping[str, Any], other: Mapping[str, Any], connections: int) -> float:
    """Return how many times the other it takes: by latency on one connection, by throughput on several."""
    if connections == _ONE:
        return round(float(row["p50_ms"] / other["p50_ms"]), 2)
    return round(float(other["rate"] / row["rate"]), 2)


def _key(row: Mapping[str, Any], target: str) -> tuple[str, str, int, int]:
    return row["operation"], target, row["connections"], row["opportunities"]
