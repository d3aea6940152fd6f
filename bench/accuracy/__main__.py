"""Compares suggested figures with what was sold: `python -m bench.accuracy`; writes bench/results/accuracy.json.

A cycle for each of the last twelve months of the data: each person's figure is suggested by the product's own process
(`services.forecast.suggestion`) from the months before, rolled up along the line, and compared with what was sold.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import results
from bench.accuracy.cycles import Cycle, run_cycles
from bench.accuracy.figures import as_json, beside, gain, summary
from bench.accuracy.sales import Sales, SalesMissing, default_folder, read_sales
from bench.accuracy.tables import show
from bench.measuring import Plan

CYCLES = 12
EARLIER = 6
"""The same is looked at as it would have been so many months earlier: one good year may be luck."""

WIDTH = 130


def last_months(sales: Sales, *, earlier: int) -> list[int]:
    """Return the months whose cycles are run: the last ones that have a month before them."""
    return list(range(max(len(sales.months) - CYCLES - earlier, 1), len(sales.months)))


def content_of(sales: Sales, cycles: Sequence[Cycle]) -> dict[str, Any]:
    """Return what is written: rows and summary of the last cycles, and how earlier ones would have ended."""
    last = cycles[-CYCLES:]
    windows = []
    for before in range(len(cycles) - CYCLES + 1):
        window = cycles[len(cycles) - before - CYCLES : len(cycles) - before]
        people = beside([row for cycle in window for row in cycle.rows if row.level == "person"])
        windows.append(
            {"until": window[-1].rows[0].month, "gain": gain(people)}
            | {name: each.wape for name, each in people.items()}
        )
    return {
        "months": [cycle.rows[0].month for cycle in last],
        "data_from": f"{sales.months[0]:%Y-%m}",
        "people": len(sales.sellers),
        "rows": [as_json(row) for cycle in last for row in cycle.rows],
        "summary": summary(last),
        "windows": windows,
    }


def main(words: Sequence[str] | None = None) -> int:
    """Run the cycles, print the table, write the JSON; without the sales say why there is nothing to report."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the reseller sales")
    parser.add_argument("--earlier", type=int, default=EARLIER, help=f"so many earlier years are tried too ({EARLIER})")
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="folder for the JSON (bench/results)")
    given = parser.parse_args(words)
    console = Console(width=max(Console().width, WIDTH))
    try:
        sales = read_sales(given.data or default_folder())
    except SalesMissing as missing:
        console.print(f"nothing to report: {missing}", markup=False, highlight=False)
        return 0
    cycles = asyncio.run(run_cycles(sales, last_months(sales, earlier=given.earlier)))
    content = content_of(sales, cycles)
    show(content, console)
    path = results.keep("accuracy", results.conditions(Plan(), {}), content, given.results)
    console.print(f"written to {path}", markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
