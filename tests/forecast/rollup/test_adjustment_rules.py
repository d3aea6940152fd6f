"""Adjustments: the three modes, their recomputation and flag, and how they spread."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item
from services.forecast.cycles.rules.definition import DEFAULT_PLAN, Category
from services.forecast.rollup.rules import adjustments
from services.forecast.rollup.rules.adjustments import Adjustment, Applied, Mode, NamedLine
from services.forecast.rollup.rules.cells import Cell, Figures, Part
from services.forecast.rollup.rules.spreading import spread_over

ANNA, BO = UUID(int=1), UUID(int=2)
MONTH = date(2026, 11, 1)
BOOT = Item(UUID(int=10), UUID(int=20), "pair", unit_is_whole=True)
SHOE = Item(UUID(int=11), UUID(int=20), "pair", unit_is_whole=True)
GLUE = Item(UUID(int=12), UUID(int=21), "kg", unit_is_whole=False)


def part(
    amount: str | int,
    quantity: int = 0,
    *,
    item: Item = BOOT,
    seat: UUID = ANNA,
    category: Category = Category.COMMIT,
    place: str = "Ghent",
) -> Part:
    return Part(seat, Cell(category, item, MONTH, place), Figures(Decimal(quantity), Decimal(amount)))


def judged(
    mode: Mode,
    value: str,
    base: str = "100",
    *,
    category: Category | None = None,
    seat_id: UUID | None = None,
    line: NamedLine | None = None,
) -> Adjustment:
    return Adjustment(UUID(int=99), mode, Decimal(value), category, seat_id, Decimal(base), line)


def apply(adjustment: Adjustment, parts: Sequence[Part]) -> Applied:
    (outcome,) = adjustments.applied([adjustment], parts, DEFAULT_PLAN, 2)
    return outcome


THREE_MODES = [(Mode.DELTA, "-10", "120"), (Mode.ABSOLUTE, "90", "90"), (Mode.RATIO, "0.9", "117")]


@pytest.mark.parametrize(("mode", "value", "later"), THREE_MODES)
def test_an_adjustment_is_computed_again_by_its_mode_and_flagged(mode: Mode, value: str, later: str) -> None:
    at_first = apply(judged(mode, value), [part(100)])
    assert (at_first.result, at_first.is_flagged) == (Decimal(90), False)
    grown = apply(judged(mode, value), [part(130)])
    assert (grown.result, grown.is_flagged) == (Decimal(later), True)
    adjustments.check_settled([at_first])
    with pytest.raises(adjustments.AdjustmentsOpen):
        adjustments.check_settled([grown])


def test_a_figure_below_zero_asks_for_a_new_one() -> None:
    shrunk = [part(5)]
    outcome = apply(judged(Mode.DELTA, "-10"), shrunk)
    assert outcome.needs_figure
    assert outcome.result == -5
    assert outcome.parts == ()
    with pytest.raises(adjustments.FigureImpossible) as refused:
        adjustments.check_possible(outcome, shrunk, DEFAULT_PLAN)
    assert (refused.value.code, refused.value.computed) == ("new_figure_needed", "-5")


def test_what_is_won_is_judged_but_never_changed() -> None:
    below = [part(60, category=Category.CLOSED), part(40)]
    outcome = apply(judged(Mode.ABSOLUTE, "90"), below)
    assert outcome.delta == -10
    assert [change.cell.category for change in outcome.parts] == [Category.COMMIT]
    with pytest.raises(adjustments.FigureImpossible) as refused:
        adjustments.check_possible(apply(judged(Mode.ABSOLUTE, "50"), below), below, DEFAULT_PLAN)
    assert refused.value.lowest == "60"


def test_scope_is_a_category_and_a_report() -> None:
    below = [part(100), part(50, seat=BO), part(30, category=Category.PIPELINE)]
    assert apply(judged(Mode.RATIO, "2"), below).base == 150
    assert apply(judged(Mode.RATIO, "2", seat_id=BO), below).base == 50
    pipeline = apply(judged(Mode.RATIO, "2", category=Category.PIPELINE), below)
    assert {change.cell.category: change.figures.amount for change in pipeline.parts} == {
        Category.PIPELINE: Decimal(30)
    }


def test_each_judges_what_those_before_it_leave() -> None:
    below = [part(100), part(50, seat=BO)]
    first, second = adjustments.applied(
        [judged(Mode.DELTA, "-10", seat_id=BO), judged(Mode.ABSOLUTE, "100")], below, DEFAULT_PLAN, 2
    )
    assert [first.delta, second.base, second.delta] == [Decimal(-10), Decimal(140), Decimal(-40)]


def test_without_a_line_below_it_must_be_named() -> None:
    missing = apply(judged(Mode.DELTA, "25", base="0"), [])
    with pytest.raises(adjustments.NoLineBelow):
        adjustments.check_possible(missing, [], DEFAULT_PLAN)
    named = NamedLine(BOOT, MONTH, "Lyon", Decimal(5), Decimal(25))
    outcome = apply(judged(Mode.DELTA, "25", base="0", line=named), [])
    assert outcome.parts == (Part(None, Cell(Category.COMMIT, BOOT, MONTH, "Lyon"), Figures(Decimal(5), Decimal(25))),)


def test_a_named_line_keeps_its_price_when_computed_again() -> None:
    named = NamedLine(BOOT, MONTH, "Lyon", Decimal(10), Decimal(50))
    outcome = apply(judged(Mode.ABSOLUTE, "150", line=named), [part(125)])
    assert [change.figures for change in outcome.parts] == [Figures(Decimal(5), Decimal(25))]


@pytest.mark.parametrize(
    ("mode", "value", "category"),
    [
        (Mode.DELTA, "0", None),
        (Mode.ABSOLUTE, "-1", None),
        (Mode.RATIO, "-0.1", None),
        (Mode.DELTA, "0.001", None),
        (Mode.DELTA, "1", Category.CLOSED),
    ],
)
def test_values_without_sense_are_refused(mode: Mode, value: str, category: Category | None) -> None:
    with pytest.raises((adjustments.AdjustmentValueWrong, adjustments.ClosedIsFact)):
        adjustments.check_value(mode, Decimal(value), category, 2)


def test_it_spreads_in_proportion_and_in_whole_units() -> None:
    below = [part("100.00", 10), part("100.00", 10, place="Lyon"), part("100.00", 10, place="Basel")]
    changes = spread_over(Decimal("-10.00"), below, 2)
    assert [change.figures.amount for change in changes] == [Decimal("-3.34"), Decimal("-3.33"), Decimal("-3.33")]
    assert [change.figures.quantity for change in changes] == [-1, 0, 0]


def test_lines_that_are_all_zero_share_equally() -> None:
    changes = spread_over(Decimal("1.00"), [part(0, 4), part(0, 4, place="Lyon"), part(0, place="Basel")], 2)
    assert [change.figures.amount for change in changes] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert all(change.figures.quantity == 0 for change in changes)


parts_below = some.lists(
    some.one_of(
        some.builds(
            lambda item, quantity, amount, place: part(amount, quantity, item=item, place=place),
            some.sampled_from([BOOT, SHOE]),
            some.integers(0, 10**6),
            some.decimals(0, 10**9, places=2).map(str),
            some.sampled_from("abcdef"),
        ),
        some.builds(
            lambda quantity, amount: replace(part(amount, item=GLUE), figures=Figures(quantity, Decimal(amount))),
            some.decimals(0, 10**6, places=4),
            some.decimals(0, 10**9, places=2).map(str),
        ),
        some.builds(lambda amount: part(amount, item=NOTHING_KNOWN), some.decimals(0, 10**9, places=2).map(str)),
    ),
    min_size=1,
    max_size=20,
)


@given(parts_below, some.decimals(-1, 3, places=4))
def test_a_spread_adds_up_to_the_cent_and_never_goes_below_zero(below: list[Part], share: Decimal) -> None:
    whole = sum((each.figures.amount for each in below), Decimal(0))
    delta = max(round(whole * share, 2), -whole)
    changes = spread_over(delta, below, 2)
    assert sum((change.figures.amount for change in changes), Decimal(0)) == delta
    for before, change in zip(below, changes, strict=True):
        after = before.figures + change.figures
        assert after.amount >= 0
        assert after.quantity >= 0
        assert not before.cell.item.unit_is_whole or change.figures.quantity == int(change.figures.quantity)


@given(parts_below, some.decimals(-1, 3, places=4))
def test_quantities_follow_the_amounts_within_half_a_unit_per_product(below: list[Part], share: Decimal) -> None:
    whole = sum((each.figures.amount for each in below), Decimal(0))
    delta = max(round(whole * share, 2), -whole)
    changes = spread_over(delta, below, 2)
    for item in {each.cell.item for each in below}:
        pairs = [pair for pair in zip(below, changes, strict=True) if pair[0].cell.item == item]
        followed = [
            before.figures.quantity * change.figures.amount / before.figures.amount
            for before, change in pairs
            if before.figures.amount
        ]
        wanted = sum(followed, Decimal(0))
        given_out = sum((change.figures.quantity for _, change in pairs), Decimal(0))
        unit = Decimal(1) if item.unit_is_whole else Decimal("0.0001")
        assert abs(given_out - wanted) <= unit / 2 + abs(wanted) * Decimal("1e-20")


@given(parts_below)
def test_taking_everything_away_leaves_nothing(below: list[Part]) -> None:
    whole = sum((each.figures.amount for each in below), Decimal(0))
    changes = spread_over(-whole, below, 2)
    for before, change in zip(below, changes, strict=True):
        assert (before.figures + change.figures).amount == 0
        if before.figures.amount:
            assert (before.figures + change.figures).quantity == 0
