"""Figures of the base by worked cases: one definition per figure."""

from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.ids import new_id
from services.customer.base.rules import (
    Counted,
    Period,
    PeriodEmpty,
    Point,
    Ranked,
    concentration,
    period_of,
    places_of,
    segmentation,
)

TODAY = date(2026, 6, 30)
RATES = {"USD": Decimal(1), "EUR": Decimal("1.1")}


def ranked(*amounts: int) -> list[Ranked]:
    """Return every place of amounts that stand in order."""
    total, squares = Decimal(sum(amounts)), Decimal(sum(amount**2 for amount in amounts))
    return [
        Ranked(new_id(), "Company", None, place, Decimal(amount), Decimal(sum_), len(amounts), total, squares)
        for place, (amount, sum_) in enumerate(zip(amounts, accumulate(amounts), strict=True), 1)
    ]


def customers(key: str | None, count: int) -> Counted:
    return Counted(key, None, None, count, Decimal(0), 0, 0)


def won(key: str | None, currency: str, count: int, amount: str) -> Counted:
    return Counted(key, "won", currency, count, Decimal(amount), 0, 0)


def test_concentration_of_five_customers() -> None:
    """50, 20, 15, 10, 5 of 100: the largest two have 70 %, three have 85 %, the index is 0.325."""
    found = concentration(ranked(50, 20, 15, 10, 5), top=2)
    assert (found.customers, found.total) == (5, Decimal(100))
    assert (found.top_share, found.herfindahl, found.four_fifths) == (Decimal("0.7"), Decimal("0.325"), 3)
    assert found.curve == [
        Point(1, Decimal("0.5")),
        Point(2, Decimal("0.7")),
        Point(3, Decimal("0.85")),
        Point(4, Decimal("0.95")),
        Point(5, Decimal(1)),
    ]


def test_equal_customers_have_the_index_of_their_number() -> None:
    found = concentration(ranked(*[10] * 10), top=20)
    assert (found.top_share, found.herfindahl, found.four_fifths) == (Decimal(1), Decimal("0.1"), 8)


def test_nothing_won_has_no_shares() -> None:
    assert concentration([], top=10).top_share is None
    nothing = concentration(ranked(0, 0), top=1)
    assert (nothing.customers, nothing.herfindahl, nothing.four_fifths, nothing.curve) == (2, None, None, [])


@given(st.integers(0, 5000))
def test_a_curve_has_at_most_ten_points_and_ends_with_all(number: int) -> None:
    places = places_of(number)
    assert len(places) == min(number, 10)
    assert places == sorted(set(places))
    assert (places[-1] if places else 0) == number


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40))
def test_shares_grow_and_end_at_one(amounts: list[int]) -> None:
    found = concentration(ranked(*sorted(amounts, reverse=True)), top=len(amounts))
    shares = [point.share for point in found.curve]
    assert shares == sorted(shares)
    assert (shares[-1], found.top_share) == (Decimal(1), Decimal(1))
    assert found.herfindahl is not None
    assert found.herfindahl >= Decimal(1) / len(amounts) - Decimal("0.000001")


def test_groups_are_ranked_by_customers_and_those_beyond_the_limit_are_put_together() -> None:
    counted = [customers("DE", 3), customers("CN", 9), customers(None, 1), customers("US", 2)]
    counted += [won("DE", "USD", 1, "10"), won("US", "USD", 2, "30"), won(None, "USD", 1, "5")]
    found = segmentation(counted, RATES, "USD", most=2)
    assert [(group.key, group.customers) for group in found.groups] == [("CN", 9), ("DE", 3)]
    assert (found.others_groups, found.others.customers, found.others.won.amount) == (2, 3, Decimal("35.00"))
    assert (found.whole.customers, found.whole.won.count, found.whole.won.amount) == (15, 4, Decimal("45.00"))


def test_amounts_are_converted_exactly_and_shown_parts_add_up() -> None:
    """0.005 EUR-cents each: 3 × 0.333 × 1.1 = 1.0989, shown 1.10, so that one part is shown a cent higher."""
    counted = [won(key, "EUR", 1, "0.3330") for key in ("a", "b", "c")]
    found = segmentation(counted, RATES, "USD", most=10)
    assert found.whole.won.amount == Decimal("1.10")
    assert sorted(group.won.amount for group in found.groups) == [Decimal("0.36"), Decimal("0.37"), Decimal("0.37")]


def test_what_has_no_rate_is_in_no_sum_and_told() -> None:
    found = segmentation([won("a", "CHF", 2, "7"), won("a", "USD", 1, "1")], RATES, "USD", most=1)
    assert (found.whole.won.count, found.whole.won.amount) == (3, Decimal("1.00"))
    assert found.unconverted == {"CHF": Decimal(7)}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 10**6)), max_size=12), st.integers(1, 4))
def test_parts_always_add_up_to_the_whole(parts: list[tuple[str, int]], most: int) -> None:
    counted = [won(key, "EUR", 1, f"{cents / 100}") for key, cents in parts]
    found = segmentation(counted, RATES, "USD", most)
    shown = [*found.groups, found.others]
    assert sum((group.won.amount for group in shown), Decimal(0)) == found.whole.won.amount
    assert sum(group.won.count for group in shown) == len(parts)


def test_the_period_is_the_year_up_to_today_unless_given() -> None:
    assert period_of(None, None, TODAY) == Period(date(2025, 7, 1), date(2026, 7, 1))
    assert period_of(date(2026, 1, 1), date(2026, 4, 1), TODAY) == Period(date(2026, 1, 1), date(2026, 4, 1))
    with pytest.raises(PeriodEmpty):
        period_of(TODAY, TODAY, TODAY)
