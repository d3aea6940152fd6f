"""How operations grow with what the base holds: the same operation at several sizes, beside the smallest of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Growth:
    """An operation through one path on so many connections: by size its figure, and how many times the smallest's.

    The figure is latency in milliseconds on one connection, requests per second on several; a ratio above 1 is slower.
    """

    operation: str
    path: str
    connections: int
    figures: Mapping[int, float]
    times: Mapping[int, float]

    def as_row(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "operation": self.operation,
            "path": self.path,
            "connections": self.connections,
            "unit": "ms" if self.connections == 1 else "requests/s",
            "figures": {str(size): figure for size, figure in self.figures.items()},
            "times_smallest": {str(size): times for size, times in self.times.items()},
        }


def growths(rows: Sequence[Mapping[str, Any]]) -> list[Growth]:
    """Return how each operation grows that was measured at more than one size."""
    by_cell: dict[tuple[str, str, int], dict[int, float]] = {}
    for row in sorted(rows, key=lambda one: int(one["opportunities"])):
        figure = row["p50_ms"] if row["connections"] == 1 else row["rate"]
        by_cell.setdefault((row["operation"], row["path"], row["connections"]), {})[row["opportunities"]] = figure
    return [Growth(*cell, figures, _times(cell[2], figures)) for cell, figures in by_cell.items() if len(figures) > 1]


def show(found: Sequence[Growth], console: Console) -> None:
    """Print how each operation grows."""
    sizes = sorted({size for one in found for size in one.figures})
    table = Table(title="growth: figure at each number of opportunities (times the smallest; more is slower)")
    for heading in ("operation", "path"):
        table.add_column(heading)
    for heading in ("conn.", *(f"{size:,}" for size in sizes)):
        table.add_column(heading, justify="right")
    for one in sorted(found, key=lambda each: (each.operation, each.path, each.connections)):
        table.add_row(one.operation, one.path, str(one.connections), *(_shown(one, size) for size in sizes))
    console.print(table)


def _times(connections: int, figures: Mapping[int, float]) -> dict[int, float]:
    smallest = figures[min(figures)]
    return {
        size: round(figure / smallest if connections == 1 else smallest / figure, 2) for size, figure in figures.items()
    }


def _shown(one: Growth, size: int) -> str:
    if size not in one.figures:
        return "–"
    figure = f"{one.figures[size]:.2f} ms" if one.connections == 1 else f"{one.figures[size]:,.0f}/s"
    return f"{figure} ({one.times[size]:.2f})"
