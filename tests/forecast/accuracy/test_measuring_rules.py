"""WAPE and bias (NUMBERS, Accuracy), and which seats they are summed over."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.forecast.accuracy.rules.measuring import Grain, NoFigure, Sums, accuracy_of
from services.forecast.accuracy.rules.parts import HandedIn, SeatResult, accuracy_over, by_depth, by_unit, highest

UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])
NOTHING = Decimal(0)
amounts = some.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100)
grains = some.lists(some.builds(Grain, amounts, amounts), max_size=12)


def measured(*pairs: tuple[str, str]) -> Sums:
    return Sums.over(Grain(Decimal(forecast), Decimal(actual)) for forecast, actual in pairs)


def test_the_case_of_numbers() -> None:
    found = accuracy_of(measured(("100", "80"), ("50", "70")), is_over=True)
    assert (found.wape, found.bias, found.total_wape) == (Decimal("0.2667"), NOTHING, NOTHING)
    assert (found.forecast, found.actual, found.count) == (Decimal(150), Decimal(150), 2)


@pytest.mark.parametrize(("forecast", "actual", "bias"), [("150", "100", "0.5"), ("75", "100", "-0.25")])
def test_bias_is_positive_when_too_high(forecast: str, actual: str, bias: str) -> None:
    assert accuracy_of(measured((forecast, actual)), is_over=True).bias == Decimal(bias)


@pytest.mark.parametrize(
    ("sums", "over", "reason"),
    [
        (measured(), True, NoFigure.NOTHING_SUBMITTED),
        (measured(("10", "0")), True, NoFigure.NOTHING_WON),
        (measured(("0", "0")), True, NoFigure.NOTHING_WON),
        (measured(("10", "10")), False, NoFigure.PERIOD_NOT_OVER),
    ],
)
def test_a_denominator_of_nothing_gives_null_and_says_why(sums: Sums, over: bool, reason: NoFigure) -> None:
    found = accuracy_of(sums, is_over=over)
    assert (found.wape, found.bias, found.total_wape, found.reason) == (None, None, None, reason)


def test_a_forecast_of_0_is_a_forecast() -> None:
    found = accuracy_of(measured(("0", "50")), is_over=True)
    assert (found.wape, found.bias, found.reason) == (Decimal(1), Decimal(-1), None)


@UNHURRIED
@given(grains)
def test_errors_cancel_but_never_grow_in_the_total(some_grains: list[Grain]) -> None:
    found = accuracy_of(Sums.over(some_grains), is_over=True)
    if found.wape is None or found.bias is None or found.total_wape is None:
        assert found.reason is not None
        return
    assert found.wape >= abs(found.bias)
    assert found.total_wape == abs(found.bias)
    assert found.bias >= -1


@UNHURRIED
@given(grains, some.integers(0, 12))
def test_sums_of_parts_are_the_sum_of_the_whole(some_grains: list[Grain], cut: int) -> None:
    assert Sums.over(some_grains[:cut]) + Sums.over(some_grains[cut:]) == Sums.over(some_grains)


def seat(
    line: list[UUID], forecast: str | None, actual: str, state: str = "in_time", unit: UUID | None = None
) -> SeatResult:
    figure = None if forecast is None else Decimal(forecast)
    return SeatResult(line[0], line, unit, HandedIn(state), None, figure, Decimal(actual))


def test_what_is_missing_is_counted_and_not_taken_for_0() -> None:
    seats = [seat([uuid4()], "100", "80"), seat([uuid4()], None, "40", "missing"), seat([uuid4()], None, "5", "late")]
    found = accuracy_over(seats, is_over=True)
    assert (found.in_time, found.missing, found.late, found.returned) == (1, 1, 1, 0)
    assert (found.accuracy.bias, found.left_out_actual) == (Decimal("0.25"), Decimal(45))


def test_the_highest_seats_hold_every_figure_once() -> None:
    top, middle, low, other = uuid4(), uuid4(), uuid4(), uuid4()
    lines = [[low, middle, top], [top], [middle, top], [other, uuid4()]]
    seats = [seat(line, "1", "1") for line in lines]
    assert {each.seat_id for each in highest(seats)} == {top, other}
    assert {each.seat_id for each in highest([seats[0], seats[2]])} == {middle}
    assert {each.seat_id for each in highest([seats[0], seats[1]])} == {top}, "a seat between may be hidden"


def test_levels_are_counted_from_the_top_and_units_have_tops_alone() -> None:
    top, unit = uuid4(), uuid4()
    seats = [seat([uuid4(), top], "1", "1", unit=unit), seat([top], "1", "1", unit=unit)]
    assert {depth: len(found) for depth, found in by_depth(seats).items()} == {0: 1, 1: 1}
    assert list(by_depth(seats)) == [0, 1]
    assert {key: [each.seat_id for each in found] for key, found in by_unit(seats).items()} == {unit: [top]}
