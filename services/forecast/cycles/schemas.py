"""Cycles and seats over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input, Line, Output, Prose
from services.forecast.cycles.rules.definition import (
    DEFAULT_AFTER,
    DEFAULT_BEFORE,
    DEFAULT_PLAN,
    AmountBasis,
    Category,
    CycleState,
    Granularity,
    PeriodKind,
    PlanPeriod,
)


class PeriodField(Input):
    """A month or a quarter, named by its first day."""

    kind: PeriodKind
    start: date = Field(examples=["2026-10-01"])


class DeadlineField(Input):
    """By when the records of a level are to be submitted; level 1 has nobody below."""

    level: int = Field(ge=1, le=100)
    at: AwareDatetime


class CycleRequest(Input):
    """A new forecast cycle."""

    name: Line = Field(examples=["Fourth quarter 2026"])
    period: PeriodField
    currency: Currency = Field(examples=["USD"])
    deadlines: list[DeadlineField] = Field(default=[], max_length=100)
    remind_before_days: list[Annotated[int, Field(ge=1, le=90)]] = Field(
        default=list(DEFAULT_BEFORE),
        max_length=10,
        description="So many days before the deadline of their level, holders of a seat are reminded.",
    )
    remind_after_days: list[Annotated[int, Field(ge=0, le=90)]] = Field(
        default=list(DEFAULT_AFTER),
        max_length=10,
        description="So many days after it, they and their superiors are; 0 is at the deadline.",
    )
    amount_basis: AmountBasis = Field(default=AmountBasis.FULL, description="In full, or times the probability.")
    granularity: Granularity = Field(default=Granularity.PRODUCT, description="What a line is about, by month.")
    plan_period: PlanPeriod = Field(
        default=PlanPeriod.MONTH, description="Whether lines are told apart by month, or by the weeks of each month."
    )
    confirmable_stages: list[Annotated[str, Field(max_length=60)]] = Field(
        default=[],
        max_length=50,
        description="Which stages may be confirmed, by their keys in any published version of the funnel: an "
        "opportunity's counts by the key that it has in its own. Empty: every one.",
    )
    plan_categories: list[Category] = Field(
        default=list(DEFAULT_PLAN), max_length=5, description="The figure that counts and becomes the plan."
    )
    head_ids: list[UUID] = Field(
        default=[],
        max_length=500,
        description="Who takes part: these people and everybody below them; empty: everybody in a reporting line.",
    )


class CycleAnswer(Output):
    """A forecast cycle."""

    id: UUID
    version: int
    name: str
    period_kind: PeriodKind
    period_start: date
    period_end: date = Field(description="The first day after the period.")
    currency: str
    deadlines: list[DeadlineField]
    remind_before_days: list[int]
    remind_after_days: list[int]
    amount_basis: AmountBasis
    granularity: Granularity
    plan_period: PlanPeriod
    confirmable_stages: list[str]
    plan_categories: list[Category]
    head_ids: list[UUID]
    state: CycleState
    opened_at: datetime | None
    rates_on: date | None
    created_at: datetime


class CycleQuery(ListQuery):
    """Filters of the list of cycles."""

    state: CycleState | None = None
    period_kind: PeriodKind | None = None
    period_start: date | None = None


class FrozenRateAnswer(Output):
    """What one unit of a currency counts for in the cycle."""

    currency: str
    rate: DecimalString
    rate_date: date


class FrozenRatesAnswer(Output):
    """The exchange rates frozen with a cycle."""

    items: list[FrozenRateAnswer]


class SeatAnswer(Output):
    """A seat: whose it was when the cycle opened, who holds it now, whom it reports to."""

    id: UUID
    person_id: UUID
    holder_id: UUID
    name: str
    superior_seat_id: UUID | None
    level: int
    business_unit_id: UUID | None


class SeatQuery(ListQuery):
    """Filters of the list of seats."""

    level: int | None = Field(default=None, ge=1)


class SeatRequest(Input):
    """Somebody new to the cycle, and below whom they sit."""

    person_id: UUID
    superior_id: UUID
    reason: Prose


class SuccessionRequest(Input):
    """To whom a seat passes; nobody named: to the superior."""

    successor_id: UUID | None = None
    reason: Prose
