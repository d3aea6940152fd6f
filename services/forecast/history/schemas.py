"""Looking back, over the wire."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output
from services.forecast.cycles.rules.definition import Category
from services.forecast.history.rules.movement import Cause
from services.forecast.history.store.standing import HandedIn, Snapshot
from services.forecast.rollup.rules.states import RecordState
from services.forecast.rollup.store.views import Figures
from services.forecast.wire import FIGURES, CategoryFigures, InCurrency


def _laid_flat(figures: Figures | None) -> dict[str, Any]:
    totals = {name: getattr(figures, name) if figures else None for name in FIGURES}
    return totals | {"by_category": figures.by_category if figures else []}


class HandedInAnswer(InCurrency):
    """What a seat handed in, and when; it never changes. result = own + gathered + adjustment."""

    amounts: ClassVar[tuple[str, ...]] = FIGURES
    forecast_id: UUID
    revision: int
    state: RecordState = Field(description="What has become of it by now.")
    submitted_at: datetime
    submitted_by: UUID
    on_behalf_of: UUID | None
    superseded_at: datetime | None = Field(description="When a later one was handed in.")
    own: DecimalString
    gathered: DecimalString
    adjustment: DecimalString
    result: DecimalString
    by_category: list[CategoryFigures]

    @classmethod
    def of(cls, handed_in: HandedIn, figures: Figures, currency: str) -> Self:
        """Return the answer that tells of a submission."""
        names = ("revision", "state", "submitted_by", "on_behalf_of", "superseded_at")
        told = {name: getattr(handed_in, name) for name in names}
        when = {"forecast_id": handed_in.id, "submitted_at": handed_in.at, "currency": currency}
        return cls.model_validate(told | when | _laid_flat(figures))


class HistoryQuery(ListQuery):
    """`sort` takes `revision`, the latest first unless said otherwise."""


class SnapshotQuery(ListQuery):
    """Of which seats, and when."""

    as_of: AwareDatetime | None = Field(default=None, description="As things stood at this instant; left out: now.")
    seat_id: UUID | None = None
    superior_seat_id: UUID | None = Field(default=None, description="Only who reports directly to this seat.")

    def chosen(self) -> dict[str, Any]:
        """Return the filters of the list itself."""
        return {name: value for name, value in self.filters().items() if name != "as_of"}


class SnapshotAnswer(InCurrency):
    """What stood on a seat: the last that was handed in by then and not sent back by then; null where nothing was."""

    amounts: ClassVar[tuple[str, ...]] = FIGURES
    seat_id: UUID
    superior_seat_id: UUID | None
    person_id: UUID = Field(description="Who holds the seat now.")
    name: str
    level: int
    forecast_id: UUID | None
    revision: int | None
    submitted_at: datetime | None
    is_approved: bool
    own: DecimalString | None
    gathered: DecimalString | None
    adjustment: DecimalString | None
    result: DecimalString | None
    by_category: list[CategoryFigures]

    @classmethod
    def of(cls, snapshot: Snapshot, figures: Figures | None, currency: str) -> Self:
        """Return the answer that tells of a seat as it was."""
        names = ("superior_seat_id", "name", "level", "forecast_id", "revision", "submitted_at")
        told = {name: getattr(snapshot, name) for name in names}
        who = {"seat_id": snapshot.id, "person_id": snapshot.holder_id, "is_approved": bool(snapshot.is_approved)}
        return cls.model_validate(told | who | {"currency": currency} | _laid_flat(figures))


class ForecastMovementQuery(Input):
    """Between which instants, and of which figure."""

    from_at: AwareDatetime | None = Field(default=None, description="Left out: when the cycle opened.")
    to_at: AwareDatetime | None = Field(default=None, description="Left out: now.")
    category: Category | None = Field(default=None, description="Left out: the figure that counts.")


class MovedPartAnswer(Output):
    """By how much the figure moved for a cause (signed), and how many opportunities, or adjusting seats, that was."""

    cause: Cause
    amount: DecimalString
    count: int


class ForecastMovementAnswer(Output):
    """What moved between what stood at two instants: opening + every part = closing, to the cent."""

    cycle_id: UUID
    seat_id: UUID
    from_at: datetime
    to_at: datetime
    currency: str
    opening: DecimalString
    parts: list[MovedPartAnswer]
    closing: DecimalString
