"""How healthy is a stage? Its occupancy against what it used to be at the same relative day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from servicekit.values.dates import Period, quarter_before, quarter_of
from servicekit.values.money import in_one_unit

PERIODS = 4
"""How many earlier quarters the baseline rests on."""
EXCELLENT = 100
"""Percent of the baseline."""
GOOD = 70
SHOWN = Decimal("0.01")


class HealthState(StrEnum):
    """Excellent from 100 %, good from 70 %, a warning below; unknown without a baseline."""

    EXCELLENT = "excellent"
    GOOD = "good"
    WARNING = "warning"
    UNKNOWN = "unknown"


class Trend(StrEnum):
    """Where health goes since the same relative day of the period before; unknown where either is not known."""

    RISING = "rising"
    LEVEL = "level"
    FALLING = "falling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """`percent` has two decimals; it and `baseline` are None where nothing is known; `ratio` is unrounded."""

    percent: Decimal | None
    state: HealthState
    baseline: Decimal | None
    ratio: Fraction | None = None


NO_HEALTH = Health(None, HealthState.UNKNOWN, None)


def health(current: Decimal | int, before: Sequence[Decimal | int]) -> Health:
    """Compare with the mean of earlier occupancies; none, or a mean of 0, is unknown."""
    if not before:
        return NO_HEALTH
    (now, *earlier), unit = in_one_unit([current, *before])
    total, periods = sum(earlier), len(earlier)
    baseline = _rounded(total, periods * unit)
    if total == 0:
        return Health(None, HealthState.UNKNOWN, baseline)
    part = now * periods * 100
    state = _state(part, total)
    shown = _rounded(part, total)
    if _state(*shown.as_integer_ratio()) is not state:
        shown = _rounded(part, total, ROUND_DOWN)  # 99.996 % is good: it must not read 100.00
    return Health(shown, state, baseline, Fraction(part, total))


def trend(now: Health, before: Health) -> Trend:
    """Compare two healths unrounded."""
    if now.ratio is None or before.ratio is None:
        return Trend.UNKNOWN
    if now.ratio == before.ratio:
        return Trend.LEVEL
    return Trend.RISING if now.ratio > before.ratio else Trend.FALLING


def _state(part: int, whole: int) -> HealthState:
    """Return the state of an unrounded percentage, given as a ratio."""
    if part >= EXCELLENT * whole:
        return HealthState.EXCELLENT
    return HealthState.GOOD if part >= GOOD * whole else HealthState.WARNING


def _rounded(part: int, whole: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(SHOWN, rounding=rounding)


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
        found.append(Comparison(earlier, min(earlier.start + elapsed, earlier.last_day)))
    return found


def days_with_history(days: Sequence[Comparison], first_recorded: date | None) -> list[Comparison]:
    """Keep the days on which anything was recorded yet: before, an empty stage says nothing."""
    return [day for day in days if first_recorded is not None and day.day >= first_recorded]


@dataclass(frozen=True, slots=True)
class Compared:
    """A day and the days that its baseline may rest on, the latest first."""

    day: date
    before: Sequence[Comparison]


def days_compared(as_of: date, first_recorded: date | None) -> tuple[Compared, Compared | None]:
    """Return the day with what it is compared with, and the same relative day of the quarter before with its own.

    The latter is None where nothing was recorded yet: whether health rises or falls is not known then.
    """
    now = _compared(as_of, first_recorded)
    return now, _compared(now.before[0].day, first_recorded) if now.before else None


def days_read(compared: Sequence[Compared | None]) -> list[date]:
    """Return every day that a report looks at, the day that it is about first."""
    found = [each for each in compared if each is not None]
    return list(dict.fromkeys(day for each in found for day in (each.day, *(one.day for one in each.before))))


def _compared(day: date, first_recorded: date | None) -> Compared:
    return Compared(day, days_with_history(baseline_days(day), first_recorded))
