"""An adjustment in money, spread over the lines below so that it adds up to the cent and to the unit."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext

from servicekit.values.money import spread
from services.forecast.confirmation.rules.lines import Item
from services.forecast.confirmation.rules.quantities import PRECISION, QUANTITY_SCALE, rounded_parts
from services.forecast.cycles.rules.weeks import working_days
from services.forecast.rollup.rules.cells import Figures, Part


def spread_over(delta: Decimal, parts: Sequence[Part], scale: int) -> list[Part]:
    """Return what each part changes by, in proportion to its amount (over parts that are all 0: equally).

    A part is never taken below 0 as long as `delta` is not below minus their sum. Quantities follow the
    amounts, rounded per product so that the product's change adds up too.
    """
    amounts = spread(delta, [part.figures.amount for part in parts], scale)
    quantities = _quantities(parts, amounts, is_less=delta < 0)
    return [
        Part(part.seat_id, part.cell, Figures(quantity, amount))
        for part, amount, quantity in zip(parts, amounts, quantities, strict=True)
    ]


def over_weeks(figures: Figures, month: date, item: Item, scale: int) -> dict[date, Figures]:
    """Return figures of which only the month is known, evenly over its working days: by the first day of each week."""
    weeks = working_days(month)
    weights = [Decimal(days) for days in weeks.values()]
    amounts = spread(figures.amount, weights, scale)
    quantities = spread(figures.quantity, weights, 0 if item.unit_is_whole else QUANTITY_SCALE)
    return {week: Figures(*each) for week, each in zip(weeks, zip(quantities, amounts, strict=True), strict=True)}


def _quantities(parts: Sequence[Part], amounts: Sequence[Decimal], *, is_less: bool) -> list[Decimal]:
    exact = _following([part.figures for part in parts], [abs(amount) for amount in amounts])
    changes = [Decimal(0)] * len(parts)
    places_of: dict[Item, list[int]] = {}
    for place, part in enumerate(parts):
        places_of.setdefault(part.cell.item, []).append(place)
    for item, places in places_of.items():
        rounded = rounded_parts([exact[place] for place in places], item.unit_is_whole)
        for place, change in zip(places, rounded, strict=True):
            changes[place] = -change if is_less else change
    return changes


def _following(figures: Sequence[Figures], changes: Sequence[Decimal]) -> list[Decimal]:
    """Return the quantities that go with changes of amounts; beside an amount of 0 one stays as it is."""
    with localcontext(prec=PRECISION):
        return [
            each.quantity * change / each.amount if each.amount else Decimal(0)
            for each, change in zip(figures, changes, strict=True)
        ]
