"""How healthy is a stage? Its occupancy against what it used to be at the same relative day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from servicekit.values.dates import Period, quarter_before, quarter_of

PERIODS = 4
"""How many earlier quarters the baseline rests on."""
EXCELLENT = Fraction(100)
GOOD = Fraction(70)
SHOWN = Decimal("0.01")


class HealthState(StrEnum):
    """Excellent from 100 %, good from 70 %, a warning below; unknown without a baseline."""

    EXCELLENT = "excellent"
    GOOD = "good"
    WARNING = "warning"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """`percent` has two decimals; both it and `baseline` are None where nothing is known."""

    percent: Decimal | None
    state: HealthState
    baseline: Decimal | None


NO_HEALTH = Health(None, HealthState.UNKNOWN, None)


def state_of(percent: Fraction) -> HealthState:
    """Return the state of an unrounded percentage."""
    if percent >= EXCELLENT:
        return HealthState.EXCELLENT
    return HealthState.GOOD if percent >= GOOD else HealthState.WARNING


def health(current: Decimal | int, before: Sequence[Decimal | int]) -> Health:
    """Compare with the mean of earlier occupancies; none, or a mean of 0, is unknown."""
    if not before:
        return NO_HEALTH
    mean = sum((Fraction(value) for value in before), Fraction(0)) / len(before)
    baseline = rounded(mean)
    if mean == 0:
        return Health(None, HealthState.UNKNOWN, baseline)
    percent = Fraction(current) / mean * 100
    state = state_of(percent)
    shown = rounded(percent)
    if state_of(Fraction(shown)) is not state:
        shown = rounded(percent, ROUND_DOWN)  # 99.996 % is good: it must not read 100.00
    return Health(shown, state, baseline)


def rounded(value: Fraction, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return the value with two decimals."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(SHOWN, rounding=rounding)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day of an earlier quarter that a baseline rests on."""

    quarter: Period
    day: date


def baseline_days(as_of: date, periods: int = PERIODS) -> list[Comparison]:
    """Return the same relative day of each earlier quarter, latest first, capped at the quarter's last day."""
    quarter = quarter_of(as_of)
    elapsed = as_of - quarter.start
    found = []
    for count in range(1, periods + 1):
        earlier = quarter_before(quarter, count)
        found.append(Comparison(earlier, min(earlier.start + elapsed, earlier.end - timedelta(days=1))))
    return found


def days_with_history(days: Sequence[Comparison], first_recorded: date | None) -> list[Comparison]:
    """Keep the days on which anything was recorded yet: before, an empty stage says nothing."""
    return [day for day in days if first_recorded is not None and day.day >= first_recorded]
