"""WAPE and bias, of exact figures and of measured ones."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from servicekit.values.misses import Misses, Shares, misses_of

AMOUNTS = some.decimals(0, 10**9, places=2)


def test_the_case_of_the_definition() -> None:
    """Forecasts 100 and 50, actuals 80 and 70: 40 of 150 missed, nothing in all."""
    exact = misses_of([(Decimal(100), Decimal(80)), (Decimal(50), Decimal(70))], Decimal(0))
    assert exact == Misses(Decimal(150), Decimal(40), Decimal(0))
    assert exact.shares == Shares(Decimal(40) / 150, Decimal(0), Decimal(0))
    measured = misses_of([(100.0, 80.0), (50.0, 70.0)], 0.0).shares
    assert measured is not None
    assert measured.wape == pytest.approx(40 / 150)


def test_too_high_is_positive_and_too_low_negative() -> None:
    for forecast, bias in ((Decimal(15), "0.5"), (Decimal(5), "-0.5")):
        shares = misses_of([(forecast, Decimal(10))], Decimal(0)).shares
        assert shares == Shares(Decimal("0.5"), Decimal(bias), Decimal("0.5"))


@pytest.mark.parametrize("pairs", [[], [(Decimal(5), Decimal(0))]])
def test_of_nothing_there_is_no_share(pairs: list[tuple[Decimal, Decimal]]) -> None:
    assert misses_of(pairs, Decimal(0)).shares is None


@given(some.lists(some.tuples(AMOUNTS, AMOUNTS.filter(bool)), min_size=1))
def test_errors_may_cancel_in_the_total_and_never_by_the_grain(pairs: list[tuple[Decimal, Decimal]]) -> None:
    shares = misses_of(pairs, Decimal(0)).shares
    assert shares is not None
    assert shares.total_wape == abs(shares.bias) <= shares.wape
