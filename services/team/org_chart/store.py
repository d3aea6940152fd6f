"""Questions to the chart as it was last published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from orgchart.difference import ChartEdge, ChartPerson, ChartStandIn, ChartUnit, Difference
from orgchart.tables import edge, person, stand_in, state, unit
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.team.org_chart.tables import part_change, person_change

UNITS = "units"
STAND_INS = "stand_ins"


@dataclass(frozen=True, slots=True)
class ChartState:
    """The version of the chart, and the business date its reporting lines are of (none before the first)."""

    version: int
    on: date | None


IDS = any_(bindparam("ids", type_=ARRAY(Uuid())))
CHANGED_SINCE = select(person_change.c.person_id).where(person_change.c.version > bindparam("since"))

_state = select(state.c.version, state.c.paths_on.label("on"))
_people = select(*[person.c[name] for name in ChartPerson.model_fields]).order_by(person.c.id)
_edges = select(edge).order_by(edge.c.person_id, edge.c.from_date)

STATE = prepared(_state, into=ChartState)
LOCK = prepared(_state.with_for_update(), into=ChartState)
ROLES = prepared(select(person.c.roles).where(person.c.id == bindparam("person_id"), person.c.active))
PEOPLE = prepared(_people.where(person.c.id == IDS))
PEOPLE_SINCE = prepared(_people.where(person.c.id.in_(CHANGED_SINCE)))
EDGES = prepared(_edges.where(edge.c.person_id == IDS))
EDGES_SINCE = prepared(_edges.where(edge.c.person_id.in_(CHANGED_SINCE)))
UNITS_NOW = prepared(select(unit).order_by(unit.c.id))
STAND_INS_NOW = prepared(select(stand_in).order_by(stand_in.c.id))
PARTS_SINCE = prepared(select(part_change.c.part).where(part_change.c.version > bindparam("since")))

_noted_person = insert(person_change).values(
    person_id=bindparam("person_id", type_=Uuid()), version=bindparam("version", type_=BigInteger())
)
NOTE_PERSON = prepared(
    _noted_person.on_conflict_do_update(
        index_elements=[person_change.c.person_id], set_={"version": _noted_person.excluded.version}
    )
)
_noted_part = insert(part_change).values(
    part=bindparam("part", type_=Text()), version=bindparam("version", type_=BigInteger())
)
NOTE_PART = prepared(
    _noted_part.on_conflict_do_update(
        index_elements=[part_change.c.part], set_={"version": _noted_part.excluded.version}
    )
)


async def lock(tx: Writing) -> ChartState:
    """Return the chart's state, locked until commit: whoever changes the chart does so one after the other."""
    return await tx.one(LOCK)


async def state_now(tx: Questions) -> ChartState:
    """Return the chart's state."""
    return await tx.one(STATE)


async def roles_of(tx: Questions, person_id: UUID) -> list[str]:
    """Return the roles of somebody who is active; none of anybody else."""
    return await tx.value(ROLES, person_id=person_id) or []


async def people(tx: Questions, ids: list[UUID]) -> list[ChartPerson]:
    """Return people as published last."""
    return [ChartPerson.model_validate(dict(row)) for row in await tx.all(PEOPLE, ids=ids)]


async def edges(tx: Questions, ids: list[UUID]) -> list[ChartEdge]:
    """Return every edge of these people as published last."""
    return [ChartEdge.model_validate(dict(row)) for row in await tx.all(EDGES, ids=ids)]


async def difference(tx: Questions, since: int) -> Difference:
    """Return what has changed since a version; since 0 it is everything."""
    now = await state_now(tx)
    parts = [row[0] for row in await tx.all(PARTS_SINCE, since=since)]
    units = await tx.all(UNITS_NOW) if UNITS in parts else None
    stand_ins = await tx.all(STAND_INS_NOW) if STAND_INS in parts else None
    return Difference(
        version=now.version,
        on=now.on or date.min,
        people=[ChartPerson.model_validate(dict(row)) for row in await tx.all(PEOPLE_SINCE, since=since)],
        edges=[ChartEdge.model_validate(dict(row)) for row in await tx.all(EDGES_SINCE, since=since)],
        units=None if units is None else [ChartUnit.model_validate(dict(row)) for row in units],
        stand_ins=None if stand_ins is None else [ChartStandIn.model_validate(dict(row)) for row in stand_ins],
    )


async def note(tx: Writing, version: int, person_ids: Sequence[UUID], parts: Sequence[str]) -> None:
    """Note that these people and parts are as they are since a version."""
    await tx.execute_many(NOTE_PERSON, [{"person_id": person_id, "version": version} for person_id in person_ids])
    await tx.execute_many(NOTE_PART, [{"part": part, "version": version} for part in parts])
