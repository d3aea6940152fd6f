"""A decided figure, spread down to the products and places of the line so that it adds up to the cent and the unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID

from servicekit.values.money import spread
from services.forecast.comparison.rules.comparing import ZERO
from services.forecast.comparison.rules.deciding import DecidedFigure
from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.rules.quantities import PRECISION, QUANTITY_SCALE, rounded_parts
from services.forecast.rollup.rules.cells import UNSPECIFIED, Figures


@dataclass(frozen=True, slots=True)
class Portion:
    """The part of a line that falls on an item at a place, in a week."""

    item: Item
    place: str
    figures: Figures
    week: date | None = None
    """In a cycle by weeks, where the line has one."""


def spread_line(
    decided: DecidedFigure,
    product_line_id: UUID | None,
    sales: Sequence[Portion],
    sources: Sequence[Portion],
    scale: int,
) -> list[Portion]:
    """Return the portions of a line as it was decided.

    They lie where sales have the line, in proportion to the amounts there (over amounts that are all 0: equally).
    Where sales do not have it, they lie where the sources do, else at no place in particular.
    """
    own = Portion(Item(None, product_line_id, decided.unit, decided.unit_is_whole), UNSPECIFIED, Figures())
    carriers = list(sales or sources or [own])
    amounts = spread(decided.amount, [max(each.figures.amount, ZERO) for each in carriers], scale)
    portions = [
        replace(each, figures=Figures(quantity, amount))
        for each, amount, quantity in zip(carriers, amounts, _following(carriers, amounts), strict=True)
    ]
    if decided.quantity is None or decided.unit is None:
        return portions
    return _counted(decided, decided.quantity, portions, carriers, own)


def _counted(
    decided: DecidedFigure, quantity: Decimal, portions: list[Portion], carriers: Sequence[Portion], own: Portion
) -> list[Portion]:
    """Let the portions in the decided unit add up to the decided quantity."""
    places = [place for place, each in enumerate(portions) if each.item.unit == decided.unit]
    if not places:
        return [*portions, replace(own, figures=Figures(quantity, ZERO))] if quantity else portions
    is_whole = quantity == quantity.to_integral_value() and any(portions[place].item.unit_is_whole for place in places)
    weights = [max(carriers[place].figures.quantity, ZERO) for place in places]
    parts = spread(quantity, weights, 0 if is_whole else QUANTITY_SCALE)
    for place, part in zip(places, parts, strict=True):
        portions[place] = replace(portions[place], figures=Figures(part, portions[place].figures.amount))
    return portions


def _following(carriers: Sequence[Portion], amounts: Sequence[Decimal]) -> list[Decimal]:
    """Return the quantities that go with new amounts, item by item; beside an amount of 0 they stay as they are."""
    quantities = [ZERO] * len(carriers)
    for item in {each.item for each in carriers}:
        places = [place for place, each in enumerate(carriers) if each.item == item]
        exact = [_in_proportion(carriers[place].figures, amounts[place]) for place in places]
        for place, part in zip(places, rounded_parts(exact, item.unit_is_whole), strict=True):
            quantities[place] = part
    return quantities


def _in_proportion(figures: Figures, amount: Decimal) -> Decimal:
    if figures.amount <= 0:
        return max(figures.quantity, ZERO)
    with localcontext(prec=PRECISION):
        return max(figures.quantity, ZERO) * amount / figures.amount
