"""What the flow of the imported CRM opportunities must be, recomputed in plain Python from its rows alone.

A row is engaged on a day, in the second stage by that, and perhaps won or lost on another; one without a date began
when it was imported. Nothing here reads what the product keeps.
"""

import csv
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

STAGES = 8
ENGAGED = 2
KEYS = (
    "find_contact",
    "confirm_need",
    "map_organisation",
    "set_target",
    "shortlist",
    "selected",
    "negotiate",
    "close",
)


@dataclass(frozen=True, slots=True)
class Deal:
    """A row of the source."""

    agent: str
    manager: str
    line: str
    engaged: date | None
    closed: date | None
    won: bool
    value: Decimal

    def reached(self, day: date) -> int:
        """Return the highest stage reached before a day, 0 for none; who is not dated began after every day."""
        if self.engaged is None or self.engaged >= day:
            return 0
        return STAGES if self.won and self.closed is not None and self.closed < day else ENGAGED

    def is_open(self, day: date) -> bool:
        """Whether it is undecided before a day."""
        return self.closed is None or self.closed >= day


@dataclass(frozen=True, slots=True)
class Window:
    """The days from one to before another, and the first day after that as of which it is told."""

    begin: date
    end: date
    told: date


def read_deals(folder: Path) -> list[Deal]:
    """Read the rows of the source."""

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    managers = {row["sales_agent"]: row["manager"] for row in rows("sales_teams.csv")}
    series = {row["product"].replace(" ", ""): row["series"] for row in rows("products.csv")}
    return [
        Deal(
            row["sales_agent"],
            managers[row["sales_agent"]],
            series[row["product"].replace(" ", "")],
            date.fromisoformat(row["engage_date"]) if row["engage_date"] else None,
            date.fromisoformat(row["close_date"]) if row["close_date"] else None,
            row["deal_stage"] == "Won",
            Decimal(row["close_value"] or 0),
        )
        for row in rows("sales_pipeline.csv")
    ]


def win_rate(deals: Sequence[Deal], window: Window) -> dict[str, Any]:
    """Return what was decided in the window."""
    decided = [one for one in deals if one.closed is not None and window.begin <= one.closed < window.end]
    won = [one for one in decided if one.won]
    cycles = [(one.closed - one.engaged).days for one in won if one.closed and one.engaged]
    return {
        "won": (len(won), sum((one.value for one in won), Decimal(0))),
        "lost": (len(decided) - len(won), Decimal(0)),
        "win_rate": _ratio(len(won), len(decided)),
        "cycles": len(cycles),
        "mean_cycle_days": _ratio(sum(cycles), len(cycles)),
    }


def conversions(deals: Sequence[Deal], window: Window) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Return by two stages the size of the cohort and how many of it reached the later one: of all, of the decided."""
    found = {}
    for first in range(1, STAGES):
        cohort = [one for one in deals if one.reached(window.begin) < first <= one.reached(window.end)]
        decided = [one for one in cohort if not one.is_open(window.told)]
        for then in range(first + 1, STAGES + 1):
            reached = [sum(one.reached(window.told) >= then for one in some) for some in (cohort, decided)]
            found[KEYS[first - 1], KEYS[then - 1]] = (len(cohort), reached[0], len(decided), reached[1])
    return found


def times(deals: Sequence[Deal], window: Window) -> dict[str, tuple[int, list[float] | None]]:
    """Return of those that left the second stage in the window, and of the won ones, how many and their quartiles."""
    left = [one for one in deals if one.engaged and one.closed and window.begin <= one.closed < window.end]
    return {
        name: (len(days), statistics.quantiles(days, n=4, method="inclusive") if len(days) > 1 else None)
        for name, days in (
            ("left", [(one.closed - one.engaged).days for one in left if one.closed and one.engaged]),
            ("won", [(one.closed - one.engaged).days for one in left if one.won and one.closed and one.engaged]),
        )
    }


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def is_shown(told: str | None, exact: Fraction | float | None) -> bool:
    """Whether a figure is told as it is, rounded to the decimals that it is told with."""
    if told is None or exact is None:
        return told is None and exact is None
    shown = Decimal(told)
    places = -int(shown.as_tuple().exponent)
    return abs(Fraction(told) - Fraction(exact)) <= Fraction(1, 2 * 10**places)


def compare_win_rate(answer: dict[str, Any], found: dict[str, Any]) -> None:
    """Fail where a win rate is told otherwise."""
    assert {name: (answer[name]["count"], Decimal(answer[name]["amount"])) for name in ("won", "lost")} == {
        name: found[name] for name in ("won", "lost")
    }
    assert answer["lost"]["unknown_amount"] == found["lost"][0]
    assert answer["cycles"] == found["cycles"]
    assert is_shown(answer["win_rate"], found["win_rate"])
    assert is_shown(answer["mean_cycle_days"], found["mean_cycle_days"])


def compare_conversions(answer: dict[str, Any], found: dict[tuple[str, str], tuple[int, int, int, int]]) -> None:
    """Fail where a conversion is told otherwise."""
    told = {
        (one["from_stage"], one["to_stage"]): (
            one["all"]["cohort"],
            one["all"]["reached"],
            one["decided_only"]["cohort"],
            one["decided_only"]["reached"],
        )
        for one in answer["conversions"]
    }
    assert told == found
    for one in answer["conversions"]:
        share = one["all"]
        assert is_shown(share["rate"], _ratio(share["reached"], share["cohort"]))


def compare_times(answer: dict[str, Any], found: dict[str, tuple[int, list[float] | None]]) -> None:
    """Fail where a time in a stage is told otherwise; nothing ever left another stage than the second."""
    for line in answer["stages"]:
        for name in ("left", "won"):
            pace = line[name]
            count, quartiles = found[name] if line["stage"] == KEYS[ENGAGED - 1] else (0, None)
            assert pace["count"] == count, (line["stage"], name)
            if count > 1:
                told = [pace["percentile_25"], pace["median"], pace["percentile_75"]]
                assert all(is_shown(*pair) for pair in zip(told, quartiles or [], strict=True)), told
