"""Records: totals that are sums of their parts at any depth, and what may happen to a record next."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item, Line
from services.forecast.cycles.rules.definition import DEFAULT_PLAN, Category, Granularity
from services.forecast.demand_plan.rules import plan_lines, total_of
from services.forecast.rollup.rules import states
from services.forecast.rollup.rules.adjustments import Adjustment, Mode, applied
from services.forecast.rollup.rules.cells import (
    Cell,
    CellFigures,
    Figures,
    Part,
    Total,
    cell_of,
    composed,
    plan_total,
    totals,
)
from services.forecast.rollup.rules.states import RecordState, ShownState
from tests.forecast.demand_plan.deciding import decided

MONTHS = [date(2026, month, 1) for month in (10, 11, 12)]
BOOT = Item(UUID(int=10), UUID(int=20), "pair", unit_is_whole=True)
GLUE = Item(UUID(int=12), UUID(int=21), "kg", unit_is_whole=False)
CATEGORIES = [Category.CLOSED, Category.COMMIT, Category.BEST_CASE, Category.PIPELINE]


@dataclass(eq=False)
class Seat:
    """A person of a random hierarchy, with what they confirmed and how they judge what comes from below."""

    id: UUID
    own: list[Part]
    judgements: list[Adjustment]
    reports: list["Seat"] = field(default_factory=list)
    cells: dict[Cell, CellFigures] = field(default_factory=dict)
    deltas: Decimal = Decimal(0)

    def roll_up(self) -> None:
        """Gather the reports, adjust, and keep the record's cells, as a superior would."""
        for report in self.reports:
            report.roll_up()
        gathered = [
            Part(report.id, cell, figures.result) for report in self.reports for cell, figures in report.cells.items()
        ]
        outcomes = [each for each in applied(self.judgements, gathered, DEFAULT_PLAN, 2) if not each.needs_figure]
        self.deltas = sum((each.delta for each in outcomes), Decimal(0))
        changes = [change for each in outcomes for change in each.parts]
        assert sum((change.figures.amount for change in changes), Decimal(0)) == self.deltas
        self.cells = composed(self.own, gathered, changes)


cells = some.builds(
    Cell,
    some.sampled_from(CATEGORIES),
    some.sampled_from([BOOT, GLUE, NOTHING_KNOWN]),
    some.sampled_from(MONTHS),
    some.sampled_from(["Ghent", "Lyon"]),
)


@some.composite
def own_parts(draw: some.DrawFn) -> Part:
    cell = draw(cells)
    amount = draw(some.decimals(0, 10**7, places=2))
    counted = {BOOT: some.integers(0, 10**5).map(Decimal), GLUE: some.decimals(0, 10**5, places=4)}
    quantity = draw(counted[cell.item]) if cell.item in counted else Decimal(0)
    return Part(None, cell, Figures(quantity, amount))


judgements = some.builds(
    lambda mode, value, category: Adjustment(UUID(int=1), mode, value, category, None, Decimal(0)),
    some.sampled_from([Mode.ABSOLUTE, Mode.DELTA]),
    some.decimals(-1000, 10**7, places=2),
    some.sampled_from([None, Category.COMMIT, Category.PIPELINE]),
) | some.builds(
    lambda value: Adjustment(UUID(int=1), Mode.RATIO, value, None, None, Decimal(0)), some.decimals(0, 3, places=3)
)


@some.composite
def hierarchies(draw: some.DrawFn) -> tuple[Seat, list[Seat]]:
    """Return the top and all seats of a random tree, up to eight deep."""
    seats: list[Seat] = []
    depths: list[int] = []
    for number in range(draw(some.integers(1, 14))):
        seat = Seat(
            UUID(int=number + 100), draw(some.lists(own_parts(), max_size=3)), draw(some.lists(judgements, max_size=2))
        )
        if seats:
            deep_enough = [place for place, depth in enumerate(depths) if depth < 8]
            superior = draw(some.sampled_from(deep_enough[-3:]))
            seats[superior].reports.append(seat)
            depths.append(depths[superior] + 1)
        else:
            depths.append(1)
        seats.append(seat)
    return seats[0], seats


@settings(max_examples=150, deadline=None)
@given(hierarchies())
def test_every_total_is_the_sum_of_its_parts_at_any_depth(tree: tuple[Seat, list[Seat]]) -> None:
    top, seats = tree
    top.roll_up()
    for seat in seats:
        below: dict[Cell, Figures] = {}
        for report in seat.reports:
            for cell, figures in report.cells.items():
                below[cell] = below.get(cell, Figures()) + figures.result
        assert below == {cell: figures.gathered for cell, figures in seat.cells.items() if cell in below}
        record = sum(totals(seat.cells).values(), start=Total())
        assert record.own == sum((part.figures.amount for part in seat.own), Decimal(0))
        assert record.adjustment == seat.deltas
        assert record.result == record.own + record.gathered + record.adjustment
        assert all(figures.result.amount >= 0 for figures in seat.cells.values())
        assert all(figures.result.quantity >= 0 for figures in seat.cells.values())
    at_the_top = sum((figures.result.amount for figures in top.cells.values()), Decimal(0))
    confirmed = sum((part.figures.amount for seat in seats for part in seat.own), Decimal(0))
    assert at_the_top == confirmed + sum((seat.deltas for seat in seats), Decimal(0))


