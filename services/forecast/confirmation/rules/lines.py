"""The lines of a confirmation: which product, in which month, at which place, how much.

The amounts of the lines always add up to the amount confirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import RuleViolated
from servicekit.values.money import scale_of, spread
from services.forecast.confirmation.rules.quantities import QUANTITY_SCALE, rounded_parts, times
from services.forecast.cycles.rules.rates import converted_parts
from services.forecast.cycles.rules.weeks import week_of


@dataclass(frozen=True, slots=True)
class Item:
    """What is sold: a product, a whole product line, or neither (nothing is known); and how it is counted."""

    product_id: UUID | None
    product_line_id: UUID | None
    unit: str | None
    unit_is_whole: bool

    @property
    def is_counted(self) -> bool:
        """Whether there is a quantity beside the amount."""
        return self.unit is not None


NOTHING_KNOWN = Item(None, None, None, unit_is_whole=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A part of what is confirmed.

    `month` is a first of the month; `place` is None where the customer is delivered to; `quantity` is None
    where nothing is counted. `week` is the first day in that month of the week of its date, None where only the
    month is known.
    """

    item: Item
    month: date
    place: str | None
    quantity: Decimal | None
    amount: Decimal
    week: date | None = None


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """A product line of an opportunity as its seller entered it; what is not known is None."""

    item: Item
    quantity: Decimal
    unit_price: Decimal | None
    delivery_date: date | None
    delivery_place: str | None


class LinesDoNotAddUp(RuleViolated):
    """The amounts of the lines are not the amount confirmed; `difference` is what is missing."""

    code = "lines_do_not_add_up"
    members: ClassVar[tuple[str, ...]] = ("difference",)

    def __init__(self, amount: Decimal, parts: Decimal) -> None:
        super().__init__(f"The lines add up to {parts}, the amount confirmed is {amount}.", field="/lines")
        self.difference = str(amount - parts)


class QuantityWrong(RuleViolated):
    """A product is counted in its unit, whole where the unit is whole; what names no product is not counted."""

    code = "quantity_wrong"


def check_lines(amount: Decimal, lines: Sequence[Line]) -> None:
    """Refuse lines that do not add up to the amount, or are counted wrongly."""
    for place, line in enumerate(lines):
        check_quantity(line.item, line.quantity, f"/lines/{place}/quantity")
    parts = sum((line.amount for line in lines), Decimal(0))
    if parts != amount:
        raise LinesDoNotAddUp(amount, parts)


def check_quantity(item: Item, quantity: Decimal | None, field: str) -> None:
    """Refuse a missing, needless, negative or broken quantity."""
    if not item.is_counted:
        if quantity is not None:
            raise QuantityWrong("Only what names a product has a quantity.", field=field)
        return
    if quantity is None or quantity < 0:
        raise QuantityWrong(f"Say how many {item.unit}: a number of 0 or more.", field=field)
    scale = 0 if item.unit_is_whole else QUANTITY_SCALE
    if quantity != round(quantity, scale):
        raise QuantityWrong(f"{item.unit} is counted with {scale} decimals; {quantity} has more.", field=field)


def lines_offered(amount: Decimal, currency: str, offered: Sequence[OfferedLine], closes_on: date) -> list[Line]:
    """Return what an opportunity's own product lines say, with the amount spread over them by price times quantity.

    A line is sold in the month and week of its delivery, else of the close. An opportunity without lines gives one line
    about which nothing is known but the amount.
    """
    if not offered:
        return [dated_line(NOTHING_KNOWN, closes_on, None, None, amount)]
    weights = [times(line.quantity, line.unit_price or Decimal(0)) for line in offered]
    amounts = spread(amount, weights, scale_of(currency))
    return [
        dated_line(
            line.item,
            line.delivery_date or closes_on,
            line.delivery_place,
            line.quantity if line.item.is_counted else None,
            part,
        )
        for line, part in zip(offered, amounts, strict=True)
    ]


def counted_lines(
    lines: Sequence[Line], rate: Decimal, probability: Decimal, currency: str
) -> tuple[Decimal, list[Line]]:
    """Return what a confirmation counts for in the cycle's currency: the amount, and lines that add up to it.

    `probability` is 1 unless the cycle is weighted; quantities follow it, in whole units where the unit is whole.
    """
    whole, amounts = converted_parts([line.amount for line in lines], (rate, probability), currency)
    quantities = _weighted_quantities(lines, probability)
    return whole, [
        replace(line, amount=amount, quantity=quantity)
        for line, amount, quantity in zip(lines, amounts, quantities, strict=True)
    ]


def _weighted_quantities(lines: Sequence[Line], probability: Decimal) -> list[Decimal | None]:
    quantities = [line.quantity for line in lines]
    if probability == 1:
        return quantities
    for item in {line.item for line in lines if line.quantity is not None}:
        places = [place for place, line in enumerate(lines) if line.item == item]
        exact = [times(quantities[place] or Decimal(0), probability) for place in places]
        for place, part in zip(places, rounded_parts(exact, item.unit_is_whole), strict=True):
            quantities[place] = part
    return quantities


def dated_line(item: Item, day: date, place: str | None, quantity: Decimal | None, amount: Decimal) -> Line:
    """Return a line that is to be delivered on a day."""
    return Line(item, first_of_month(day), place, quantity, amount, week_of(day))


def first_of_month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)
