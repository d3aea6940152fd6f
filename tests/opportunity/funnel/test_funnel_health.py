from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.dates import quarter_before, quarter_of
from services.opportunity.funnel.rules.health import HealthState, baseline_days, days_with_history, health


@pytest.mark.parametrize(
    ("current", "baseline", "percent", "state"),
    [
        ("100", "100", "100.00", "excellent"),
        ("99.99", "100", "99.99", "good"),
        ("99.999", "100", "99.99", "good"),
        ("70", "100", "70.00", "good"),
        ("69.99", "100", "69.99", "warning"),
        ("69.996", "100", "69.99", "warning"),
        ("2", "3", "66.67", "warning"),
        ("0", "5", "0.00", "warning"),
        ("12", "4", "300.00", "excellent"),
    ],
)
def test_health_has_its_borders_where_numbers_puts_them(current: str, baseline: str, percent: str, state: str) -> None:
    found = health(Decimal(current), [Decimal(baseline)])
    assert (str(found.percent), found.state) == (percent, state)


@pytest.mark.parametrize("before", [[], [0, 0, 0, 0]])
def test_without_a_baseline_health_is_unknown_and_nothing_is_divided_by_zero(before: list[int]) -> None:
    found = health(3, before)
    assert found.state is HealthState.UNKNOWN
    assert found.percent is None


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_what_is_shown_never_reads_as_another_state(current: int, before: list[int]) -> None:
    found = health(current, before)
    if sum(before) == 0:
        assert found.state is HealthState.UNKNOWN
        return
    exact = Fraction(current) * 100 * len(before) / sum(before)
    assert found.percent is not None
    assert abs(Fraction(found.percent) - exact) < Fraction(1, 100)
    assert (found.percent >= 100) == (exact >= 100)
    assert (found.percent >= 70) == (exact >= 70)


def test_the_baseline_rests_on_the_same_relative_day_of_the_four_quarters_before() -> None:
    assert [found.day for found in baseline_days(date(2026, 11, 23))] == [
        date(2026, 8, 23),
        date(2026, 5, 24),
        date(2026, 2, 23),
        date(2025, 11, 23),
    ]


def test_the_relative_day_is_capped_at_the_end_of_a_shorter_quarter() -> None:
    found = baseline_days(date(2026, 12, 31))  # day 91 of a quarter of 92 days
    assert [comparison.day for comparison in found] == [
        date(2026, 9, 30),
        date(2026, 6, 30),
        date(2026, 3, 31),
        date(2025, 12, 31),
    ]


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_day_compared_lies_in_its_quarter(as_of: date) -> None:
    elapsed = as_of - quarter_of(as_of).start
    for count, found in enumerate(baseline_days(as_of), start=1):
        assert found.quarter == quarter_before(quarter_of(as_of), count)
        assert found.day in found.quarter
        assert found.day - found.quarter.start == elapsed or found.day == found.quarter.end - timedelta(days=1)


def test_days_before_anything_was_recorded_say_nothing() -> None:
    days = baseline_days(date(2026, 11, 23))
    assert days_with_history(days, None) == []
    assert days_with_history(days, date(2026, 5, 24)) == days[:2]
