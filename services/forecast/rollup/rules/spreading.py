"""An adjustment in money, spread over the lines below so that it adds up to the cent and to the unit."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext

from servicekit.values.money import spread
from services.forecast.confirmation.rules.quantities import PRECISION, rounded_parts
from services.forecast.rollup.rules.cells import Figures, Part


def spread_over(delta: Decimal, parts: Sequence[Part], scale: int) -> list[Part]:
    """Return what each part changes by, in proportion to its amount (over parts that are all 0: equally).

    A part is never taken below 0 as long as `delta` is not below minus their sum. Quantities follow the
    amounts, rounded per product so that the product's change adds up too.
    """
    amounts = spread(delta, [part.figures.amount for part in parts], scale)
    quantities = _quantities(parts, amounts, is_less=delta < 0)
    return [
        replace(part, figures=Figures(quantity, amount))
        for part, amount, quantity in zip(parts, amounts, quantities, strict=True)
    ]


def _quantities(parts: Sequence[Part], amounts: Sequence[Decimal], *, is_less: bool) -> list[Decimal]:
    exact = [_following(part.figures, abs(amount)) for part, amount in zip(parts, amounts, strict=True)]
    changes = [Decimal(0)] * len(parts)
    for item in {part.cell.item for part in parts}:
        places = [place for place, part in enumerate(parts) if part.cell.item == item]
        rounded = rounded_parts([exact[place] for place in places], item.unit_is_whole)
        for place, change in zip(places, rounded, strict=True):
            changes[place] = -change if is_less else change
    return changes


def _following(figures: Figures, change: Decimal) -> Decimal:
    """Return the quantity that goes with a change of the amount; beside an amount of 0 it stays as it is."""
    if figures.amount == 0:
        return Decimal(0)
    with localcontext(prec=PRECISION):
        return figures.quantity * change / figures.amount
