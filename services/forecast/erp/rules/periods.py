"""Periods as ERP systems plan: months, or whole weeks from Monday on.

A plan by weeks tells the parts of a week apart that lie in two months; an ERP system knows the one week.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from servicekit.values.dates import month_of
from services.forecast.cycles.rules.definition import PlanPeriod

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The periods of a plan from the first to the last, each named by its first day."""

    kind: PlanPeriod
    first: date
    last: date

    @property
    def end(self) -> date:
        """The first day after the last period."""
        return following(self.kind, self.last)

    def periods(self) -> Iterator[date]:
        """Yield the first day of each period, in order; none is left out."""
        period = self.first
        while period <= self.last:
            yield period
            period = following(self.kind, period)


def following(kind: PlanPeriod, period: date) -> date:
    """Return the first day of the period after the one that begins on a day."""
    return period + WEEK if kind is PlanPeriod.WEEK else month_of(period).end


def last_day(kind: PlanPeriod, period: date) -> date:
    """Return the last day of the period that begins on a day."""
    return following(kind, period) - timedelta(days=1)
