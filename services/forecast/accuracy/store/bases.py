"""Which cycles an earlier forecast of the same period rests on."""

from sqlalchemy import ColumnElement, Date, DateTime, Integer, and_, bindparam, exists, or_, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.versions import CYCLES_BEFORE, Basis, Version, basis_of
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store.seats import CYCLE_ID
from services.forecast.cycles.tables import forecast_cycle, seat

c = forecast_cycle.c
_asked = forecast_cycle.alias("asked")
_top, _theirs = seat.alias("top"), seat.alias("theirs")


def about_the_same_people() -> ColumnElement[bool]:
    """Return whether a cycle has the heads of the one asked for, or a seat for somebody who is a top of that one."""
    same_heads = exists(
        select(_asked.c.id).where(
            _asked.c.id == CYCLE_ID,
            _asked.c.head_ids.op("@>", is_comparison=True)(c.head_ids),
            _asked.c.head_ids.op("<@", is_comparison=True)(c.head_ids),
        )
    )
    a_top_of_it = exists(
        select(_top.c.id)
        .join(_theirs, and_(_theirs.c.person_id == _top.c.person_id, _theirs.c.cycle_id == c.id))
        .where(_top.c.cycle_id == CYCLE_ID, _top.c.superior_seat_id.is_(None))
    )
    return or_(same_heads, a_top_of_it)


BEFORE = prepared(
    select(forecast_cycle)
    .where(
        c.id != CYCLE_ID,
        c.opened_at < bindparam("opened_at", type_=DateTime(timezone=True)),
        c.period_start <= bindparam("start", type_=Date()),
        c.period_end >= bindparam("end", type_=Date()),
        about_the_same_people(),
    )
    .order_by(c.opened_at.desc(), c.id.desc())
    .offset(bindparam("skipped", type_=Integer()))
    .limit(1),
    into=Cycle,
)


async def find_basis(tx: Questions, asked: Cycle, version: Version) -> Basis | None:
    """Return what a version of an open cycle's period rests on, or None where no such cycle came before."""
    before = CYCLES_BEFORE[version]
    if before == 0:
        return basis_of(asked, asked)
    found = await tx.first(
        BEFORE,
        cycle_id=asked.id,
        opened_at=asked.opened_at,
        start=asked.period_start,
        end=asked.period_end,
        skipped=before - 1,
    )
    return basis_of(asked, found) if found else None
