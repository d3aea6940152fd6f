"""When is who reminded of a forecast that is not handed in? Some days before its deadline, and some days after."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum


class ReminderKind(StrEnum):
    """Before the deadline of the level, or from then on."""

    BEFORE_DEADLINE = "before_deadline"
    OVERDUE = "overdue"


def kind_of(days: int) -> ReminderKind:
    """Return what kind of reminder is sent so many days after the deadline, before it where negative."""
    return ReminderKind.BEFORE_DEADLINE if days < 0 else ReminderKind.OVERDUE


def turn_at(due_at: datetime, before_days: Collection[int], after_days: Collection[int], now: datetime) -> int | None:
    """Return the turn that it is: days after the deadline, negative before it; None before the first one.

    Turns that have passed unseen are not made up for: whoever was away for a week is reminded once, not five times.
    """
    turns = [*(-days for days in before_days), *after_days]
    return max((days for days in turns if due_at + timedelta(days=days) <= now), default=None)
