"""Weeks of a month: every day is in one, none reaches into another month, and working days are counted once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from servicekit.values.dates import month_of
from services.forecast.cycles.rules.weeks import days_of_week, week_of, working_days

DAYS = some.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_a_week_in_two_months_counts_in_each_by_itself() -> None:
    assert week_of(date(2026, 12, 4)) == date(2026, 12, 1)
    assert week_of(date(2026, 11, 30)) == date(2026, 11, 30)
    assert (days_of_week(date(2026, 11, 30)).last_day, days_of_week(date(2026, 12, 1)).last_day) == (
        date(2026, 11, 30),
        date(2026, 12, 6),
    )
    assert working_days(date(2026, 11, 1)) == {
        date(2026, 11, 2): 5,
        date(2026, 11, 9): 5,
        date(2026, 11, 16): 5,
        date(2026, 11, 23): 5,
        date(2026, 11, 30): 1,
    }


@given(DAYS)
def test_every_day_is_in_the_week_it_names(day: date) -> None:
    start = week_of(day)
    week = days_of_week(start)
    assert day in week
    assert week_of(start) == start
    assert week.last_day.month == start.month == day.month
    assert week.last_day.isocalendar()[:2] == start.isocalendar()[:2] == day.isocalendar()[:2]
    assert 1 <= week.days <= 7


@given(DAYS)
def test_the_weeks_of_a_month_are_the_month(day: date) -> None:
    month = month_of(day)
    days = [month.start + timedelta(days=number) for number in range(month.days)]
    weeks = sorted({week_of(each) for each in days})
    assert [each for start in weeks for each in days if each in days_of_week(start)] == days
    assert sum(working_days(day).values()) == sum(each.weekday() < 5 for each in days)
