"""The report on accuracy, to be read."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

HEADINGS = {"forecast": "suggested", "naive_year": "same month last year", "naive_three": "mean of last three"}


def show(content: Mapping[str, Any], console: Console) -> None:
    """Print WAPE and bias by level and person beside the naive forecasts, and how earlier years would have ended."""
    summary = content["summary"]
    months = f"{content['months'][0]} to {content['months'][-1]}"
    table = Table(title=f"What was suggested for each month, {months}, against what was sold")
    table.add_column("level, person")
    for heading in HEADINGS.values():
        table.add_column(f"{heading}: WAPE", justify="right")
        table.add_column("bias", justify="right")
    for level, found in summary["levels"].items():
        table.add_row(f"{level} × month", *_cells(found), style="bold" if level == "person" else None)
    table.add_section()
    for person, found in summary["persons"].items():
        table.add_row(person, *_cells(found))
    console.print(table)
    earlier = Table(title="The same for years that end earlier, person × month")
    for heading in ("twelve months until", *HEADINGS.values(), "lower by"):
        earlier.add_column(heading, justify="right" if heading != "twelve months until" else "left")
    for window in content["windows"]:
        earlier.add_row(window["until"], *(_shown(window[name]) for name in HEADINGS), _share(window["gain"]))
    console.print(earlier)
    console.print(
        f"Person × month: {_share(summary['gain'])} lower WAPE than the better naive forecast "
        f"(wanted: {_share(summary['least_gain'])}). By customer group and product line: "
        f"{_shown(summary['parts']['wape'])}. A figure that could not be suggested counts as 0.",
        highlight=False,
    )
    console.print(
        "Suggested by the product's own process (services.forecast.suggestion), "
        "from the months before the cycle's alone.",
        highlight=False,
    )


def _cells(found: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    return [_shown(found[name][figure]) for name in HEADINGS for figure in ("wape", "bias")]


def _shown(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.4f}"


def _share(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.1%}"
