"""How records are looked at: plain values, put together by `actions.viewing`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.drawing import Drawn
from services.forecast.rollup.rules.states import ShownState
from services.forecast.rollup.store.progress import Progress
from services.forecast.rollup.store.records import Decision


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """The figures of a category."""

    category: Category
    own: Decimal
    gathered: Decimal
    adjustment: Decimal
    result: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    """The figure that counts (the cycle's plan categories), and each category beside it."""

    own: Decimal
    gathered: Decimal
    adjustment: Decimal
    result: Decimal
    by_category: list[CategoryFigures]


@dataclass(frozen=True, slots=True)
class ReportView:
    """A direct report: how their record stands, whether it is gathered, and what was gathered of it."""

    seat_id: UUID
    person_id: UUID
    name: str
    level: int
    state: ShownState
    is_gathered: bool
    is_late: bool
    result: Decimal | None


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """An adjustment in force, and what it comes to."""

    id: UUID
    mode: str
    value: Decimal
    category: str | None
    report_seat_id: UUID | None
    reason: str
    made_by: UUID
    at: datetime
    base: Decimal
    delta: Decimal
    result: Decimal
    is_flagged: bool
    needs_figure: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record with all that it rests on."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    person_id: UUID
    name: str
    level: int
    revision: int
    state: ShownState
    stale_reason: str | None
    currency: str
    figures: Figures | None
    reports: list[ReportView]
    adjustments: list[AdjustmentView]
    decisions: list[Decision]
    gathered_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class LevelView:
    """A seat in the roll-up of a cycle."""

    seat_id: UUID
    superior_seat_id: UUID | None
    person_id: UUID
    name: str
    level: int
    forecast_id: UUID | None
    revision: int | None
    state: ShownState
    stale_reason: str | None
    currency: str
    figures: Figures | None
    submitted_at: datetime | None
    due_at: datetime | None
    is_late: bool
    below: Progress

    def as_drawn(self) -> Drawn:
        """Return the seat as it is drawn."""
        figures = self.figures
        return Drawn(
            id=self.seat_id,
            superior_id=self.superior_seat_id,
            name=self.name,
            level=self.level,
            state=self.state,
            is_late=self.is_late,
            missing=self.below.missing,
            own=figures.own if figures else None,
            gathered=figures.gathered if figures else None,
            adjustment=figures.adjustment if figures else None,
        )
