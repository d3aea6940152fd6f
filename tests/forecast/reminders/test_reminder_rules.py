"""When it is whose turn to be reminded."""

from datetime import UTC, datetime, timedelta

import pytest

from services.forecast.reminders.rules import ReminderKind, kind_of, turn_at

DUE = datetime(2026, 10, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "turn"),
    [(-49, None), (-48, -2), (-25, -2), (-24, -1), (-1, -1), (0, 0), (47, 0), (48, 2), (24 * 30, 5)],
)
def test_the_turn_is_the_latest_that_has_come(hours: int, turn: int | None) -> None:
    assert turn_at(DUE, [2, 1], [0, 2, 5], DUE + timedelta(hours=hours)) == turn


def test_only_from_the_deadline_on_it_is_overdue() -> None:
    assert [kind_of(days) for days in (-1, 0, 1)] == [
        ReminderKind.BEFORE_DEADLINE,
        ReminderKind.OVERDUE,
        ReminderKind.OVERDUE,
    ]


def test_turns_come_one_after_the_other_and_each_once() -> None:
    seen = [turn_at(DUE, [1, 90, 2], [5, 0], DUE + timedelta(hours=hours)) for hours in range(-24 * 91, 24 * 8)]
    assert list(dict.fromkeys(seen)) == [None, -90, -2, -1, 0, 5]
    assert turn_at(DUE, [], [], DUE + timedelta(days=400)) is None
