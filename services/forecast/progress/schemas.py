"""How far a cycle has come, over the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output
from services.forecast.rollup.rules.states import ShownState


class MissingForecastQuery(ListQuery):
    """Whose; `sort` takes `level` (the lowest first unless said otherwise) and `name`."""

    below_seat_id: UUID | None = Field(default=None, description="The whole part below this seat, down to the lowest.")
    superior_seat_id: UUID | None = Field(default=None, description="Only who reports directly to this seat.")
    level: int | None = Field(default=None, ge=1, le=1000)
    state: ShownState | None = Field(default=None, description="`missing`, `draft`, `returned` or a `stale` draft.")
    is_late: bool | None = Field(default=None, description="Whether the deadline of their level has passed.")


class MissingForecastAnswer(Output):
    """A seat that has handed in nothing, or whose forecast was sent back."""

    seat_id: UUID
    superior_seat_id: UUID | None
    person_id: UUID
    name: str
    level: int
    state: ShownState
    due_at: datetime | None
    is_late: bool
    late_seconds: int | None = Field(description="For how long it is late; null while it is not.")


class ProgressQuery(Input):
    """Of which part."""

    seat_id: UUID | None = Field(default=None, description="The part below this seat; left out: all that you may see.")


class LevelProgressAnswer(Output):
    """How far a level has come; seats = handed_in + missing."""

    level: int
    due_at: datetime | None
    seats: int
    handed_in: int
    stale: int
    missing: int
    late: int


class ForecastProgressAnswer(Output):
    """How far a part of a cycle has come: the whole, and each level of it, the highest first."""

    cycle_id: UUID
    seat_id: UUID | None
    seats: int = Field(description="`handed_in` + `missing`.")
    handed_in: int
    stale: int = Field(description="Handed in, and resting on something that has changed.")
    missing: int
    late: int = Field(description="Missing after the deadline of their level.")
    levels: list[LevelProgressAnswer]
