"""What is suggested of a history: parts that add up, nothing of what came later, and how good it was."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.forecast.suggestion.rules.combining import combined, interval_of
from services.forecast.suggestion.rules.suggesting import Lacking, Part, Suggested, suggest
from services.forecast.suggestion.rules.wire import suggested_of, told_suggested

Amounts = list[float]
histories = st.integers(0, 30).flatmap(
    lambda months: st.dictionaries(
        st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["boots", "shoes", None])),
        st.lists(st.floats(0, 1e6) | st.just(0.0), min_size=months, max_size=months),
        max_size=6,
    )
)


def models(actual: Sequence[float], ahead: int) -> list[list[float | None]]:
    """Say what was sold last, and the mean of all before: as of `ahead` months before each month."""
    count = len(actual)
    last: list[float | None] = []
    mean: list[float | None] = []
    for month in range(count + 1):
        known = count if month == count else max(month - ahead + 1, 0)
        last.append(actual[known - 1] if known else None)
        mean.append(sum(actual[:known]) / known if known else None)
    return [last, mean]


def suggested(history: dict[Part, Amounts], ahead: int = 1) -> Suggested:
    return suggest(history, ahead, 2, models)


@given(histories, st.integers(1, 4))
def test_parts_add_up_to_the_total(history: dict[Part, Amounts], ahead: int) -> None:
    found = suggested(history, ahead)
    figures = [each.amount for each in found.parts.values() if each.amount is not None]
    if found.total.amount is None:
        assert not figures
    else:
        assert figures
        assert sum(figures) == found.total.amount
    for each in (found.total, *found.parts.values()):
        if each.amount is None:
            assert (each.lower, each.upper, each.coverage, each.tried) == (None, None, None, ())
            assert each.lacking is not None
        else:
            assert each.lower is not None
            assert each.upper is not None
            assert Decimal(0) <= each.lower <= each.amount <= each.upper
            assert each.coverage is not None
            assert 0.5 <= each.coverage <= 0.8
            assert each.tried
            assert each.lacking is None


@given(
    st.lists(st.floats(0, 1e6), min_size=6, max_size=30),
    st.integers(1, 3),
    st.lists(st.floats(0, 1e6), min_size=1, max_size=9),
)
def test_what_came_later_changes_nothing(known: Amounts, ahead: int, later: Amounts) -> None:
    """The figure of a month, looked at afterwards, is the one that was suggested, whatever came from then on."""
    known = [1.0, *known]
    then = combined(known, models(known, ahead), ahead)
    whole = [*known, *(0.0 for _ in range(ahead - 1)), *later]
    afterwards = combined(whole, models(whole, ahead), ahead)
    assert afterwards[: len(known)] == then[: len(known)]
    assert afterwards[len(known) + ahead - 1] == then[-1]


def test_the_better_model_counts_more() -> None:
    actual = [10.0, 20.0, 10.0, 20.0, 10.0, 20.0, 10.0]
    knows: list[float | None] = [*actual, 20.0]
    mean: list[float | None] = [15.0] * 8
    together = combined(actual, [knows, mean], 1)
    assert together[0] == 12.5
    assert [round(each or 0, 1) for each in together[3:]] == [19.7, 10.2, 19.9, 10.1, 20.0]


def test_nobody_is_better_where_all_were_right() -> None:
    assert combined([5.0, 5.0], [[5.0, 5.0, 5.0], [None, 5.0, 7.0]], 1) == [5.0, 5.0, 6.0]


@pytest.mark.parametrize(
    ("errors", "margin", "coverage"),
    [
        ([3.0], 3.0, 1 / 2),
        ([3.0, -7.0], 7.0, 2 / 3),
        ([1.0, 2.0, 3.0, -4.0], 4.0, 0.8),
        ([float(each) for each in range(1, 13)], 11.0, 0.8),
    ],
)
def test_an_interval_says_what_it_stands_for(errors: Amounts, margin: float, coverage: float) -> None:
    found = interval_of(errors)
    assert (found.margin, found.coverage) == (margin, coverage)


def test_there_is_a_reason_where_there_is_no_figure() -> None:
    assert suggested({}).total.lacking is Lacking.NOTHING_WON
    assert suggested({("A", "boots"): [0.0, 0.0, 0.0, 0.0]}).total.lacking is Lacking.NOTHING_WON
    assert suggested({("A", "boots"): [0.0, 0.0, 5.0, 5.0]}).total.lacking is Lacking.TOO_LITTLE_HISTORY
    found = suggested({("A", "boots"): [5.0, 5.0, 5.0, 5.0], ("B", "boots"): [0.0, 0.0, 0.0, 5.0]})
    assert found.total.amount == found.parts["A", "boots"].amount == Decimal("8.13")
    assert found.parts["B", "boots"].lacking is Lacking.TOO_LITTLE_HISTORY


@given(histories)
def test_it_comes_out_of_the_process_as_it_went_in(history: dict[Part, Amounts]) -> None:
    found = suggested(history)
    assert suggested_of(told_suggested(found)) == found
