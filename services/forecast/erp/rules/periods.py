"""Periods of a plan: months or weeks, each from its first day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MONTHS_OF_YEAR = 12


class PeriodKind(StrEnum):
    """How long the periods of a plan are."""

    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The periods of a plan from the first to the last, each named by its first day."""

    kind: PeriodKind
    first: date
    last: date

    def periods(self) -> Iterator[date]:
        """Yield the first day of each period, in order; none is left out."""
        period = self.first
        while period <= self.last:
            yield period
            period = following(self.kind, period)


def following(kind: PeriodKind, period: date) -> date:
    """Return the first day of the period after the one that begins on a day."""
    if kind is PeriodKind.WEEK:
        return period + timedelta(days=7)
    year, month = divmod(period.year * MONTHS_OF_YEAR + period.month, MONTHS_OF_YEAR)
    return date(year, month + 1, 1)


def last_day(kind: PeriodKind, period: date) -> date:
    """Return the last day of the period that begins on a day."""
    return following(kind, period) - timedelta(days=1)
