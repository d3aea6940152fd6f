"""Quantities: exact decimals of four places, or whole units; rounded together so that parts add up."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

QUANTITY_SCALE = 4
PRECISION = 60


def times(quantity: Decimal, factor: Decimal) -> Decimal:
    """Multiply without rounding."""
    with localcontext(prec=PRECISION):
        return quantity * factor


def rounded_parts(exact: Sequence[Decimal], is_whole: bool) -> list[Decimal]:
    """Round parts, none negative, so that they add up to their rounded sum: by largest remainder, ties by order.

    No part is rounded further than to the next unit, so a part of n units never becomes more than n.
    """
    unit = Decimal(1) if is_whole else Decimal(1).scaleb(-QUANTITY_SCALE)
    with localcontext(prec=PRECISION):
        whole = sum(exact, Decimal(0)).quantize(unit, rounding=ROUND_HALF_UP)
        parts = [part.quantize(unit, rounding=ROUND_FLOOR) for part in exact]
        left = int((whole - sum(parts, Decimal(0))) / unit)
        by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
        for place in by_remainder[:left]:
            parts[place] += unit
    return parts
