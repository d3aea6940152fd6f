"""When quantities are measured by orders, and why not."""

from decimal import Decimal
from uuid import uuid4

import pytest

from services.forecast.accuracy.rules.actuals import accuracy_by_orders
from services.forecast.accuracy.rules.measuring import Grain, NoFigure, Sums
from services.forecast.accuracy.rules.parts import HandedIn, SeatResult

SOME = Sums.over([Grain(Decimal(100), Decimal(80)), Grain(Decimal(50), Decimal(70))])
UNORDERED = Sums.over([Grain(Decimal(100), Decimal(0))])


def top(*, in_time: bool) -> SeatResult:
    seat, forecast = uuid4(), uuid4() if in_time else None
    state = HandedIn.IN_TIME if in_time else HandedIn.LATE
    return SeatResult(seat, [seat], None, state, forecast, Decimal(1) if in_time else None, Decimal(0))


def test_the_case_of_numbers_in_quantities() -> None:
    found = accuracy_by_orders(SOME, [top(in_time=True)], is_over=True)
    assert (found.wape, found.bias, found.total_wape) == (Decimal("0.2667"), Decimal(0), Decimal(0))
    assert (found.reason, found.count) == (None, 2)


@pytest.mark.parametrize(
    ("sums", "in_time", "over", "reason"),
    [
        (SOME, (True, False), False, NoFigure.PERIOD_NOT_OVER),
        (SOME, (), True, NoFigure.NOTHING_SUBMITTED),
        (SOME, (False, False), True, NoFigure.NOTHING_SUBMITTED),
        (SOME, (True, False), True, NoFigure.NOT_ALL_SUBMITTED),
        (UNORDERED, (True,), True, NoFigure.NOTHING_ORDERED),
        (Sums(), (True,), True, NoFigure.NOTHING_ORDERED),
    ],
)
def test_what_cannot_be_measured_is_null_and_says_why(
    sums: Sums, in_time: tuple[bool, ...], over: bool, reason: NoFigure
) -> None:
    found = accuracy_by_orders(sums, [top(in_time=each) for each in in_time], is_over=over)
    assert (found.wape, found.bias, found.total_wape, found.reason) == (None, None, None, reason)
