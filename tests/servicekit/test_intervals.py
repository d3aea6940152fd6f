"""Wilson's interval against published figures, its own defining equation, and what must hold of any interval."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.intervals import Z_95, difference, ratio_of, shown_ratio, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3, 95 %
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_published_intervals_are_met(successes: int, trials: int, low: str, high: str) -> None:
    found = wilson(successes, trials)

    assert found is not None
    assert (shown_ratio(found.low), shown_ratio(found.high)) == (Decimal(low), Decimal(high))


counts = st.integers(1, 100_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def _off(bound: Decimal, share: Decimal, trials: int) -> Decimal:
    """How far a bound misses the score equation (bound − share)² = z² · bound · (1 − bound) ÷ trials."""
    return abs((bound - share) ** 2 - Z_95**2 * bound * (1 - bound) / trials)


@given(counts)
def test_bounds_solve_the_score_equation_and_hold_the_share(count: tuple[int, int]) -> None:
    successes, trials = count
    found = wilson(successes, trials)
    share = ratio_of(successes, trials)

    assert found is not None
    assert share is not None
    assert 0 <= found.low <= share <= found.high <= 1
    assert found.low < found.high
    for bound in (found.low, found.high):
        assert _off(bound, share, trials) < Decimal("1e-20")


@given(counts)
def test_failures_have_the_mirrored_interval(count: tuple[int, int]) -> None:
    successes, trials = count
    found, other = wilson(successes, trials), wilson(trials - successes, trials)

    assert found is not None
    assert other is not None
    assert abs(found.low - (1 - other.high)) < Decimal("1e-24")
    assert abs(found.high - (1 - other.low)) < Decimal("1e-24")


@given(counts, st.integers(2, 50))
def test_more_of_the_same_narrows_it(count: tuple[int, int], times: int) -> None:
    successes, trials = count
    found, more = wilson(successes, trials), wilson(successes * times, trials * times)

    assert found is not None
    assert more is not None
    assert more.high - more.low < found.high - found.low


def test_nothing_tried_says_nothing() -> None:
    assert wilson(0, 0) is None
    assert ratio_of(0, 0) is None


def test_one_of_one_is_not_certain() -> None:
    found = wilson(1, 1)

    assert found is not None
    assert found.low < Decimal("0.25")
    assert found.high == 1


@pytest.mark.parametrize(("successes", "trials"), [(-1, 3), (4, 3), (0, -1)])
def test_what_is_no_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(successes, trials)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), pages 873 to 890, table II, method 10, 95 %
        ((56, 70), (48, 80), "0.0524", "0.3339"),
        ((9, 10), (3, 10), "0.1705", "0.8090"),
        ((10, 10), (0, 10), "0.6075", "1.0000"),
        ((0, 10), (0, 20), "-0.1611", "0.2775"),
    ],
)
def test_published_intervals_of_a_difference_are_met(
    first: tuple[int, int], second: tuple[int, int], low: str, high: str
) -> None:
    found = difference(first, second)

    assert found is not None
    assert (shown_ratio(found.low), shown_ratio(found.high)) == (Decimal(low), Decimal(high))


@given(counts, counts)
def test_a_difference_lies_within_its_interval_and_turned_round_is_the_same(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    found, turned = difference(first, second), difference(second, first)
    assert found is not None
    assert turned is not None
    share = Decimal(first[0]) / first[1] - Decimal(second[0]) / second[1]
    assert -1 <= found.low <= share <= found.high <= 1
    assert (turned.low, turned.high) == (-found.high, -found.low)


def test_of_nothing_there_is_no_difference() -> None:
    assert difference((0, 0), (1, 2)) is None
    assert difference((1, 2), (0, 0)) is None
