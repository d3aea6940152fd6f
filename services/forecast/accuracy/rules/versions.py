"""Which forecast of a period is measured: accuracy is always of a named version.

A version rests on one cycle, and everything in it is that cycle's own: its seats and frozen line, its deadlines, its
frozen rates and currency, and what was won as it counts there. `deadline` rests on the cycle asked for. `one_before`
and `two_before` rest on the latest and the second latest of the cycles that opened before it, cover its period whole
(the same period forecast earlier, or a quarter that a month lies in), and are about the same people: named by the
same heads, or with a seat for somebody who is a top of the cycle asked for. Of a cycle with a longer period only the
months of the period count, on both sides, by the month that each line is sold in.

Within that cycle, what counts of a seat is the last record handed in by the deadline of its level, unless it had been
sent back by then. A level without a deadline is measured by what was handed in before the period was over.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from servicekit.values.dates import Period
from servicekit.values.errors import Conflict
from services.forecast.cycles.rules.definition import Cycle


class Version(StrEnum):
    """Which forecast of the period: by the deadline of its own cycle, or of one or two cycles before."""

    DEADLINE = "deadline"
    ONE_BEFORE = "one_before"
    TWO_BEFORE = "two_before"


CYCLES_BEFORE = {Version.DEADLINE: 0, Version.ONE_BEFORE: 1, Version.TWO_BEFORE: 2}


class NoBasis(StrEnum):
    """Why there is no such version."""

    NO_CYCLE_BEFORE = "no_cycle_before"
    NO_SEAT_THEN = "no_seat_then"


class NoSuchVersion(Conflict):
    """No earlier cycle covers the period, or the seat was not in it; `reason` says which."""

    code = "no_such_version"
    members: ClassVar[tuple[str, ...]] = ("reason",)

    def __init__(self, reason: NoBasis) -> None:
        said = {
            NoBasis.NO_CYCLE_BEFORE: "So many cycles before, none covered this period: ask for version=deadline.",
            NoBasis.NO_SEAT_THEN: "Whoever the seat was frozen for had none in that cycle that you may see.",
        }
        super().__init__(said[reason])
        self.reason = reason.value


@dataclass(frozen=True, slots=True)
class Basis:
    """What a version rests on: a cycle, and of it the lines sold in `months` (None: all of it)."""

    cycle: Cycle
    months: Period | None


def basis_of(asked: Cycle, resting_on: Cycle) -> Basis:
    """Return what a version rests on; of a cycle with a longer period only the months asked for."""
    return Basis(resting_on, None if resting_on.period == asked.period else asked.period)
