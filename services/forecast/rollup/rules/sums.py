"""What a draft comes to by category, from sums by report and category where those tell it, without the cells."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.forecast.confirmation.rules.lines import NOTHING_KNOWN
from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.adjustments import Adjustment
from services.forecast.rollup.rules.cells import UNSPECIFIED, Cell, Figures, Part


def part_of(seat_id: UUID | None, category: Category, amount: Decimal) -> Part:
    """Return the sum of a category that came through one direct report, or is one's own, as one part."""
    return Part(seat_id, Cell(category, NOTHING_KNOWN, date.min, UNSPECIFIED), Figures(amount=amount))


def suffice(made: Sequence[Adjustment], plan: Collection[Category]) -> bool:
    """Tell whether adjustments, in the order they are made, come to the same over sums as over cells.

    They do while each changes one category, and none judges a report after one has changed all reports together:
    how that was dealt out among the reports, to the cent, only their cells tell.
    """
    before: set[Category] = set()
    for adjustment in made:
        changed = set(_changed(adjustment, plan))
        if len(changed) > 1 or (adjustment.seat_id is not None and changed & before):
            return False
        if adjustment.seat_id is None:
            before |= changed
    return True


def touched(made: Sequence[Adjustment], plan: Collection[Category]) -> set[Category]:
    """Return the categories that adjustments may change: of others their sums are enough to judge by."""
    return {category for adjustment in made for category in _changed(adjustment, plan)}


def _changed(adjustment: Adjustment, plan: Collection[Category]) -> Iterable[Category]:
    """Return the categories that an adjustment may change: what is won never is."""
    categories = plan if adjustment.category is None else (adjustment.category,)
    yield from (category for category in categories if category is not Category.CLOSED)
    if adjustment.line is not None and adjustment.category is None:
        yield Category.COMMIT