@settings(max_examples=100, deadline=None)
@given(hierarchies())
def test_the_demand_plan_is_what_the_top_says(tree: tuple[Seat, list[Seat]]) -> None:
    top, _ = tree
    top.roll_up()
    lines = plan_lines(decided([(cell, each.result) for cell, each in top.cells.items()], DEFAULT_PLAN), {})
    assert total_of(lines) == plan_total(totals(top.cells), DEFAULT_PLAN).result
    pairs = [line.figures.quantity for line in lines if line.place.item == BOOT]
    assert all(quantity == int(quantity) for quantity in pairs)
    assert sum(pairs) == sum(
        each.result.quantity for cell, each in top.cells.items() if cell.item == BOOT and cell.category in DEFAULT_PLAN
    )


def test_an_adjustment_at_level_two_is_counted_once_at_level_three() -> None:
    won = Part(None, Cell(Category.COMMIT, BOOT, MONTHS[0], "Ghent"), Figures(Decimal(10), Decimal(100)))
    less = Adjustment(UUID(int=1), Mode.DELTA, Decimal(-10), None, None, Decimal(100))
    seller = Seat(UUID(int=2), [won], [])
    manager = Seat(UUID(int=3), [], [less], [seller])
    head = Seat(UUID(int=4), [], [], [manager])
    head.roll_up()
    record = plan_total(totals(head.cells), DEFAULT_PLAN)
    assert (record, record.result) == (Total(gathered=Decimal(90)), Decimal(90))


def test_by_product_line_products_are_told_apart_by_their_unit_only() -> None:
    line = Line(BOOT, MONTHS[0], "Ghent", Decimal(1), Decimal(2))
    cell = cell_of(Category.COMMIT, line, Granularity.PRODUCT_LINE)
    assert (cell.item.product_id, cell.item.product_line_id, cell.item.unit) == (None, BOOT.product_line_id, "pair")
    assert cell_of(Category.COMMIT, line, Granularity.PRODUCT).item == BOOT


@pytest.mark.parametrize(
    ("place", "delivered_to", "shown"),
    [("Ghent", "Lyon", "Ghent"), (None, "Lyon", "Lyon"), (None, None, "unspecified")],
)
def test_a_place_is_the_lines_else_the_customers(place: str | None, delivered_to: str | None, shown: str) -> None:
    line = Line(BOOT, MONTHS[0], place, Decimal(1), Decimal(2))
    assert cell_of(Category.COMMIT, line, Granularity.PRODUCT, delivered_to).place == shown


HOLDER, SUPERIOR, STRANGER = UUID(int=1), UUID(int=2), UUID(int=3)


def test_what_is_stale_goes_no_further() -> None:
    for check in (states.check_adjustable, states.check_submittable):
        check(RecordState.DRAFT, is_stale=False)
        with pytest.raises(states.StaleRecord):
            check(RecordState.DRAFT, is_stale=True)
        with pytest.raises(states.WrongState):
            check(RecordState.SUBMITTED, is_stale=False)
    states.check_approvable(RecordState.SUBMITTED, is_stale=False)
    with pytest.raises(states.StaleRecord):
        states.check_approvable(RecordState.SUBMITTED, is_stale=True)


@pytest.mark.parametrize("state", list(RecordState))
@pytest.mark.parametrize("is_stale", [True, False])
def test_only_what_is_handed_in_and_true_is_gathered(state: RecordState, is_stale: bool) -> None:
    handed_in = state in {RecordState.SUBMITTED, RecordState.APPROVED}
    assert states.is_gatherable(state, is_stale=is_stale) == (handed_in and not is_stale)


def test_what_is_approved_is_revised_after_a_return_only() -> None:
    states.check_revisable(RecordState.SUBMITTED, is_stale=False)
    states.check_revisable(RecordState.APPROVED, is_stale=True)
    with pytest.raises(states.WrongState):
        states.check_revisable(RecordState.APPROVED, is_stale=False)
    with pytest.raises(states.WrongState):
        states.check_returnable(RecordState.DRAFT)


def test_the_direct_superior_decides_and_nobody_on_their_own_matter() -> None:
    def decide(*people: UUID, superior: UUID | None = SUPERIOR, tops: bool = False) -> None:
        states.check_decider(frozenset(people), holder_id=HOLDER, superior_holder_id=superior, may_decide_on_tops=tops)

    decide(SUPERIOR)
    decide(STRANGER, superior=None, tops=True)
    with pytest.raises(states.NotDirectSuperior):
        decide(STRANGER, tops=True)
    with pytest.raises(states.NotDirectSuperior):
        decide(STRANGER, superior=None)
    with pytest.raises(states.OwnMatter):
        decide(HOLDER, superior=None, tops=True)
    with pytest.raises(states.OwnMatter):
        decide(HOLDER, SUPERIOR)


def test_how_a_seat_is_shown() -> None:
    assert states.shown_state(None, is_stale=False) is ShownState.MISSING
    assert states.shown_state(RecordState.SUBMITTED, is_stale=True) is ShownState.STALE
    assert states.shown_state(RecordState.RETURNED, is_stale=True) is ShownState.RETURNED
    assert states.shown_state(RecordState.APPROVED, is_stale=False) is ShownState.APPROVED
