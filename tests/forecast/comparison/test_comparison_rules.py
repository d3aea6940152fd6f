"""What differs too much, what a decision comes to, and how it spreads: sums to the cent and the unit."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.forecast.comparison.rules.comparing import (
    ComparedLine,
    Difference,
    Figure,
    Key,
    NoDifference,
    Stated,
    amounts_differ,
    compared,
    figure_of,
    is_beyond,
    quantities_differ,
)
from services.forecast.comparison.rules.deciding import (
    Choice,
    DecidedFigure,
    DecisionUnclear,
    FigureMissing,
    Weight,
    WeightsNotWhole,
    Wish,
    decided_figure,
    is_stale,
)
from services.forecast.comparison.rules.spreading import Portion, spread_line
from services.forecast.confirmation.rules.lines import Item
from services.forecast.rollup.rules.cells import UNSPECIFIED, Figures

LINE, SOURCE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
NOVEMBER = Key(LINE, date(2026, 11, 1))
PAIR = Item(UUID(int=9), LINE, "pair", unit_is_whole=True)
FIFTH = Decimal("0.2")
BOXES = Figure(None, Decimal(10), "box", unit_is_whole=True)


def pairs(amount: str | None, quantity: str | None = None) -> Figure:
    money = None if amount is None else Decimal(amount)
    return Figure(money, None if quantity is None else Decimal(quantity), "pair", unit_is_whole=True)


def line(sales: Figure | None, *sources: Figure) -> ComparedLine:
    return ComparedLine(NOVEMBER, sales, dict(zip((SOURCE, OTHER), sources, strict=False)))


@pytest.mark.parametrize(
    ("sales", "source", "beyond"),
    [
        ("100", "120", False),
        ("100", "120.01", True),
        ("100", "80", False),
        ("100", "79.99", True),
        ("0", "0", False),
        ("0", "0.01", True),
        ("100", "0", True),
    ],
)
def test_beyond_a_fifth_a_line_needs_a_decision(sales: str, source: str, *, beyond: bool) -> None:
    assert is_beyond(line(pairs(sales), pairs(source)), FIFTH) is beyond


def test_a_line_that_one_side_alone_knows_needs_a_decision() -> None:
    assert is_beyond(line(pairs("0")), FIFTH)
    assert is_beyond(line(None, pairs("0")), FIFTH)
    assert not is_beyond(line(pairs("100"), pairs("100"), pairs("110")), FIFTH)
    assert is_beyond(line(pairs("100"), pairs("100"), pairs("130")), FIFTH)


def test_quantities_count_beside_amounts_and_what_cannot_be_compared_needs_a_decision() -> None:
    assert is_beyond(line(pairs("100", "10"), pairs("100", "13")), FIFTH)
    assert not is_beyond(line(pairs("100", "10"), pairs(None, "12")), FIFTH)
    assert is_beyond(line(pairs("100", "10"), BOXES), FIFTH)


def test_differences_say_why_they_are_null() -> None:
    assert amounts_differ(pairs("125"), pairs("100")) == Difference(Decimal(25), Decimal("1.25"), None)
    assert amounts_differ(pairs("5"), pairs("0")) == Difference(Decimal(5), None, NoDifference.SALES_IS_ZERO)
    assert amounts_differ(pairs("5"), None).because is NoDifference.NOT_IN_SALES
    assert amounts_differ(pairs(None, "1"), pairs("0")).because is NoDifference.NOT_STATED
    assert quantities_differ(BOXES, pairs("1", "1")).because is NoDifference.UNITS_DIFFER


def test_months_of_different_years_never_fall_together_and_zero_is_not_missing() -> None:
    this, last = Key(LINE, date(2026, 11, 1)), Key(LINE, date(2025, 11, 1))
    one = [Stated(PAIR, Decimal(1), Decimal(10))]
    lines = compared({this: one}, {SOURCE: {last: [Stated(PAIR, Decimal(0), Decimal(0))]}})
    assert [each.key for each in lines] == [last, this]
    assert lines[0].sales is None
    assert lines[0].sources[SOURCE] == pairs("0", "0")


def test_a_sum_of_which_a_part_is_not_stated_is_not_stated() -> None:
    parts = [Stated(PAIR, Decimal(1), Decimal(10)), Stated(PAIR, None, Decimal(5))]
    assert figure_of(parts) == pairs("15", None)
    box = Item(None, LINE, "box", unit_is_whole=True)
    assert figure_of([parts[0], Stated(box, Decimal(2), Decimal(5))]) == Figure(Decimal(15))


def blend(*shares: tuple[UUID | None, str]) -> Wish:
    return Wish(NOVEMBER, Choice.BLEND, "why", weights=[Weight(side, Fraction(share)) for side, share in shares])


def test_a_blend_is_exact_and_its_parts_add_up() -> None:
    wish = blend((None, "1/3"), (SOURCE, "1/3"), (OTHER, "1/3"))
    decided = decided_figure(wish, line(pairs("100", "1"), pairs("100", "1"), pairs("100.01", "2")), 2, "/d")
    assert decided.amount == Decimal("100.00")
    assert decided.quantity == 1
    assert [amount for _, amount in decided.parts] == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def test_weights_that_do_not_add_up_to_one_are_refused() -> None:
    with pytest.raises(WeightsNotWhole) as refusal:
        decided_figure(blend((None, "0.33"), (SOURCE, "0.66")), line(pairs("1"), pairs("1")), 2, "/d")
    assert refusal.value.sum == "99/100"
    with pytest.raises(DecisionUnclear):
        decided_figure(blend((None, "1/2"), (None, "1/2")), line(pairs("1"), pairs("1")), 2, "/d")


def test_a_source_that_speaks_in_units_is_valued_at_the_price_of_sales() -> None:
    wish = Wish(NOVEMBER, Choice.SOURCE, "why", source_id=SOURCE)
    decided = decided_figure(wish, line(pairs("100", "3"), pairs(None, "2")), 2, "/d")
    assert (decided.amount, decided.quantity) == (Decimal("66.67"), Decimal(2))
    for unclear in (line(pairs("0", "0"), pairs(None, "2")), line(pairs("100", "3"))):
        with pytest.raises(FigureMissing):
            decided_figure(wish, unclear, 2, "/d")


@pytest.mark.parametrize(
    "wish",
    [
        Wish(NOVEMBER, Choice.SALES, "why", amount=Decimal(1)),
        Wish(NOVEMBER, Choice.SOURCE, "why"),
        Wish(NOVEMBER, Choice.BY_HAND, "why"),
        Wish(NOVEMBER, Choice.BY_HAND, "why", amount=Decimal("1.001")),
        Wish(NOVEMBER, Choice.BY_HAND, "why", amount=Decimal(1), quantity=Decimal("1.5")),
        Wish(NOVEMBER, Choice.SOURCE, "why", source_id=SOURCE, quantity=Decimal(1)),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused(wish: Wish) -> None:
    with pytest.raises(DecisionUnclear):
        decided_figure(wish, line(pairs("100", "3"), pairs("90", "3")), 2, "/d")


def test_a_decision_is_stale_when_sales_or_a_source_says_something_else() -> None:
    basis = line(pairs("100", "3"), pairs("90")).basis
    assert not is_stale(basis, line(pairs("100.00", "3.0"), pairs("90")))
    assert is_stale(basis, line(pairs("100.01", "3"), pairs("90")))
    assert is_stale(basis, line(pairs("100", "3"), pairs("0")))
    assert is_stale(basis, line(pairs("100", "3")))


cents = some.integers(0, 10**6).map(lambda each: Decimal(each) / 100)
shares = some.lists(some.integers(0, 50), min_size=3, max_size=3).filter(any)


@given(cents, cents, cents, shares)
def test_any_blend_lies_within_half_a_cent_and_adds_up(
    own: Decimal, first: Decimal, second: Decimal, weights: list[int]
) -> None:
    exact = [Fraction(weight, sum(weights)) for weight in weights]
    sides = zip((None, SOURCE, OTHER), exact, strict=True)
    wish = Wish(NOVEMBER, Choice.BLEND, "why", weights=[Weight(*side) for side in sides])
    decided = decided_figure(wish, line(Figure(own), Figure(first), Figure(second)), 2, "/d")
    due = sum(share * Fraction(each) for share, each in zip(exact, (own, first, second), strict=True))
    assert abs(Fraction(decided.amount) - due) <= Fraction(1, 200)
    assert sum((amount for _, amount in decided.parts), Decimal(0)) == decided.amount


other = Item(UUID(int=8), LINE, "pair", unit_is_whole=True)
items = some.sampled_from([PAIR, other, Item(None, LINE, None, unit_is_whole=False)])
figures = some.builds(Figures, some.integers(0, 99).map(Decimal), cents)
portions = some.builds(Portion, items, some.sampled_from("abcd"), figures)
carried = some.lists(portions, max_size=6, unique_by=lambda each: (each.item, each.place))


@given(cents, some.none() | some.integers(0, 500), carried, carried)
def test_what_is_spread_adds_up_to_the_cent_and_the_unit(
    amount: Decimal, quantity: int | None, sales: list[Portion], sources: list[Portion]
) -> None:
    counted = None if quantity is None else Decimal(quantity)
    decided = DecidedFigure(amount, counted, "pair", unit_is_whole=True)
    spread = spread_line(decided, LINE, sales, sources, 2)
    assert sum((each.figures.amount for each in spread), Decimal(0)) == amount
    assert all(each.figures.amount >= 0 and each.figures.quantity >= 0 for each in spread)
    whole = [each.figures.quantity for each in spread if each.item.unit == "pair"]
    assert all(each == each.to_integral_value() for each in whole)
    if counted is not None:
        assert sum(whole, Decimal(0)) == counted
    places = {(each.item, each.place) for each in spread}
    assert len(places) == len(spread)
    if sales:
        assert {(each.item, each.place) for each in sales} <= places


def test_over_zeros_it_is_spread_equally_and_without_any_place_it_is_unspecified() -> None:
    zeros = [Portion(PAIR, place, Figures()) for place in "ab"]
    decided = DecidedFigure(Decimal("0.03"), Decimal(3), "pair", unit_is_whole=True)
    spread = spread_line(decided, LINE, zeros, [], 2)
    shown = [(str(each.figures.amount), str(each.figures.quantity)) for each in spread]
    assert shown == [("0.02", "2"), ("0.01", "1")]
    (alone,) = spread_line(DecidedFigure(Decimal(5)), LINE, [], [], 2)
    assert (alone.place, alone.figures.amount, alone.item.product_line_id) == (UNSPECIFIED, Decimal(5), LINE)
