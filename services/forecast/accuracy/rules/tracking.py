"""Forecast against quota and actuals, period by period: of a person, or of the whole line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.forecast.accuracy.rules.measuring import ZERO
from services.forecast.accuracy.rules.parts import PartAccuracy, SeatResult, accuracy_over
from services.forecast.cycles.rules.definition import Cycle


class NoQuota(StrEnum):
    """Why there is no quota."""

    NO_QUOTAS = "no_quotas"


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """A period: what was handed in by the deadline (None: nothing), the quota, and what was won, so far or in all."""

    cycle_id: UUID
    name: str
    period_start: date
    period_end: date
    is_over: bool
    forecast: Decimal | None
    quota: Decimal | None
    actual: Decimal
    part: PartAccuracy


@dataclass(frozen=True, slots=True)
class Track:
    """Periods, the earliest first; `seat_id` and `name` say whose, None for the whole line."""

    cycle: Cycle
    seat_id: UUID | None
    name: str | None
    points: Sequence[TrackPoint]


def point_of(cycle: Cycle, seats: Iterable[SeatResult], today: date) -> TrackPoint:
    """Return what a period came to over seats none of which lies below another."""
    counted = list(seats)
    over = cycle.period_end <= today
    part = accuracy_over(counted, is_over=over)
    return TrackPoint(
        cycle_id=cycle.id,
        name=cycle.name,
        period_start=cycle.period_start,
        period_end=cycle.period_end,
        is_over=over,
        forecast=part.accuracy.forecast if part.in_time else None,
        quota=None,
        actual=sum((seat.actual for seat in counted), ZERO),
        part=part,
    )
