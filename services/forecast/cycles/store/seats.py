"""Seats and what stands on them. A viewer sees the seats they hold and those below, unless a role shows all.

Whoever changes figures locks the seats concerned, in the order of their ids.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from orgchart.tables import person, unit
from orgchart.viewer import MARKETING, Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotAllowed
from services.forecast import events
from services.forecast.cycles.tables import seat, seat_change, standing


class NoSeat(NotAllowed):
    """The caller takes no part in the cycle."""

    code = "no_seat"

    def __init__(self) -> None:
        super().__init__("You have no seat in this cycle; your superior or sales operations can add you to it.")


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a cycle and what stands on it; `line` is the seat and those above it, nearest first."""

    id: UUID
    cycle_id: UUID
    person_id: UUID
    superior_seat_id: UUID | None
    line: list[UUID]
    business_unit_id: UUID | None
    holder_id: UUID
    level: int
    draft_id: UUID | None
    handed_in_id: UUID | None
    stale_since: datetime | None
    stale_reason: str | None
    name: str

    @property
    def is_stale(self) -> bool:
        """Whether something has changed that its record rests on."""
        return self.stale_since is not None


CYCLE_ID = bindparam("cycle_id", type_=Uuid())
_IDS = any_(bindparam("ids", type_=ARRAY(Uuid())))
_COLUMNS = [
    *(seat.c[name] for name in ("id", "cycle_id", "person_id", "superior_seat_id", "line", "business_unit_id")),
    *(standing.c[n] for n in ("holder_id", "level", "draft_id", "handed_in_id", "stale_since", "stale_reason")),
    func.coalesce(person.c.name, literal_column("''")).label("name"),
]
_SEATS = seat.join(standing, standing.c.seat_id == seat.c.id).outerjoin(person, person.c.id == standing.c.holder_id)


def held_by_viewer() -> ColumnElement[Any]:
    """Return the array of the seats of a cycle that the viewer holds."""
    mine = standing.alias("mine")
    held = (
        select(mine.c.seat_id)
        .where(mine.c.holder_id == bindparam("viewer_id", type_=Uuid()), mine.c.cycle_id == CYCLE_ID)
        .scalar_subquery()
    )
    return func.array(held, type_=ARRAY(Uuid()))


def visible_seats() -> Select[Any]:
    """Return the seats of a cycle that the viewer may see (binds: `SeatScope`).

    Those are the ones they hold, all below, and the tops of lines that are handed in to a unit they head.
    """
    in_line = seat.c.line.op("&&", is_comparison=True)(held_by_viewer())
    headed = select(unit.c.id).where(unit.c.head_id == bindparam("viewer_id", type_=Uuid()))
    handed_to_viewer = and_(seat.c.superior_seat_id.is_(None), seat.c.business_unit_id.in_(headed))
    return (
        select(*_COLUMNS)
        .select_from(_SEATS)
        .where(seat.c.cycle_id == CYCLE_ID, or_(bindparam("sees_all", type_=Boolean()), in_line, handed_to_viewer))
    )


@dataclass(frozen=True, slots=True)
class SeatScope:
    """What scopes a statement on the seats of a cycle: who asks, and whether a role shows them all."""

    viewer: Viewer
    cycle_id: UUID

    @property
    def sees_all(self) -> bool:
        """Whether a role shows every seat."""
        return self.viewer.sees_all or self.viewer.has_role(MARKETING)

    @property
    def binds(self) -> dict[str, object]:
        """The binds of `visible_seats`."""
        return {"viewer_id": self.viewer.acts_as, "sees_all": self.sees_all, "cycle_id": self.cycle_id}


