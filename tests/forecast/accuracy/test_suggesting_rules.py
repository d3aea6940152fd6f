"""What past bias makes of a figure."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.forecast.accuracy.rules.suggesting import (
    FEWEST_PERIODS,
    MOST_PERIODS,
    Figure,
    NoSuggestion,
    PastPeriod,
    suggestion,
)

amounts = some.integers(0, 10**10).map(lambda cents: Decimal(cents) / 100)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])


def periods(*pairs: tuple[str, str]) -> list[PastPeriod]:
    months = [date(2020 + place // 12, place % 12 + 1, 1) for place in range(len(pairs))]
    return [PastPeriod(month, Decimal(f), Decimal(a)) for month, (f, a) in zip(months, pairs, strict=True)]


def figure(amount: str, closed: str = "0") -> Figure:
    return Figure(Decimal(amount), Decimal(closed))


def test_a_figure_is_divided_by_1_plus_the_bias() -> None:
    found = suggestion(figure("600"), periods(("120", "100"), ("100", "100"), ("140", "100")), "USD")
    assert (found.past.bias, found.past.wape, found.past.count) == (Decimal("0.2"), Decimal("0.2"), 3)
    assert (found.suggested, found.reason) == (Decimal("500.00"), None)


def test_the_exact_bias_counts_not_the_one_shown() -> None:
    found = suggestion(figure("900000000.00"), periods(("3", "1"), ("3", "1"), ("1", "1")), "USD")
    assert found.suggested == Decimal("385714285.71")


def test_what_is_won_is_fact() -> None:
    assert suggestion(figure("100", "90"), periods(*[("200", "100")] * 3), "USD").suggested == Decimal(90)


@pytest.mark.parametrize(
    ("given_figure", "past", "reason"),
    [
        (figure("100"), periods(("2", "1"), ("2", "1")), NoSuggestion.TOO_FEW_PERIODS),
        (None, periods(*[("2", "1")] * 3), NoSuggestion.NO_FIGURE),
        (figure("100"), periods(*[("2", "0")] * 3), NoSuggestion.NOTHING_WON),
        (figure("100"), periods(*[("0", "2")] * 3), NoSuggestion.NOTHING_FORECAST),
    ],
)
def test_where_nothing_is_suggested_it_says_why(
    given_figure: Figure | None, past: list[PastPeriod], reason: NoSuggestion
) -> None:
    found = suggestion(given_figure, past, "USD")
    assert (found.suggested, found.reason) == (None, reason)
    assert found.past.count == len(past)


def test_only_the_latest_periods_count() -> None:
    old, new = [("500", "100")] * 5, [("100", "100")] * MOST_PERIODS
    found = suggestion(figure("100"), periods(*old, *new), "USD")
    assert (found.past.count, found.suggested) == (MOST_PERIODS, Decimal(100))


@UNHURRIED
@given(some.lists(some.tuples(amounts, amounts), min_size=FEWEST_PERIODS, max_size=8), amounts)
def test_who_forecast_too_high_is_suggested_less(pairs: list[tuple[Decimal, Decimal]], amount: Decimal) -> None:
    past = [PastPeriod(date(2020, place + 1, 1), *pair) for place, pair in enumerate(pairs)]
    found = suggestion(Figure(amount, Decimal(0)), past, "USD")
    if found.suggested is None or found.past.bias is None:
        assert found.reason is not None
    elif found.past.bias > 0:
        assert 0 <= found.suggested <= amount
    elif found.past.bias < 0:
        assert found.suggested >= amount
