"""Questions to the copy of the org chart, today's and dated."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Date, Uuid, any_, bindparam, cast, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from orgchart.tables import edge, person, state, unit
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotVisible

ON = bindparam("on", type_=Date())
PERSON_ID = bindparam("person_id", type_=Uuid())
DEEPEST = 1000
"""No reporting line is so long: a circle, which `team` refuses, would else be followed for ever."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the org chart."""

    id: UUID
    name: str
    kind: str
    superior_id: UUID | None
    path: str | None
    roles: list[str]
    active: bool
    business_unit_id: UUID | None
    external_system: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A business unit."""

    id: UUID
    name: str
    parent_id: UUID | None
    head_id: UUID | None


def _in_force() -> list[ColumnElement[bool]]:
    return [edge.c.from_date <= ON, or_(edge.c.until_date.is_(None), edge.c.until_date > ON)]


def _line_upwards() -> CTE:
    first = (
        select(edge.c.superior_id, literal_column("1").label("distance"))
        .where(edge.c.person_id == PERSON_ID, *_in_force())
        .cte("line", recursive=True)
    )
    return first.union_all(
        select(edge.c.superior_id, first.c.distance + 1)
        .join(first, edge.c.person_id == first.c.superior_id)
        .where(first.c.distance < DEEPEST, *_in_force())
    )


def _subtree() -> CTE:
    top = select(cast(PERSON_ID, Uuid()).label("id")).cte("below", recursive=True)
    return top.union(select(edge.c.person_id).join(top, edge.c.superior_id == top.c.id).where(*_in_force()))


_line = _line_upwards()
_below = _subtree()

_people = select(*[person.c[name] for name in Person.__dataclass_fields__])
PERSON = prepared(_people.where(person.c.id == PERSON_ID), into=Person)
PEOPLE = prepared(_people.where(person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))), into=Person)
EVERYBODY = prepared(_people.where(person.c.kind == "person").order_by(person.c.path, person.c.id), into=Person)
SUPERIORS = prepared(select(_line.c.superior_id).order_by(_line.c.distance))
SUBTREE = prepared(select(_below.c.id))
SUBTREE_TODAY = prepared(
    select(person.c.id).where(
        person.c.path.op("<@", is_comparison=True)(
            select(person.c.path).where(person.c.id == PERSON_ID).scalar_subquery()
        )
    )
)
VERSION = prepared(select(state.c.version))
UNITS = prepared(select(unit), into=Unit)


async def person_of(tx: Questions, person_id: UUID) -> Person | None:
    """Return somebody of the chart, or None."""
    return await tx.first(PERSON, person_id=person_id)


async def check_known(tx: Questions, person_id: UUID) -> None:
    """Refuse somebody who is not in the org chart, as if they were not to be seen."""
    if await person_of(tx, person_id) is None:
        raise NotVisible("person", person_id)


async def people_of(tx: Questions, ids: list[UUID]) -> dict[UUID, Person]:
    """Return those of the ids who are in the chart."""
    return {found.id: found for found in await tx.all(PEOPLE, ids=ids)}


async def superiors(tx: Questions, person_id: UUID, on: date) -> list[UUID]:
    """Return the superiors on a date, the direct one first."""
    return [row[0] for row in await tx.all(SUPERIORS, person_id=person_id, on=on)]


async def subtree(tx: Questions, person_id: UUID, on: date | None = None) -> list[UUID]:
    """Return somebody and everybody below them, today or on a date."""
    if on is None:
        rows = await tx.all(SUBTREE_TODAY, person_id=person_id)
    else:
        rows = await tx.all(SUBTREE, person_id=person_id, on=on)
    return [row[0] for row in rows]


async def is_superior(tx: Questions, superior_id: UUID, person_id: UUID, on: date) -> bool:
    """Whether one stands above the other in the reporting line on a date."""
    return superior_id in await superiors(tx, person_id, on)


async def chart_version(tx: Questions) -> int:
    """Return the version of the copy."""
    return int(await tx.value(VERSION))


async def units_of(tx: Questions) -> list[Unit]:
    """Return every business unit."""
    return await tx.all(UNITS)