VISIBLE = prepared(visible_seats().order_by(standing.c.level.desc(), seat.c.id), into=Seat)
VISIBLE_ONE = prepared(visible_seats().where(seat.c.id == bindparam("id", type_=Uuid())), into=Seat)
HELD = prepared(
    select(*_COLUMNS)
    .select_from(_SEATS)
    .where(seat.c.cycle_id == CYCLE_ID, standing.c.holder_id == any_(bindparam("holder_ids", type_=ARRAY(Uuid()))))
    .order_by((seat.c.person_id != standing.c.holder_id), seat.c.id),
    into=Seat,
)
BY_IDS = prepared(select(*_COLUMNS).select_from(_SEATS).where(seat.c.id == _IDS).order_by(seat.c.id), into=Seat)
REPORTS = prepared(
    select(*_COLUMNS)
    .select_from(_SEATS)
    .where(seat.c.superior_seat_id == bindparam("superior_seat_id", type_=Uuid()))
    .order_by(seat.c.id),
    into=Seat,
)
TOPS = prepared(
    select(*_COLUMNS)
    .select_from(_SEATS)
    .where(seat.c.cycle_id == CYCLE_ID, seat.c.superior_seat_id.is_(None))
    .order_by(seat.c.id),
    into=Seat,
)
REPORT_IDS = prepared(select(seat.c.id).where(seat.c.superior_seat_id == bindparam("superior_seat_id", type_=Uuid())))
LOCK = prepared(
    select(standing.c.seat_id).where(standing.c.seat_id == _IDS).order_by(standing.c.seat_id).with_for_update()
)
INSERT_SEAT = prepared(insert(seat))
INSERT_STANDING = prepared(insert(standing))
INSERT_CHANGE = prepared(insert(seat_change))
_AT = bindparam("at_seat", type_=Uuid())
SET_RECORDS = prepared(
    update(standing)
    .where(standing.c.seat_id == _AT)
    .values(draft_id=bindparam("draft"), handed_in_id=bindparam("handed_in"))
)
SET_FRESH = prepared(update(standing).where(standing.c.seat_id == _AT).values(stale_since=None, stale_reason=None))
SET_LEVEL = prepared(update(standing).where(standing.c.seat_id == _AT).values(level=bindparam("to_level")))
SET_HOLDER = prepared(update(standing).where(standing.c.seat_id == _AT).values(holder_id=bindparam("to_holder")))
MARK_STALE = prepared(
    update(standing)
    .where(
        standing.c.seat_id == _IDS,
        standing.c.stale_since.is_(None),
        or_(standing.c.draft_id.isnot(None), standing.c.handed_in_id.isnot(None)),
    )
    .values(stale_since=bindparam("since"), stale_reason=bindparam("because"))
    .returning(standing.c.seat_id)
)

_NAME = func.coalesce(person.c.name, literal_column("''"), type_=Text())
SEATS = Listing(
    visible_seats(),
    into=Seat,
    filters={
        "level": standing.c.level == bindparam("level"),
        "person_id": standing.c.holder_id == bindparam("person_id", type_=Uuid()),
        "superior_seat_id": seat.c.superior_seat_id == bindparam("superior_seat_id", type_=Uuid()),
    },
    keys={"level": SortKey(standing.c.level), "name": SortKey(_NAME)},
    identifier=seat.c.id,
    default="-level",
)


async def list_seats(
    tx: Questions, viewer: Viewer, cycle_id: UUID, window: Window, filters: Mapping[str, Any]
) -> Slice[Seat]:
    """Return a page of the seats that the viewer may see."""
    return await SEATS.page(tx, window, filters, viewer=SeatScope(viewer, cycle_id))


async def visible(tx: Questions, viewer: Viewer, cycle_id: UUID) -> list[Seat]:
    """Return every seat that the viewer may see, the highest level first."""
    return await tx.all(VISIBLE, viewer=SeatScope(viewer, cycle_id))


async def find_visible(tx: Questions, viewer: Viewer, cycle_id: UUID, seat_id: UUID) -> Seat | None:
    """Return a seat that the viewer may see, or None."""
    return await tx.first(VISIBLE_ONE, viewer=SeatScope(viewer, cycle_id), id=seat_id)


async def find_held(tx: Questions, cycle_id: UUID, holder_id: UUID | None) -> Seat | None:
    """Return the seat that somebody holds, their own before one that passed to them, or None."""
    return await tx.first(HELD, cycle_id=cycle_id, holder_ids=[holder_id])


