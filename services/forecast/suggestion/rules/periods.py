"""As of which day a cycle's figures are suggested, and which months that takes."""

from datetime import date
from typing import ClassVar

from servicekit.values.dates import Period, add_months
from servicekit.values.errors import RuleViolated

MOST_MONTHS = 60
"""So far back a history goes: what was won before says little of what comes."""


class SuggestedTooLate(RuleViolated):
    """A figure is suggested before its period begins, from what is known by then; `latest` is the last day."""

    code = "suggested_too_late"
    members: ClassVar[tuple[str, ...]] = ("latest",)

    def __init__(self, latest: date) -> None:
        super().__init__(
            f"Figures rest on what was won before their period and before today: as of {latest} at the latest.",
            field="/as_of",
        )
        self.latest = latest.isoformat()


def as_of_day(period: Period, today: date, wanted: date | None) -> date:
    """Return the day before which what was won counts.

    Raises:
        SuggestedTooLate: the day that is wanted lies after today or after the first day of the period.
    """
    latest = min(period.start, today)
    if wanted is not None and wanted > latest:
        raise SuggestedTooLate(latest)
    return wanted or latest


def history_months(as_of: date) -> Period:
    """Return the whole months before a day that a history is made of."""
    end = as_of.replace(day=1)
    return Period(add_months(end, -MOST_MONTHS), end)


def months_of(period: Period) -> list[date]:
    """Return the first days of the months of a period."""
    return [add_months(period.start, month) for month in range(months_between(period.start, period.end))]


def months_between(start: date, end: date) -> int:
    """Return how many months lie between two first days of months."""
    return (end.year - start.year) * 12 + end.month - start.month
