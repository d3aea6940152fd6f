from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.money import Money
from servicekit.values.rates import Quote, oldest_date, rate_on
from services.opportunity.currencies import rules
from services.opportunity.currencies.rules import convert

DAY = date(2026, 3, 31)
QUOTES = [
    Quote("EUR", "USD", date(2026, 3, 1), Decimal("1.10")),
    Quote("EUR", "USD", date(2026, 3, 31), Decimal("1.20")),
    Quote("EUR", "USD", date(2026, 4, 1), Decimal("9.99")),
    Quote("USD", "JPY", date(2026, 3, 2), Decimal(150)),
]


def test_the_latest_rate_on_or_before_the_day_is_in_force() -> None:
    found = rate_on(QUOTES, "EUR", "USD", DAY)
    assert found is not None
    assert (found.factor, found.date) == (Decimal("1.20"), DAY)
    assert rate_on(QUOTES, "EUR", "USD", date(2026, 2, 28)) is None


def test_a_quote_the_other_way_is_inverted_and_nothing_goes_through_a_third_currency() -> None:
    found = rate_on(QUOTES, "JPY", "USD", DAY)
    assert found is not None
    assert found.inverse
    assert convert(Money(Decimal(15000), "JPY"), found, "USD", DAY) == Money(Decimal("100.00"), "USD")
    assert rate_on(QUOTES, "EUR", "JPY", DAY) is None


def test_of_two_directions_the_later_one_counts_and_on_one_day_the_direct_one() -> None:
    later = Quote("USD", "EUR", DAY, Decimal("0.5"))
    direct = rate_on([*QUOTES, later], "EUR", "USD", DAY)
    assert direct is not None
    assert not direct.inverse
    inverted = rate_on([QUOTES[0], later], "EUR", "USD", DAY)
    assert inverted is not None
    assert inverted.inverse


def test_nothing_is_converted_without_a_rate() -> None:
    with pytest.raises(rules.NoRate) as refused:
        convert(Money(Decimal(1), "CHF"), None, "USD", DAY)
    assert refused.value.from_currency == "CHF"


def test_a_currency_needs_no_rate_into_itself_and_can_have_none() -> None:
    same = rate_on([], "USD", "USD", DAY)
    assert same is not None
    assert (same.factor, same.date) == (Decimal(1), None)
    with pytest.raises(rules.RateOfItself):
        rules.check_rate("USD", "USD", Decimal(1))


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_an_impossible_rate_is_refused(rate: str) -> None:
    with pytest.raises(rules.RateNotPositive):
        rules.check_rate("USD", "EUR", Decimal(rate))


def test_the_oldest_rate_in_use_dates_the_sum() -> None:
    rates = [rate_on(QUOTES, "EUR", "USD", DAY), rate_on(QUOTES, "JPY", "USD", DAY), rate_on([], "USD", "USD", DAY)]
    assert oldest_date([rate for rate in rates if rate]) == date(2026, 3, 2)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10**6)), max_size=12), st.integers(0, 30), st.randoms())
def test_the_order_of_quotes_does_not_matter(found: list[tuple[int, int]], on: int, random: Random) -> None:
    start = date(2026, 1, 1)
    by_day = dict(found)
    quotes = [Quote("EUR", "USD", start + timedelta(days=day), Decimal(rate)) for day, rate in by_day.items()]
    random.shuffle(quotes)
    rate = rate_on(quotes, "EUR", "USD", start + timedelta(days=on))
    past = [day for day in by_day if day <= on]
    assert (rate.factor if rate else None) == (Decimal(by_day[max(past)]) if past else None)
