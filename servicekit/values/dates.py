"""Instants, business dates and periods.

Instants are aware datetimes in UTC; a business date is a date in the enterprise's time zone.
Periods are half-open: they contain their first day and not their `end`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def business_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date of an instant where the enterprise is."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a business date, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant after a business date, in UTC."""
    return start_of_day(day + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` up to, and not including, `end`."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day that is one of them."""
        return self.end - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months from the day's."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_of(day: date) -> Period:
    """Return the calendar month of a day."""
    return Period(day.replace(day=1), add_months(day, 1))


def quarter_of(day: date) -> Period:
    """Return the calendar quarter of a day."""
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(start, add_months(start, 3))


def quarter_before(quarter: Period, count: int = 1) -> Period:
    """Return the quarter that lies so many quarters before."""
    start = add_months(quarter.start, -3 * count)
    return Period(start, add_months(start, 3))
