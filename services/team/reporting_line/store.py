"""Questions to the reporting line, exact: from the tables in which it is decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Uuid,
    any_,
    bindparam,
    delete,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.team.org_chart import store as chart
from services.team.people import store as people
from services.team.people.tables import person
from services.team.reporting_line.rules import Edge
from services.team.reporting_line.tables import reporting_edge, superior_change

e = reporting_edge.c
ON = bindparam("on", type_=Date())
PERSON_ID = bindparam("person_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Superior:
    """Somebody above, `distance` steps up."""

    id: UUID
    name: str
    title: str | None
    distance: int


@dataclass(frozen=True, slots=True)
class LineAbove:
    """Everybody above somebody on a day, the direct superior first."""

    person_id: UUID
    on: date
    chart_version: int
    items: list[Superior]


@dataclass(frozen=True, slots=True)
class Subordinate:
    """Somebody below, `distance` steps down."""

    id: UUID
    name: str
    title: str | None
    superior_id: UUID
    distance: int


@dataclass(frozen=True, slots=True)
class SuperiorChange:
    """A decision on who is somebody's superior from a day on."""

    id: UUID
    person_id: UUID
    superior_id: UUID | None
    from_date: date
    reason: str
    decided_by: UUID | None
    decided_at: datetime


def _in_force(columns: Any) -> list[ColumnElement[bool]]:
    return [columns.from_date <= ON, or_(columns.until_date.is_(None), columns.until_date > ON)]


def _upwards() -> Any:
    first = select(e.superior_id, literal_column("1").label("distance")).where(e.person_id == PERSON_ID, *_in_force(e))
    line = first.cte("line", recursive=True)
    return line.union_all(
        select(e.superior_id, line.c.distance + 1).join(line, e.person_id == line.c.superior_id).where(*_in_force(e))
    )


def _downwards() -> Any:
    columns = (e.person_id, e.superior_id)
    first = select(*columns, literal_column("1").label("distance")).where(e.superior_id == PERSON_ID, *_in_force(e))
    below = first.cte("below", recursive=True)
    return below.union_all(
        select(*columns, below.c.distance + 1).join(below, e.superior_id == below.c.person_id).where(*_in_force(e))
    )


def _lines_above() -> Any:
    since = bindparam("since", type_=Date())
    to_come = or_(e.until_date.is_(None), e.until_date > since)
    columns = (e.person_id, e.superior_id, e.from_date, e.until_date)
    above = select(*columns).where(e.person_id == PERSON_ID, to_come).cte("above", recursive=True)
    return above.union(select(*columns).join(above, e.person_id == above.c.superior_id).where(to_come))


_line, _below, _above = _upwards(), _downwards(), _lines_above()
_edge = select(e.person_id, e.superior_id, e.from_date, e.until_date)

SUPERIORS = prepared(
    select(person.c.id, person.c.name, person.c.title, _line.c.distance)
    .join(_line, _line.c.superior_id == person.c.id)
    .order_by(_line.c.distance),
    into=Superior,
)
EDGES = prepared(
    _edge.where(e.person_id == any_(bindparam("ids", type_=ARRAY(Uuid())))).order_by(e.person_id, e.from_date),
    into=Edge,
)
EDGES_ABOVE = prepared(select(_above), into=Edge)
FORGET = prepared(delete(reporting_edge).where(e.person_id == PERSON_ID, e.from_date >= bindparam("since")))
CLOSE = prepared(
    update(reporting_edge)
    .where(e.person_id == PERSON_ID, or_(e.until_date.is_(None), e.until_date > bindparam("since")))
    .values(until_date=bindparam("since"))
)
INSERT = prepared(insert(reporting_edge).values({column.name: bindparam(column.name) for column in e}))
APPEND = prepared(insert(superior_change).values({column.name: bindparam(column.name) for column in superior_change.c}))
DECIDED = prepared(
    select(superior_change.c.superior_id, superior_change.c.from_date).where(superior_change.c.person_id == PERSON_ID)
)
SUBORDINATES = Listing(
    select(person.c.id, person.c.name, person.c.title, _below.c.superior_id, _below.c.distance).join(
        _below, _below.c.person_id == person.c.id
    ),
    into=Subordinate,
    filters={"direct": (_below.c.distance == 1) == bindparam("direct", type_=Boolean())},
    keys={"name": SortKey(person.c.name), "distance": SortKey(_below.c.distance)},
    identifier=person.c.id,
    default="name",
)
CHANGES = Listing(
    select(superior_change).where(superior_change.c.person_id == PERSON_ID),
    into=SuperiorChange,
    filters={},
    keys={"decided_at": SortKey(superior_change.c.decided_at)},
    identifier=superior_change.c.id,
    default="-decided_at",
)


async def line_above(tx: Questions, person_id: UUID, on: date) -> LineAbove:
    """Return everybody above somebody on a date, and the version of the chart that says so."""
    await people.get(tx, person_id)
    now = await chart.state_now(tx)
    return LineAbove(person_id, on, now.version, await superiors(tx, person_id, on))


async def superiors(tx: Questions, person_id: UUID, on: date) -> list[Superior]:
    """Return everybody above on a date, the direct superior first."""
    return await tx.all(SUPERIORS, person_id=person_id, on=on)


async def list_subordinates(
    tx: Questions, window: Window, person_id: UUID, on: date, *, direct: bool | None
) -> Slice[Subordinate]:
    """Return a page of everybody below on a date; only who reports directly, or only the others, if that is said."""
    await people.get(tx, person_id)
    filters = {} if direct is None else {"direct": direct}
    return await SUBORDINATES.page(tx, window, filters, person_id=person_id, on=on)


async def list_changes(tx: Questions, window: Window, person_id: UUID) -> Slice[SuperiorChange]:
    """Return a page of the decisions on somebody's superior."""
    await people.get(tx, person_id)
    return await CHANGES.page(tx, window, {}, person_id=person_id)


async def decided(tx: Questions, person_id: UUID) -> set[tuple[UUID | None, date]]:
    """Return every superior that was ever decided on for somebody, with the day from which on."""
    return {(row[0], row[1]) for row in await tx.all(DECIDED, person_id=person_id)}


async def edges_of(tx: Questions, ids: Iterable[UUID]) -> list[Edge]:
    """Return every edge of these people, past and to come."""
    return await tx.all(EDGES, ids=list(ids))


async def edges_above(tx: Questions, person_id: UUID, since: date) -> list[Edge]:
    """Return the edges in force at any time from a day on of somebody and everybody above them at any such time."""
    return await tx.all(EDGES_ABOVE, person_id=person_id, since=since)


async def replace_edges(tx: Writing, person_id: UUID, since: date, new: Sequence[Edge]) -> None:
    """End what is in force on a day, take away what was planned from it on, and add what is new."""
    await tx.execute(FORGET, person_id=person_id, since=since)
    await tx.execute(CLOSE, person_id=person_id, since=since)
    for edge in new:
        await tx.execute(
            INSERT,
            person_id=person_id,
            superior_id=edge.superior_id,
            from_date=edge.from_date,
            until_date=edge.until_date,
        )


async def append_change(tx: Writing, change: SuperiorChange) -> None:
    """Append a decision to the history."""
    await tx.execute(APPEND, **{name: getattr(change, name) for name in SuperiorChange.__dataclass_fields__})
