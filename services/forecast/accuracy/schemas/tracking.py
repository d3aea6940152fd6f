"""Forecast against quota and actuals, period by period."""

from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import DecimalString, Input, Output
from services.forecast.accuracy.rules.tracking import NoQuota, Track, TrackPoint
from services.forecast.accuracy.schemas.measured import PartAccuracyAnswer, part_fields


class TrackQuery(Input):
    """Whose track, and how long."""

    seat_id: UUID | None = Field(
        default=None, description="A seat of the cycle. Left out: the whole line to who sees it whole, else your own."
    )
    periods: int = Field(default=8, ge=1, le=24, description="How many of the latest periods.")


class TrackPointAnswer(PartAccuracyAnswer):
    """A period: what was handed in by the deadline, the quota, and what was won, so far or in all."""

    amounts: ClassVar[tuple[str, ...]] = ("forecast", "quota", "actual", "left_out_actual")
    cycle_id: UUID
    name: str
    period_start: date
    period_end: date = Field(description="The first day after the period.")
    is_over: bool
    quota: DecimalString | None
    no_quota: NoQuota | None = Field(description="Why there is no quota.")


class TrackAnswer(Output):
    """Forecast against quota and actuals, the earliest period first."""

    cycle_id: UUID
    seat_id: UUID | None
    name: str | None = Field(description="Whose; null for the whole line.")
    currency: str
    points: list[TrackPointAnswer]

    @classmethod
    def of(cls, track: Track) -> Self:
        """Return the answer that tells of a track."""
        currency = track.cycle.currency
        return cls(
            cycle_id=track.cycle.id,
            seat_id=track.seat_id,
            name=track.name,
            currency=currency,
            points=[TrackPointAnswer.model_validate(_point(each, currency)) for each in track.points],
        )


def _point(point: TrackPoint, currency: str) -> dict[str, Any]:
    names = ("cycle_id", "name", "period_start", "period_end", "is_over", "quota")
    no_quota = NoQuota.NO_QUOTAS if point.quota is None else None
    return part_fields(point.part, currency) | {name: getattr(point, name) for name in names} | {"no_quota": no_quota}
