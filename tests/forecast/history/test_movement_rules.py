"""The parts of a movement are the whole."""

from decimal import Decimal

import pytest

from services.forecast.history.rules.movement import Cause, PartsDoNotAddUp, moved


def test_every_cause_has_a_part_and_they_add_up() -> None:
    found = {Cause.NEW: (Decimal("3.10"), 2), Cause.WITHDRAWN: (Decimal("-1.05"), 1)}
    opening, closing, parts = moved(Decimal(1), Decimal("3.05"), found)
    assert [part.cause for part in parts] == list(Cause)
    assert opening + sum(part.amount for part in parts) == closing


def test_parts_that_do_not_add_up_are_never_answered() -> None:
    with pytest.raises(PartsDoNotAddUp):
        moved(Decimal(1), Decimal(2), {Cause.NEW: (Decimal("0.99"), 1)})
