"""Over sums by report and category, adjustments come to what they come to over cells, wherever sums are said to do."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item
from services.forecast.cycles.rules.definition import DEFAULT_PLAN, Category
from services.forecast.rollup.rules import sums
from services.forecast.rollup.rules.adjustments import Adjustment, Mode, NamedLine, applied
from services.forecast.rollup.rules.cells import Cell, Figures, Part, composed, summed, totals

ANNA, BO = UUID(int=1), UUID(int=2)
MONTH = date(2026, 11, 1)
BOOT = Item(UUID(int=10), UUID(int=20), "pair", unit_is_whole=True)
ADJUSTABLE = [Category.COMMIT, Category.BEST_CASE, Category.PIPELINE]
PLANS = (DEFAULT_PLAN, (Category.CLOSED,), (Category.CLOSED, Category.COMMIT, Category.BEST_CASE))

parts = some.builds(
    Part,
    some.sampled_from([ANNA, BO]),
    some.builds(
        Cell,
        some.sampled_from([Category.CLOSED, *ADJUSTABLE]),
        some.sampled_from([BOOT, NOTHING_KNOWN]),
        some.just(MONTH),
        some.sampled_from(["Ghent", "Lyon"]),
    ),
    some.builds(Figures, some.integers(0, 99).map(Decimal), some.decimals(0, 10**6, places=2)),
)
lines = some.none() | some.builds(
    NamedLine, some.just(BOOT), some.just(MONTH), some.just("Oslo"), some.just(Decimal(3)), some.just(Decimal(60))
)
judgements = some.builds(
    Adjustment,
    some.uuids(),
    some.sampled_from(list(Mode)),
    some.decimals(0, 3, places=2),
    some.none() | some.sampled_from(ADJUSTABLE),
    some.none() | some.sampled_from([ANNA, BO]),
    some.decimals(0, 100, places=2),
    lines,
)


def judged(category: Category | None, seat: UUID | None, line: NamedLine | None = None) -> Adjustment:
    return Adjustment(UUID(int=9), Mode.DELTA, Decimal(1), category, seat, Decimal(0), line)


def in_sums(below: Sequence[Part]) -> list[Part]:
    found: dict[tuple[UUID, Category], Decimal] = {}
    for seat in (ANNA, BO):
        for category, total in totals(composed([], [part for part in below if part.seat_id == seat], [])).items():
            found[seat, category] = total.result
    return [sums.part_of(seat, category, amount) for (seat, category), amount in found.items()]


@settings(deadline=None)
@given(some.lists(parts, max_size=8), some.lists(judgements, max_size=4), some.sampled_from(PLANS))
def test_sums_say_what_cells_say(below: list[Part], made: list[Adjustment], plan: tuple[Category, ...]) -> None:
    assume(sums.suffice(made, plan))
    by_cell, by_sum = applied(made, below, plan, 2), applied(made, in_sums(below), plan, 2)
    assert [(one.base, one.delta, one.is_flagged, one.needs_figure) for one in by_cell] == [
        (one.base, one.delta, one.is_flagged, one.needs_figure) for one in by_sum
    ]
    changes = [[change for one in found for change in one.parts] for found in (by_cell, by_sum)]
    cells, roughly = (totals(composed([], below, change)) for change in changes)
    assert {category: total for category, total in cells.items() if total.adjustment} == {
        category: total for category, total in roughly.items() if total.adjustment
    }
    assert sum((figures.amount for figures in summed(changes[0]).values()), Decimal(0)) == sum(
        (figures.amount for figures in summed(changes[1]).values()), Decimal(0)
    )


@pytest.mark.parametrize(
    ("made", "suffice"),
    [
        ([], True),
        ([judged(None, None)], True),
        ([judged(Category.COMMIT, ANNA), judged(Category.COMMIT, BO), judged(None, None)], True),
        ([judged(Category.COMMIT, None), judged(Category.PIPELINE, ANNA)], True),
        ([judged(Category.COMMIT, None), judged(Category.COMMIT, ANNA)], False),
        ([judged(None, None), judged(None, ANNA)], False),
    ],
)
def test_what_was_dealt_out_among_reports_and_judged_again_needs_cells(made: list[Adjustment], suffice: bool) -> None:
    assert sums.suffice(made, DEFAULT_PLAN) is suffice


def test_what_changes_several_categories_together_needs_cells() -> None:
    assert not sums.suffice([judged(None, None)], PLANS[2])
    named = NamedLine(BOOT, MONTH, "Oslo", Decimal(1), Decimal(1))
    assert sums.suffice([judged(None, None, named)], DEFAULT_PLAN)
    assert not sums.suffice([judged(None, None, named)], (Category.CLOSED, Category.BEST_CASE))


def test_every_part_of_an_adjustment_was_thought_of() -> None:
    """Whoever lets an adjustment judge something else says in `suffice` whether sums tell what that comes to."""
    assert [field.name for field in fields(Adjustment)] == [
        "id",
        "mode",
        "value",
        "category",
        "seat_id",
        "base",
        "line",
    ]
