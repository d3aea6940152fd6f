"""Which seats a figure is about: a part of the frozen line, level by level below the top, its tops by unit."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from services.forecast.accuracy.rules.measuring import ZERO, Accuracy, Grain, Sums, accuracy_of

K = TypeVar("K", bound=Hashable)


class HandedIn(StrEnum):
    """What a seat had handed in by its deadline; only what came `in_time` and was not sent back by then counts."""

    IN_TIME = "in_time"
    RETURNED = "returned"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SeatResult:
    """A seat's forecast as it stood at the deadline, and what was won at the seat and below.

    `line` is the seat and those above it, nearest first. `forecast` is None unless it was handed in in time.
    """

    seat_id: UUID
    line: Sequence[UUID]
    business_unit_id: UUID | None
    handed_in: HandedIn
    forecast_id: UUID | None
    forecast: Decimal | None
    actual: Decimal

    @property
    def depth(self) -> int:
        """How many seats are above; 0 is the top."""
        return len(self.line) - 1


@dataclass(frozen=True, slots=True)
class PartAccuracy:
    """The accuracy of some seats; what was not handed in in time is in no figure, but counted beside them.

    `left_out_actual` was won by the seats that are left out.
    """

    accuracy: Accuracy
    in_time: int
    returned: int
    late: int
    missing: int
    left_out_actual: Decimal


def accuracy_over(seats: Iterable[SeatResult], *, is_over: bool) -> PartAccuracy:
    """Return the accuracy over seats, each with its one period; what is missing is not taken for 0."""
    counts = dict.fromkeys(HandedIn, 0)
    sums, left_out = Sums(), ZERO
    for seat in seats:
        counts[seat.handed_in] += 1
        if seat.forecast is None:
            left_out += seat.actual
        else:
            sums += Sums.over([Grain(seat.forecast, seat.actual)])
    return PartAccuracy(
        accuracy_of(sums, is_over=is_over),
        counts[HandedIn.IN_TIME],
        counts[HandedIn.RETURNED],
        counts[HandedIn.LATE],
        counts[HandedIn.MISSING],
        left_out,
    )


def highest(seats: Sequence[SeatResult]) -> list[SeatResult]:
    """Return those of the seats that lie below none of the others: together they hold every figure once."""
    ids = {seat.seat_id for seat in seats}
    return [seat for seat in seats if ids.isdisjoint(seat.line[1:])]


def by_depth(seats: Iterable[SeatResult]) -> dict[int, list[SeatResult]]:
    """Return the seats by how far below the top they are, the top first."""
    return dict(sorted(_grouped(seats, lambda seat: seat.depth).items()))


def by_unit(seats: Iterable[SeatResult]) -> dict[UUID | None, list[SeatResult]]:
    """Return the tops of lines by the business unit that they are handed in to."""
    return _grouped((seat for seat in seats if seat.depth == 0), lambda seat: seat.business_unit_id)


def _grouped(seats: Iterable[SeatResult], key: Callable[[SeatResult], K]) -> dict[K, list[SeatResult]]:
    groups: dict[K, list[SeatResult]] = {}
    for seat in seats:
        groups.setdefault(key(seat), []).append(seat)
    return groups
