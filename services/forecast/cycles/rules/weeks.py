"""Weeks of a month: ISO weeks, of which one that lies in two months counts in each by itself.

So the weeks of a month always add up to the month, and a plan by weeks to the one by months.
"""

from collections import Counter
from datetime import date, timedelta

from servicekit.values.dates import Period, month_of

WORKING_DAYS = 5
"""From Monday on: what names a month alone is spread evenly over these (public holidays are not known here)."""


def week_of(day: date) -> date:
    """Return the first day of a day's week that is in its month: a Monday, or the first of the month."""
    return max(day - timedelta(days=day.weekday()), day.replace(day=1))


def days_of_week(start: date) -> Period:
    """Return the days of the week, as far as it is in its month, that begins on a day."""
    return Period(start, min(start + timedelta(days=7 - start.weekday()), month_of(start).end))


def working_days(month: date) -> dict[date, int]:
    """Return the weeks of a month that have working days in it, by their first day, with how many."""
    period = month_of(month)
    days = [period.start + timedelta(days=number) for number in range(period.days)]
    return Counter(week_of(day) for day in days if day.weekday() < WORKING_DAYS)
