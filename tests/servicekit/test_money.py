"""Money is exact, rounds once, and splits without losing a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.money import AmountNotExact, UnknownCurrency, exact_money, round_money, scale_of, spread

WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**12, places=4), min_size=1, max_size=30)


@given(total=st.integers(-(10**18), 10**18), weights=WEIGHTS, scale=st.integers(0, 4))
def test_parts_add_up_to_the_whole(total: int, weights: list[Decimal], scale: int) -> None:
    whole = Decimal(total).scaleb(-scale)
    parts = spread(whole, weights, scale)
    assert sum(parts) == whole
    assert len(parts) == len(weights)


@given(total=st.integers(0, 10**9), weights=WEIGHTS)
def test_no_part_is_a_unit_away_from_its_share(total: int, weights: list[Decimal]) -> None:
    if not any(weights):
        return
    parts = spread(Decimal(total), weights, 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - weight * total) < sum(weights)


def test_thirds() -> None:
    assert spread(Decimal("100.00"), [Decimal(1)] * 3, 2) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


def test_nothing_to_weigh_by_splits_equally() -> None:
    assert spread(Decimal("0.03"), [Decimal(0)] * 2, 2) == [Decimal("0.02"), Decimal("0.01")]


@pytest.mark.parametrize(("amount", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00")])
def test_half_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert round_money(Decimal(amount), "CNY") == Decimal(rounded)


def test_scales_are_those_of_iso_4217() -> None:
    assert (scale_of("JPY"), scale_of("CNY"), scale_of("KWD")) == (0, 2, 3)


def test_unknown_currency_is_named() -> None:
    with pytest.raises(UnknownCurrency, match="XQX"):
        scale_of("XQX")


@pytest.mark.parametrize("amount", ["1.5", "NaN", "Infinity", "1E+17"])
def test_an_amount_that_cannot_be_kept_is_refused(amount: str) -> None:
    with pytest.raises(AmountNotExact):
        exact_money(Decimal(amount), "JPY")
