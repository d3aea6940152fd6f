from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.money import round_money
from services.opportunity.funnel.rules.figures import Group, figure_of, shown_parts, weighted
from services.opportunity.funnel.rules.occupancy import Standing, standing_at
from services.opportunity.vocabulary import State

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_weighted_pipeline_is_rounded_once() -> None:
    each = weighted(Decimal("100.01"), Decimal("0.35"))
    assert round_money(each + each, "USD") == Decimal("70.01")


def test_unknown_amounts_are_counted_and_never_zero() -> None:
    found = figure_of(
        [Group("shortlist", "USD", 3, Decimal(100), 1), Group("shortlist", "USD", 1, Decimal(0), 1, 1)],
        {"USD": Decimal(1)},
    )
    assert (found.count, found.amount, found.unknown_amount, found.simulated) == (4, Decimal(100), 2, 1)


def test_no_sum_crosses_currencies_without_a_rate() -> None:
    groups = [
        Group("selected", "USD", 1, Decimal(100), 0),
        Group("selected", "EUR", 1, Decimal(100), 0),
        Group("selected", "CNY", 2, Decimal(900), 0),
    ]
    found = figure_of(groups, {"USD": Decimal(1), "EUR": Decimal("1.10")})
    assert found.amount == Decimal(210)
    assert found.count == 4
    assert found.unconverted == {"CNY": Decimal(900)}


@given(st.lists(st.decimals(0, 10**9, places=6), max_size=9), st.sampled_from(["USD", "JPY", "KWD"]))
def test_shown_parts_add_up_to_the_total_shown(parts: list[Decimal], currency: str) -> None:
    shown, total = shown_parts(parts, currency)
    assert sum(shown, Decimal(0)) == total
    assert len(shown) == len(parts)
    assert total == round_money(sum(parts, Decimal(0)), currency)


def _history(offsets: list[int]) -> list[Standing]:
    stages = ["find_contact", "confirm_need", "set_target", "selected"]
    return [
        Standing(START + timedelta(days=offset), sequence, stages[sequence % 4], State.OPEN)
        for sequence, offset in enumerate(sorted(offsets))
    ]


@given(st.lists(st.integers(0, 20), max_size=8), st.integers(-1, 21), st.randoms())
def test_occupancy_is_the_last_change_until_then_in_any_order(offsets: list[int], day: int, random: Random) -> None:
    history = _history(offsets)
    instant = START + timedelta(days=day)
    expected = None
    for standing in history:
        if standing.at <= instant:
            expected = standing
    random.shuffle(history)
    assert standing_at(history, instant) == expected


def test_equal_instants_count_by_order_of_arrival() -> None:
    first, second = _history([3, 3])
    assert standing_at([second, first], first.at) is second
