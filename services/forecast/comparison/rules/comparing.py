"""Lines of sales beside those of the sources: by product line and month, and in time by territory.

A month is a date, so that years stay apart. A figure that nobody stated is None; a stated 0 is a figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.rules.quantities import PRECISION

DEFAULT_TOLERANCE = Decimal("0.2")
"""A source may differ from sales by a fifth of what sales say (SPEC 4.5)."""

RATIO_DECIMALS = Decimal("1e-6")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Key:
    """What a line is about; sales may know of no product line."""

    product_line_id: UUID | None
    month: date

    @property
    def order(self) -> tuple[str, date]:
        """By which lines are sorted."""
        return (str(self.product_line_id or ""), self.month)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a side says of a line: None was not stated; without one unit there is no one quantity."""

    amount: Decimal | None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_is_whole: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """What is kept of it, to know later whether it is another."""
        return {
            "amount": _plain(self.amount),
            "quantity": _plain(self.quantity),
            "unit": self.unit,
            "unit_is_whole": self.unit_is_whole,
        }

    @classmethod
    def of_told(cls, told: Mapping[str, Any]) -> "Figure":
        """Return the figure of which that was kept."""
        amount, quantity = told["amount"], told["quantity"]
        return cls(
            None if amount is None else Decimal(amount),
            None if quantity is None else Decimal(quantity),
            told["unit"],
            told["unit_is_whole"],
        )


@dataclass(frozen=True, slots=True)
class Stated:
    """A part of what a side says of a line."""

    item: Item
    quantity: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """What sales and each source say of a line; who does not know it is not there."""

    key: Key
    sales: Figure | None = None
    sources: Mapping[UUID, Figure] = field(default_factory=dict)

    @property
    def basis(self) -> dict[str, Any]:
        """All that a decision on the line is taken on."""
        return {
            "sales": self.sales.told if self.sales else None,
            "sources": {str(source_id): figure.told for source_id, figure in sorted(self.sources.items())},
        }


class NoDifference(StrEnum):
    """Why a difference or a ratio is null."""

    NOT_IN_SALES = "not_in_sales"
    NOT_STATED = "not_stated"
    SALES_IS_ZERO = "sales_is_zero"
    UNITS_DIFFER = "units_differ"


@dataclass(frozen=True, slots=True)
class Difference:
    """Source − sales and source ÷ sales, of amounts or of quantities; where one is null, `because` says why."""

    difference: Decimal | None
    ratio: Decimal | None
    because: NoDifference | None


def figure_of(parts: Iterable[Stated]) -> Figure:
    """Return what the parts come to: a sum where each part states one, quantities only in a single unit."""
    listed = list(parts)
    amounts = [part.amount for part in listed]
    counted = [part for part in listed if part.item.is_counted]
    units = {part.item.unit for part in counted}
    quantities = [part.quantity for part in counted]
    amount = None if None in amounts else sum((each or ZERO for each in amounts), ZERO)
    if len(units) != 1:
        return Figure(amount)
    quantity = None if None in quantities else sum((each or ZERO for each in quantities), ZERO)
    return Figure(amount, quantity, units.pop(), all(part.item.unit_is_whole for part in counted))


def compared(
    sales: Mapping[Key, Iterable[Stated]], sources: Mapping[UUID, Mapping[Key, Iterable[Stated]]]
) -> list[ComparedLine]:
    """Return the lines that anybody knows, in a settled order."""
    keys = {*sales, *(key for lines in sources.values() for key in lines)}
    return [
        ComparedLine(
            key,
            figure_of(sales[key]) if key in sales else None,
            {source_id: figure_of(lines[key]) for source_id, lines in sorted(sources.items()) if key in lines},
        )
        for key in sorted(keys, key=lambda each: each.order)
    ]


def amounts_differ(source: Figure, sales: Figure | None) -> Difference:
    """Compare amounts."""
    return _difference(source.amount, sales.amount if sales else None, is_known=sales is not None)


def quantities_differ(source: Figure, sales: Figure | None) -> Difference:
    """Compare quantities, which are of one unit or not to be compared."""
    if sales is not None and None not in (source.quantity, sales.quantity) and source.unit != sales.unit:
        return Difference(None, None, NoDifference.UNITS_DIFFER)
    return _difference(source.quantity, sales.quantity if sales else None, is_known=sales is not None)


def is_beyond(line: ComparedLine, tolerance: Decimal) -> bool:
    """Tell whether a line needs a decision: a side alone knows it, or a source differs by more than the tolerance.

    A source that does not know a line says nothing against it as long as another one knows it.
    """
    if line.sales is None or not line.sources:
        return True
    return any(_differs(figure, line.sales, tolerance) for figure in line.sources.values())


def _differs(source: Figure, sales: Figure, tolerance: Decimal) -> bool:
    pairs = [(source.amount, sales.amount)]
    if source.unit == sales.unit:
        pairs.append((source.quantity, sales.quantity))
    known = [(theirs, ours) for theirs, ours in pairs if theirs is not None and ours is not None]
    with localcontext(prec=PRECISION):
        return not known or any(abs(theirs - ours) > tolerance * abs(ours) for theirs, ours in known)


def _difference(theirs: Decimal | None, ours: Decimal | None, *, is_known: bool) -> Difference:
    if not is_known:
        return Difference(None, None, NoDifference.NOT_IN_SALES)
    if theirs is None or ours is None:
        return Difference(None, None, NoDifference.NOT_STATED)
    if ours == 0:
        return Difference(theirs - ours, None, NoDifference.SALES_IS_ZERO)
    with localcontext(prec=PRECISION):
        return Difference(theirs - ours, (theirs / ours).quantize(RATIO_DECIMALS), None)


def _plain(figure: Decimal | None) -> str | None:
    if figure is None:
        return None
    return format(figure.normalize(), "f") if figure else "0"
