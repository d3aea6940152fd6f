"""How far the part below a seat has come: who has handed in, who is missing, who is late."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, func, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.cycles.store.seats import CYCLE_ID
from services.forecast.cycles.tables import seat, standing

DEEPEST = 1000
"""More superiors than anybody has."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many seats there are, and of these how many have handed in (some of it stale), are missing, and late.

    Late is who is missing after the deadline of their level; seats = handed_in + missing.
    """

    seats: int = 0
    handed_in: int = 0
    stale: int = 0
    missing: int = 0
    late: int = 0


_is_missing = standing.c.handed_in_id.is_(None)
COUNTS = (
    func.count().label("seats"),
    func.count(standing.c.handed_in_id).label("handed_in"),
    func.count().filter(~_is_missing, standing.c.stale_since.isnot(None)).label("stale"),
    func.count().filter(_is_missing).label("missing"),
    func.count()
    .filter(_is_missing, standing.c.level == any_(bindparam("late_levels", type_=ARRAY(Integer()))))
    .label("late"),
)
"""The columns of `Progress` over seats and their standings (bind: `late_levels`, those past their deadline)."""

_above = func.unnest(seat.c.line[2:DEEPEST]).column_valued("above")
BELOW = prepared(
    select(_above, *COUNTS)
    .select_from(seat.join(standing, standing.c.seat_id == seat.c.id))
    .where(
        seat.c.cycle_id == CYCLE_ID,
        seat.c.line.op("&&", is_comparison=True)(bindparam("roots", type_=ARRAY(Uuid()))),
    )
    .group_by(_above)
)


async def below(
    tx: Questions, cycle_id: UUID, roots: Collection[UUID], late_levels: Collection[int]
) -> dict[UUID, Progress]:
    """Return how far the whole part below each seat has come, of the roots and of every seat below them.

    Seats with nobody below are left out; those above the roots are counted in part, and mean nothing.
    """
    rows = await tx.all(BELOW, cycle_id=cycle_id, roots=list(roots), late_levels=list(late_levels)) if roots else []
    return {row["above"]: Progress(*(row[name] for name in Progress.__dataclass_fields__)) for row in rows}
