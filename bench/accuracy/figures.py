"""WAPE and bias of forecasts, as NUMBERS.md has them: over the finest grain of each level, and of its total."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from bench.accuracy.cycles import FORECASTS, LEVELS, PERSON, Cycle, Row
from servicekit.values.misses import misses_of

LEAST_GAIN = 0.15
"""The suggested figure's WAPE is at least so much lower than that of the better naive forecast."""

ROUNDED = 6


@dataclass(frozen=True)
class Accuracy:
    """How far forecasts lay off, as shares of what was sold; None where nothing was sold."""

    wape: float | None
    bias: float | None


def accuracy_of(pairs: Iterable[tuple[Decimal, Decimal]]) -> Accuracy:
    """Return WAPE and bias of pairs of forecast and actual."""
    shares = misses_of(pairs, Decimal(0)).shares
    if shares is None:
        return Accuracy(None, None)
    return Accuracy(round(float(shares.wape), ROUNDED), round(float(shares.bias), ROUNDED))


def beside(rows: Sequence[Row]) -> dict[str, Accuracy]:
    """Return the accuracy of the suggested figure and of the naive forecasts over the same rows."""
    return {name: accuracy_of((getattr(row, name), row.actual) for row in rows) for name in FORECASTS}


def gain(of: Mapping[str, Accuracy]) -> float | None:
    """Return how much lower the WAPE is than that of the better naive forecast, as a share of it."""
    own, naive = of["forecast"].wape, [of[name].wape for name in FORECASTS[1:]]
    better = min((each for each in naive if each is not None), default=None)
    return None if own is None or not better else round(1 - own / better, ROUNDED)


def summary(cycles: Sequence[Cycle]) -> dict[str, Any]:
    """Return the accuracy over person and month, and beside it by level, person and part."""
    rows = [row for cycle in cycles for row in cycle.rows]
    people = [row for row in rows if row.level == PERSON]
    whole = beside(people)
    parts = [part for cycle in cycles for part in cycle.parts]
    return {
        **_plain(whole),
        "gain": gain(whole),
        "least_gain": LEAST_GAIN,
        "levels": {level: _plain(beside([row for row in rows if row.level == level])) for level in LEVELS},
        "persons": {
            name: _plain(beside([row for row in people if row.person == name]))
            for name in dict.fromkeys(row.person for row in people)
        },
        "parts": asdict(accuracy_of((part.amount or Decimal(0), part.actual) for part in parts)),
    }


def _plain(found: Mapping[str, Accuracy]) -> dict[str, Any]:
    return {name: asdict(each) for name, each in found.items()}


def as_json(row: Row) -> dict[str, Any]:
    """Return a row with its amounts as numbers."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in asdict(row).items()}
