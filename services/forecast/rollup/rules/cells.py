"""Cells: the figures of a record by category, item, month and place. Every total is a sum of cells, at every level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.forecast.confirmation.rules.lines import Item, Line
from services.forecast.cycles.rules.definition import Category, Granularity

ZERO = Decimal(0)
UNSPECIFIED = "unspecified"
"""The place of what has neither a delivery place nor a customer with a delivery address."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a figure belongs."""

    category: Category
    item: Item
    month: date
    place: str
    week: date | None = None
    """Its first day in the month, in a cycle by weeks; else None."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How much, and what it is worth; items that are not counted keep a quantity of 0."""

    quantity: Decimal = ZERO
    amount: Decimal = ZERO

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.quantity + other.quantity, self.amount + other.amount)

    def __neg__(self) -> "Figures":
        return Figures(-self.quantity, -self.amount)


NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Part:
    """Figures in a cell that came through one direct report; `seat_id` is None for one's own."""

    seat_id: UUID | None
    cell: Cell
    figures: Figures


@dataclass(frozen=True, slots=True)
class Total:
    """A record's figure: what is one's own, what came from below, and how that was adjusted."""

    own: Decimal = ZERO
    gathered: Decimal = ZERO
    adjustment: Decimal = ZERO

    @property
    def result(self) -> Decimal:
        """Own confirmed + submitted of direct reports + own adjustment (NUMBERS, Roll-up)."""
        return self.own + self.gathered + self.adjustment

    def __add__(self, other: "Total") -> "Total":
        return Total(self.own + other.own, self.gathered + other.gathered, self.adjustment + other.adjustment)


@dataclass(frozen=True, slots=True)
class CellFigures:
    """The three parts of a cell of a record, kept apart for ever."""

    own: Figures = NOTHING
    gathered: Figures = NOTHING
    adjustment: Figures = NOTHING

    @property
    def result(self) -> Figures:
        """What the record says for the cell: this is what the level above gathers."""
        return self.own + self.gathered + self.adjustment


def cell_of(
    category: Category,
    line: Line,
    granularity: Granularity,
    delivered_to: str | None = None,
    *,
    is_by_week: bool = False,
) -> Cell:
    """Return the cell of a confirmed line; by product line, products are told apart by their unit only.

    The place is the line's, else where the customer is delivered to, else `unspecified`.
    """
    item = line.item
    if granularity is Granularity.PRODUCT_LINE and item.product_line_id is not None:
        item = Item(None, item.product_line_id, item.unit, item.unit_is_whole)
    week = line.week if is_by_week else None
    return Cell(category, item, line.month, line.place or delivered_to or UNSPECIFIED, week)


def composed(own: Iterable[Part], gathered: Iterable[Part], adjustment: Iterable[Part]) -> dict[Cell, CellFigures]:
    """Return the cells of a record from its three kinds of parts."""
    sides = [summed(own), summed(gathered), summed(adjustment)]
    cells = {cell for side in sides for cell in side}
    return {cell: CellFigures(*(side.get(cell, NOTHING) for side in sides)) for cell in cells}


def summed(parts: Iterable[Part]) -> dict[Cell, Figures]:
    """Return the sum of the parts of each cell."""
    sums: dict[Cell, Figures] = {}
    for part in parts:
        sums[part.cell] = sums.get(part.cell, NOTHING) + part.figures
    return sums


def totals(cells: Mapping[Cell, CellFigures]) -> dict[Category, Total]:
    """Return the total of each category that occurs."""
    sums: dict[Category, Total] = {}
    for cell, figures in cells.items():
        part = Total(figures.own.amount, figures.gathered.amount, figures.adjustment.amount)
        sums[cell.category] = sums.get(cell.category, Total()) + part
    return sums


def plan_total(by_category: Mapping[Category, Total], plan: Iterable[Category]) -> Total:
    """Return the figure that counts: the categories that become the plan, the others stand beside it."""
    return sum((by_category.get(category, Total()) for category in plan), Total())
