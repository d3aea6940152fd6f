"""Histories as a plain reader of NUMBERS would go through them: lists and loops, no query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from services.opportunity.definitions.rules.standard import VERSION_1

ORDERS = {stage.key: stage.order for stage in VERSION_1.stages}
KEYS = {order: key for key, order in ORDERS.items()}
WON, LOST = "won", "lost"


@dataclass
class History:
    """What one opportunity went through: instants, and what was entered then (an order of an open stage, won, lost)."""

    steps: list[tuple[datetime, int | str]] = field(default_factory=list)

    def entries(self, until: datetime) -> list[tuple[datetime, int]]:
        """Return every entry into a stage before an instant; a win enters the last one, a loss none."""
        found = []
        for at, what in self.steps:
            if at < until and what != LOST:
                found.append((at, ORDERS["close"] if what == WON else int(what)))
        return found

    def first_reached(self, order: int, until: datetime) -> datetime | None:
        """Return when a stage was first reached."""
        return min((at for at, entered in self.entries(until) if entered >= order), default=None)

    def state(self, until: datetime) -> str:
        """Return whether it is open at an instant, or how it ended."""
        last = [what for at, what in self.steps if at < until][-1]
        return str(last) if last in {WON, LOST} else "open"

    def spent(self, order: int, until: datetime) -> timedelta | None:
        """Return how long it stood in an open stage in all; None where it never did, or still does."""
        total, visited, stands = timedelta(), False, False
        steps = [step for step in self.steps if step[0] < until]
        for place, (at, what) in enumerate(steps):
            if what != order:
                continue
            visited = True
            if place + 1 == len(steps):
                stands = True
            else:
                total += steps[place + 1][0] - at
        return total if visited and not stands else None

    def left(self, order: int, until: datetime) -> datetime | None:
        """Return when it last left a stage."""
        steps = [step for step in self.steps if step[0] < until]
        return max((then[0] for here, then in pairwise(steps) if here[1] == order), default=None)

    def as_item(self) -> list[dict[str, Any]]:
        """Return the history as it is imported."""
        return [
            {"at": at.isoformat(), **({"outcome": what} if what in {WON, LOST} else {"to_stage": KEYS[int(what)]})}
            for at, what in self.steps
        ]


def converted(
    histories: Sequence[History], from_order: int, to_order: int, window: tuple[datetime, datetime], told: datetime
) -> tuple[int, int, int, int]:
    """Return cohort and reached, of all and of the decided ones."""
    cohort = [
        each
        for each in histories
        if (first := each.first_reached(from_order, told)) is not None and window[0] <= first < window[1]
    ]
    decided = [each for each in cohort if each.state(told) != "open"]

    def reached(some: Sequence[History]) -> int:
        return sum(each.first_reached(to_order, told) is not None for each in some)

    return len(cohort), reached(cohort), len(decided), reached(decided)


def percentile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """Return a percentile, between two values in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def as_days(span: timedelta) -> Fraction:
    """Return a span in days, exactly."""
    return Fraction(span // timedelta(microseconds=1), 86_400_000_000)


def pair(answer: Mapping[str, Any], from_order: int, to_order: int) -> Mapping[str, Any]:
    """Return the conversion between two stages out of an answer."""
    found: Mapping[str, Any] = next(
        one
        for one in answer["conversions"]
        if (one["from_stage"], one["to_stage"]) == (KEYS[from_order], KEYS[to_order])
    )
    return found
