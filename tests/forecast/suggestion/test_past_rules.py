"""As of which day figures are suggested, and how good those of a person and of a line were."""

from datetime import date
from decimal import Decimal

import pytest

from servicekit.values.dates import Period
from services.forecast.suggestion.rules.accuracy import of_line, past_accuracy
from services.forecast.suggestion.rules.periods import SuggestedTooLate, as_of_day, history_months, months_of
from services.forecast.suggestion.rules.suggesting import Lacking, Tried

QUARTER = Period(date(2026, 10, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("today", "wanted", "as_of"),
    [
        (date(2026, 11, 5), None, date(2026, 10, 1)),
        (date(2026, 9, 5), None, date(2026, 9, 5)),
        (date(2026, 9, 5), date(2026, 9, 5), date(2026, 9, 5)),
        (date(2026, 9, 5), date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_figure_rests_on_what_was_before_period_and_today(today: date, wanted: date | None, as_of: date) -> None:
    assert as_of_day(QUARTER, today, wanted) == as_of


@pytest.mark.parametrize(
    ("today", "wanted", "latest"),
    [(date(2026, 11, 5), date(2026, 10, 2), "2026-10-01"), (date(2026, 9, 5), date(2026, 9, 6), "2026-09-05")],
)
def test_nothing_is_suggested_from_what_is_not_known_yet(today: date, wanted: date, latest: str) -> None:
    with pytest.raises(SuggestedTooLate) as refused:
        as_of_day(QUARTER, today, wanted)
    assert (refused.value.latest, refused.value.field) == (latest, "/as_of")


def test_a_history_is_of_whole_months() -> None:
    assert history_months(date(2026, 10, 31)) == Period(date(2021, 10, 1), date(2026, 10, 1))
    assert months_of(QUARTER) == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]


def test_past_accuracy_is_that_of_numbers() -> None:
    """NUMBERS: forecasts 100, 50, actuals 80, 70: WAPE 40 ÷ 150, bias 0."""
    found = past_accuracy([Tried(2, 100.0, 80.0), Tried(1, 50.0, 70.0)])
    assert (found.wape, found.bias, found.periods) == (Decimal("0.266667"), Decimal(0), 2)
    nothing = past_accuracy([Tried(1, 50.0, 0.0)])
    assert (nothing.wape, nothing.bias, nothing.periods) == (None, None, 1)


def test_a_line_says_how_far_its_sum_was_off() -> None:
    """Errors of people that cancel each other are none of their line."""
    line = of_line(Decimal("150.00"), [Tried(1, 150.0, 150.0), Tried(2, 140.0, 150.0)], 2, nothing_won=False)
    assert (line.amount, line.lower, line.upper) == (Decimal("150.00"), Decimal("140.00"), Decimal("160.00"))
    assert [each.months_before for each in line.tried] == [2, 1]
    assert of_line(None, [], 2, nothing_won=True).lacking is Lacking.NOTHING_WON
    assert of_line(None, [], 2, nothing_won=False).lacking is Lacking.TOO_LITTLE_HISTORY
