"""Measures matching: `python -m bench.matching`; prints a table, writes bench/results/matching.json and the curves."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import results
from bench.matching.arrival import arrive
from bench.matching.chinese import measure_chinese
from bench.matching.curves import PICTURE, Curve, draw
from bench.matching.gold import GOLD, GoldMissing, Row, chicago, legal_names, restaurants, short_and_full
from bench.matching.invented import invented, stores
from bench.matching.invented_chinese import invented_chinese
from bench.matching.pairs import Measured, measure_labelled, measure_list, quality
from bench.measuring import Plan
from services.customer.matching.rules.weights import WEIGHTS

_COLUMNS = (
    "set", "precision", "recall", "f1", "review_share", "blocking_recall", "closed_precision", "closed_f1",
    "arrival_precision", "arrival_f1", "missed_pairs", "suspected_labels", "wrong_pairs", "rank_1", "microseconds",
)  # fmt: skip
REMARK = (
    "suspected_labels: true pairs whose name, address and phone all differ, so likely faults of the labels (about 42 "
    "of Chicago's 1,581); they count as missed. missed_share is without them, missed_pairs with them."
)
_SEEDS = (1, 2, 3)


def _list_figures(measured: Measured, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of a list: each pair by itself, and rows arriving one after the other."""
    arrived = arrive(rows)
    measured.rows_in_review = arrived.in_review
    precision, recall, f1 = quality(arrived.automatic, arrived.true)
    return measured.figures() | {
        "arrival_precision": precision,
        "arrival_recall": recall,
        "arrival_f1": f1,
        "arrival_wrong_rows": arrived.wrong_rows,
        "arrival_left": len(arrived.true - arrived.automatic - arrived.by_person),
    }


def measured_rows() -> tuple[list[dict[str, Any]], list[Curve]]:
    """Measure all sets; return the rows of the table and the curves."""
    names = legal_names()
    lists = {
        "er-chicago-sites": chicago(),
        "er-chicago-sites, no address": chicago(addresses=False),
        "invented look-alikes": invented(names, companies=500, seed=_SEEDS[0]),
        "invented stores of chains": stores(names, companies=150, seed=_SEEDS[1]),
        "invented Chinese companies": invented_chinese(short_and_full(), companies=200, seed=_SEEDS[2]),
    }
    found: list[dict[str, Any]] = []
    curves: list[Curve] = []
    for name, rows in lists.items():
        measured = measure_list(name, rows)
        found.append(_list_figures(measured, rows))
        curves.append(Curve(name, measured.points, 2 * len(measured.true)))
    labelled = measure_labelled("er-fodors-zagats", restaurants())
    found.insert(2, labelled.figures())
    curves.insert(2, Curve(labelled.name, labelled.points, len(labelled.true)))
    found += [looked_up.figures() for looked_up in measure_chinese()]
    return found, curves[:4]


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) and value <= 1 else f"{value}"


def show(rows: Sequence[dict[str, Any]], console: Console) -> None:
    """Print the table."""
    table = Table(title="matching: automatic decisions")
    for column in _COLUMNS:
        table.add_column(column.replace("_", " "), justify="left" if column == "set" else "right")
    for row in rows:
        table.add_row(*(_shown(row.get(column)) for column in _COLUMNS))
    console.print(table)
    console.print(REMARK)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=__doc__)
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="folder for the JSON (bench/results)")
    parser.add_argument("--picture", type=Path, default=PICTURE, help=f"where the curves go ({PICTURE.name})")
    given = parser.parse_args(words)
    console = Console(width=max(Console().width, 230))
    try:
        rows, curves = measured_rows()
    except GoldMissing as missing:
        console.print(f"matching: {missing}", style="red", markup=False)
        return 1
    show(rows, console)
    draw(curves, WEIGHTS, given.picture)
    content = {"weights_version": WEIGHTS.version, "gold": GOLD.name, "remark": REMARK, "rows": rows}
    path = results.keep("matching", results.conditions(Plan(), {}), content, given.results)
    console.print(f"written to {path} and {given.picture}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
