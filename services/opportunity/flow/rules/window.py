"""Which days a figure looks at."""

from dataclasses import dataclass
from datetime import date, timedelta

from servicekit.values.dates import Period
from servicekit.values.errors import RuleViolated

TRAILING_DAYS = 365
EARLIEST = date(1970, 1, 1)
"""No history begins earlier (`funnel.rules.imported`)."""


class WindowNotPossible(RuleViolated):
    """The window ends before it begins, or nobody can know yet what happens in it."""

    code = "window_not_possible"


@dataclass(frozen=True, slots=True)
class Window:
    """The days looked at, and the day as of which what became of them is told."""

    days: Period
    as_of: date

    @property
    def last_day(self) -> date:
        """The last day of the window, whose owners and reporting line count."""
        return self.days.last_day


def trailing(as_of: date) -> Period:
    """Return the 365 days up to and with a day."""
    end = as_of + timedelta(days=1)
    return Period(end - timedelta(days=TRAILING_DAYS), end)


def day_told(as_of: date | None, today: date) -> date:
    """Return the day as of which something is told: today unless said otherwise.

    Raises:
        WindowNotPossible: it lies in the future, or before 1970.
    """
    _check_not_too_early("as_of", as_of)
    if as_of is not None and as_of > today:
        raise WindowNotPossible("as_of lies in the future.", field="query:as_of")
    return as_of or today


def _check_not_too_early(name: str, day: date | None) -> None:
    if day is not None and day < EARLIEST:
        raise WindowNotPossible(f"{name} lies before {EARLIEST}.", field=f"query:{name}")


def window_of(from_date: date | None, until_date: date | None, as_of: date | None, today: date) -> Window:
    """Return the window asked for: unless said otherwise the 365 days up to its last day, told as of today.

    Raises:
        WindowNotPossible: it ends before it begins, after today, or after the day as of which it is told; or it lies
            before 1970.
    """
    _check_not_too_early("from_date", from_date)
    _check_not_too_early("until_date", until_date)
    told = day_told(as_of, today)
    until = until_date or told + timedelta(days=1)
    if until > told + timedelta(days=1):
        message = f"until_date is the first day after the window: at most {told + timedelta(days=1)}."
        raise WindowNotPossible(message, field="query:until_date")
    begun = from_date or until - timedelta(days=TRAILING_DAYS)
    if begun >= until:
        raise WindowNotPossible("The window ends before it begins.", field="query:from_date")
    return Window(Period(begun, until), told)