async def held_by(tx: Questions, cycle_id: UUID, holder_ids: Collection[UUID]) -> dict[UUID, Seat]:
    """Return the seat that each of some people holds, their own before one that passed to them."""
    found = await tx.all(HELD, cycle_id=cycle_id, holder_ids=list(holder_ids))
    return {seat.holder_id: seat for seat in reversed(found)}


async def by_ids(tx: Questions, ids: Collection[UUID]) -> dict[UUID, Seat]:
    """Return seats by id."""
    return {found.id: found for found in await tx.all(BY_IDS, ids=list(ids))}


async def reports_of(tx: Questions, seat_id: UUID) -> list[Seat]:
    """Return the seats directly below."""
    return await tx.all(REPORTS, superior_seat_id=seat_id)


async def tops_of(tx: Questions, cycle_id: UUID) -> list[Seat]:
    """Return the seats with nobody above."""
    return await tx.all(TOPS, cycle_id=cycle_id)


async def lock_with_line(tx: Writing, found: Seat) -> Seat:
    """Lock a seat and all above it until commit, and return the seat as it is then."""
    await tx.all(LOCK, ids=found.line)
    return (await by_ids(tx, [found.id]))[found.id]


async def lock_with_reports(tx: Writing, found: Seat) -> tuple[Seat, list[Seat]]:
    """Lock a seat and those directly below until commit, and return it and them as they are then."""
    below = [row[0] for row in await tx.all(REPORT_IDS, superior_seat_id=found.id)]
    held = await lock(tx, [found.id, *below])
    return held[found.id], [held[seat_id] for seat_id in sorted(below)]


async def lock(tx: Writing, ids: Collection[UUID]) -> dict[UUID, Seat]:
    """Lock seats until commit, and return them as they are then."""
    await tx.all(LOCK, ids=list(ids))
    return await by_ids(tx, ids)


async def append(tx: Writing, seats: Sequence[Mapping[str, Any]]) -> None:
    """Write seats, superiors before those below, each with nothing standing on it."""
    columns = ("id", "cycle_id", "person_id", "superior_seat_id", "line", "business_unit_id")
    await tx.execute_many(INSERT_SEAT, [{name: each[name] for name in columns} for each in seats])
    empty = {"draft_id": None, "handed_in_id": None, "stale_since": None, "stale_reason": None}
    await tx.execute_many(
        INSERT_STANDING,
        [
            {
                "seat_id": each["id"],
                "cycle_id": each["cycle_id"],
                "holder_id": each["person_id"],
                "level": each["level"],
                **empty,
            }
            for each in seats
        ],
    )


async def append_change(tx: Writing, values: Mapping[str, Any]) -> None:
    """Write a decision on a seat."""
    await tx.execute(INSERT_CHANGE, **values)


async def set_records(tx: Writing, seat_id: UUID, *, draft: UUID | None, handed_in: UUID | None) -> None:
    """Say which records stand on a seat: the one in the making, and the one handed in."""
    await tx.execute(SET_RECORDS, at_seat=seat_id, draft=draft, handed_in=handed_in)


async def set_fresh(tx: Writing, seat_id: UUID) -> None:
    """Say that what stands on a seat holds again."""
    await tx.execute(SET_FRESH, at_seat=seat_id)


async def raise_levels(tx: Writing, levels: Mapping[UUID, int]) -> None:
    """Give seats their new levels."""
    await tx.execute_many(SET_LEVEL, [{"at_seat": each, "to_level": level} for each, level in sorted(levels.items())])


async def pass_on(tx: Writing, seat_id: UUID, holder_id: UUID) -> None:
    """Give a seat to somebody else."""
    await tx.execute(SET_HOLDER, at_seat=seat_id, to_holder=holder_id)


async def mark_stale(tx: Writing, ids: Sequence[UUID], reason: str) -> None:
    """Say of seats, all locked, that what stands on them holds no more; those that have nothing are passed over."""
    for row in await tx.all(MARK_STALE, ids=list(ids), since=tx.now, because=reason):
        tx.publish(events.BECAME_STALE, row[0], {"seat_id": str(row[0]), "reason": reason})
