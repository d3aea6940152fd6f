"""By what a forecast is measured: what was won, or what was ordered.

Orders are compared by product and month of their due date, in quantity: not every order says what it is worth. They
name no principal and no seat, so they are set against the forecast of the whole line alone, once all its tops have
handed in; and only the months of the period count on both sides, as orders due later are of later forecasts too.
"""

from collections.abc import Collection
from enum import StrEnum

from servicekit.values.errors import NotAllowed, RuleViolated
from services.forecast.accuracy.rules.measuring import Accuracy, NoFigure, Sums, accuracy_of
from services.forecast.accuracy.rules.parts import SeatResult


class Actuals(StrEnum):
    """What came of a forecast: what was won, or the orders that ERP systems have confirmed and not cancelled."""

    WON = "won"
    ORDERS = "orders"


class NoActualAmount(StrEnum):
    """Why it is not known what was ordered is worth in the currency of the cycle."""

    ORDER_WITHOUT_AMOUNT = "order_without_amount"
    ORDER_IN_OTHER_CURRENCY = "order_in_other_currency"


class MayNotMeasureByOrders(NotAllowed):
    """Forecasts are set against orders by who sees orders and the whole line."""

    code = "may_not_measure_by_orders"

    def __init__(self) -> None:
        super().__init__("Orders are of the whole line: marketing, sales operations or an auditor measures by them.")


class OrdersOfNoSeat(RuleViolated):
    """Orders name no principal, so that none can be set against the forecast of a seat."""

    code = "orders_of_no_seat"

    def __init__(self) -> None:
        super().__init__("Orders belong to no seat: leave seat_id out, or ask for actuals=won.", field="/seat_id")


def accuracy_by_orders(sums: Sums, tops: Collection[SeatResult], *, is_over: bool) -> Accuracy:
    """Return the accuracy of quantities against orders; `tops` are the tops of the line, in time or not."""
    in_time = sum(seat.forecast_id is not None for seat in tops)
    lacking = None
    if not in_time:
        lacking = NoFigure.NOTHING_SUBMITTED
    elif in_time < len(tops):
        lacking = NoFigure.NOT_ALL_SUBMITTED
    elif not sums.actual:
        lacking = NoFigure.NOTHING_ORDERED
    return accuracy_of(sums, is_over=is_over, lacking=lacking)
