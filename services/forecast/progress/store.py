"""Who has handed in nothing, and how far each level has come. Each starts from the seats that the viewer may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid, any_, bindparam, case, select
from sqlalchemy.dialects.postgresql import array

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import Row, prepared
from servicekit.data.transactions import Questions
from services.forecast.cycles.store.seats import SeatScope, visible_seats
from services.forecast.cycles.tables import seat, standing
from services.forecast.rollup.rules.states import RecordState, ShownState
from services.forecast.rollup.store.progress import COUNTS, Progress
from services.forecast.rollup.tables import forecast


@dataclass(frozen=True, slots=True)
class MissingSeat:
    """A seat with nothing handed in."""

    id: UUID
    superior_seat_id: UUID | None
    holder_id: UUID
    name: str
    level: int
    state: str


_BELOW = bindparam("below_seat_id", type_=Uuid())
_LATE_LEVELS = any_(bindparam("late_levels", type_=ARRAY(Integer())))
_seen = visible_seats().where(standing.c.handed_in_id.is_(None)).subquery("seen")
_latest = (
    select(forecast.c.state)
    .where(forecast.c.seat_id == _seen.c.id)
    .order_by(forecast.c.revision.desc())
    .limit(1)
    .scalar_subquery()
)
_state = case(
    (_seen.c.draft_id.isnot(None) & _seen.c.stale_since.isnot(None), ShownState.STALE.value),
    (_seen.c.draft_id.isnot(None), ShownState.DRAFT.value),
    (_latest == RecordState.RETURNED.value, ShownState.RETURNED.value),
    else_=ShownState.MISSING.value,
)
MISSING = Listing(
    select(
        *(_seen.c[name] for name in ("id", "superior_seat_id", "holder_id", "name", "level")), _state.label("state")
    ),
    into=MissingSeat,
    filters={
        "below_seat_id": _seen.c.line.op("@>", is_comparison=True)(array([_BELOW])) & (_seen.c.id != _BELOW),
        "superior_seat_id": _seen.c.superior_seat_id == bindparam("superior_seat_id", type_=Uuid()),
        "level": _seen.c.level == bindparam("level", type_=Integer()),
        "state": _state == bindparam("state", type_=Text()),
        "is_late": (_seen.c.level == _LATE_LEVELS) == bindparam("is_late", type_=Boolean()),
    },
    keys={"level": SortKey(_seen.c.level), "name": SortKey(_seen.c.name)},
    identifier=_seen.c.id,
    default="level",
)
_seats = seat.join(standing, standing.c.seat_id == seat.c.id)
OF_SEEN = prepared(
    visible_seats()
    .with_only_columns(standing.c.level, *COUNTS)
    .group_by(standing.c.level)
    .order_by(standing.c.level.desc())
)
OF_PART = prepared(
    select(standing.c.level, *COUNTS)
    .select_from(_seats)
    .where(seat.c.line.op("@>", is_comparison=True)(array([_BELOW])), seat.c.id != _BELOW)
    .group_by(standing.c.level)
    .order_by(standing.c.level.desc())
)


async def list_missing(
    tx: Questions, scope: SeatScope, window: Window, filters: Mapping[str, Any], late_levels: Collection[int]
) -> Slice[MissingSeat]:
    """Return a page of the seats that the viewer may see and that have handed in nothing."""
    return await MISSING.page(tx, window, filters, viewer=scope, late_levels=list(late_levels))


async def of_seen(tx: Questions, scope: SeatScope, late_levels: Collection[int]) -> dict[int, Progress]:
    """Return how far each level has come of all that the viewer may see, the highest first."""
    return _by_level(await tx.all(OF_SEEN, viewer=scope, late_levels=list(late_levels)))


async def of_part_below(tx: Questions, seat_id: UUID, late_levels: Collection[int]) -> dict[int, Progress]:
    """Return how far each level has come of the whole part below a seat, the highest first."""
    return _by_level(await tx.all(OF_PART, below_seat_id=seat_id, late_levels=list(late_levels)))


def _by_level(rows: Sequence[Row]) -> dict[int, Progress]:
    return {row["level"]: Progress(*(row[name] for name in Progress.__dataclass_fields__)) for row in rows}
