"""Demand plans: decided lines, differences between versions with explicit zeros, cells without formulas."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.definition import DEFAULT_PLAN, Category
from services.forecast.demand_plan import rules
from services.forecast.demand_plan.rules import Place
from services.forecast.rollup.rules.cells import NOTHING, Cell, Figures
from tests.forecast.demand_plan.deciding import decided

BOOT = Item(UUID(int=10), UUID(int=20), "pair", unit_is_whole=True)
MONTH = date(2026, 11, 1)


def figures(quantity: int, amount: int) -> Figures:
    return Figures(Decimal(quantity), Decimal(amount))


def at(place: str) -> Place:
    return Place(BOOT, MONTH, place)


def test_only_the_plan_categories_become_demand() -> None:
    cells = [(Cell(category, BOOT, MONTH, "Ghent"), figures(1, 10)) for category in Category]
    assert decided(cells, DEFAULT_PLAN) == {at("Ghent"): figures(2, 20)}


def test_a_new_version_says_what_changed_and_zero_for_what_fell_away() -> None:
    lines = rules.plan_lines({at("Ghent"): figures(3, 30)}, {at("Ghent"): figures(2, 20), at("Lyon"): figures(1, 10)})
    assert [(line.place.place, line.figures, line.change) for line in lines] == [
        ("Ghent", figures(3, 30), figures(1, 10)),
        ("Lyon", NOTHING, figures(-1, -10)),
    ]


def test_an_explicit_zero_is_said_in_every_version_after() -> None:
    (line,) = rules.plan_lines({}, {at("Lyon"): NOTHING})
    assert (line.place, line.figures, line.change, line.change_kind) == (at("Lyon"), NOTHING, NOTHING, "unchanged")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((0, 0), (2, 20), "added"),
        ((2, 20), (3, 20), "raised"),
        ((2, 20), (2, 21), "raised"),
        ((2, 20), (1, 30), "lowered"),
        ((2, 20), (3, 10), "raised"),
        ((2, 20), (2, 19), "lowered"),
        ((2, 20), (0, 0), "fallen_away"),
        ((2, 20), (2, 20), "unchanged"),
        ((0, 0), (0, 0), "unchanged"),
    ],
)
def test_what_a_change_is(before: tuple[int, int], after: tuple[int, int], kind: str) -> None:
    (line,) = rules.plan_lines({at("Ghent"): figures(*after)}, {at("Ghent"): figures(*before)})
    assert line.change_kind == kind


def test_a_version_that_says_the_same_is_refused() -> None:
    same = rules.plan_lines({at("Ghent"): figures(2, 20)}, {at("Ghent"): figures(2, 20)})
    with pytest.raises(rules.PlanUnchanged):
        rules.check_changed(same, 3)
    rules.check_changed(same, None)


demand = some.dictionaries(
    some.builds(at, some.sampled_from("abcdefgh")),
    some.builds(figures, some.integers(0, 9), some.integers(0, 9)).filter(lambda each: each != NOTHING),
)
small = some.dictionaries(some.builds(at, some.sampled_from("abc")), some.sampled_from([figures(1, 1), figures(2, 1)]))
versions = some.lists(small, min_size=1, max_size=4)


@given(versions)
def test_each_version_alone_says_what_holds_of_all_that_was_ever_said(told: list[dict[Place, Figures]]) -> None:
    """Who read any one version and then the last, and nothing between, has the last one's figures everywhere."""
    published: list[dict[Place, Figures]] = []
    for said in told:
        before = published[-1] if published else {}
        published.append({line.place: line.figures for line in rules.plan_lines(said, before)})
    for missed in published:
        read = {**missed, **published[-1]}
        assert {place: each for place, each in read.items() if each != NOTHING} == told[-1]


@given(demand, demand)
def test_versions_differ_by_their_changes(before: dict[Place, Figures], after: dict[Place, Figures]) -> None:
    lines = rules.plan_lines(after, before)
    changed = {line.place: before.get(line.place, NOTHING) + line.change for line in lines}
    assert {place: each for place, each in changed.items() if each != NOTHING} == after
    assert set(changed) == {*before, *after}
    assert rules.total_of(lines) == sum((each.amount for each in after.values()), Decimal(0))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert rules.neutralised(text) == f"'{text}"
    assert rules.neutralised("Ghent") == "Ghent"


@given(demand, demand, some.integers(1, 4))
def test_told_some_at_a_time_lines_come_to_the_same(
    before: dict[Place, Figures], after: dict[Place, Figures], at_once: int
) -> None:
    lines = rules.plan_lines(after, before)
    summary = rules.Summary()
    for first in range(0, len(lines), at_once):
        summary.add(lines[first : first + at_once])
    assert (summary.count, summary.total) == (len(lines), rules.total_of(lines))
    assert summary.change == rules.change_of(lines)
    assert bool(summary.changed) == any(line.change != NOTHING for line in lines)
