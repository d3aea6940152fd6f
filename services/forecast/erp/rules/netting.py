"""What is left of a forecast when confirmed orders are taken from it.

An order counts against the forecast of its product, at its place, in the period in which it is due, whether it is
confirmed or delivered already; a cancelled one does not. Where several cycles expect demand in one period, orders
are taken from the earlier cycle's forecast first, so that no order is taken off twice.
"""

from decimal import ROUND_HALF_UP, Decimal

ZERO, ONE = Decimal(0), Decimal(1)


def net(forecast: Decimal, orders: Decimal, earlier: Decimal = ZERO, *, is_whole: bool = False) -> Decimal:
    """Return the forecast less the orders that are left for it, never below 0, in whole units where these are.

    `earlier` is what earlier cycles expect of the same product, period and place: it takes orders first.
    """
    left_for_this = max(ZERO, orders - max(ZERO, earlier))
    rest = max(ZERO, forecast - left_for_this)
    return rest.quantize(ONE, ROUND_HALF_UP) if is_whole else rest
