"""Questions to the stand-ins; everybody who is signed in may see who acts for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, bindparam, insert, select, update

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.team.stand_ins.tables import stand_in


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody may act for somebody from a day and until (not including) another."""

    id: UUID
    person_id: UUID
    stand_in_id: UUID
    from_date: date
    until_date: date
    agreed_by: UUID | None
    agreed_at: datetime


c = stand_in.c
ON = bindparam("on", type_=Date())

STAND_IN = prepared(select(stand_in).where(c.id == bindparam("id")), into=StandIn)
EVERY = prepared(select(stand_in).order_by(c.id), into=StandIn)
INSERT = prepared(insert(stand_in).values({column.name: bindparam(column.name) for column in c}))
END = prepared(update(stand_in).where(c.id == bindparam("id")).values(until_date=bindparam("until_date")))
LISTING = Listing(
    select(stand_in),
    into=StandIn,
    filters={
        "person_id": c.person_id == bindparam("person_id"),
        "stand_in_id": c.stand_in_id == bindparam("stand_in_id"),
        "on": and_(c.from_date <= ON, c.until_date > ON),
    },
    keys={"from_date": SortKey(c.from_date), "until_date": SortKey(c.until_date)},
    identifier=c.id,
    default="-from_date",
)


async def get(tx: Questions, stand_in_id: UUID) -> StandIn:
    """Return a stand-in, or raise `NotVisible`."""
    return await tx.visible(STAND_IN, "stand-in", stand_in_id, id=stand_in_id)


async def list_stand_ins(tx: Questions, window: Window, filters: Mapping[str, Any]) -> Slice[StandIn]:
    """Return a page of stand-ins."""
    return await LISTING.page(tx, window, filters)


async def every_stand_in(tx: Questions) -> list[StandIn]:
    """Return all stand-ins, past and to come."""
    return await tx.all(EVERY)


async def insert_stand_in(tx: Writing, agreed: StandIn) -> None:
    """Add a stand-in."""
    await tx.execute(INSERT, **{name: getattr(agreed, name) for name in StandIn.__dataclass_fields__})


async def end_stand_in(tx: Writing, stand_in_id: UUID, until_date: date) -> None:
    """Let a stand-in end on another day."""
    await tx.execute(END, id=stand_in_id, until_date=until_date)
