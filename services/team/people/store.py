"""Questions to the directory of people; everybody who is signed in may see it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Uuid, and_, any_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from orgchart.tables import person as chart_person
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from servicekit.values.text import containing, searchable
from services.team.people.tables import person, role_change


@dataclass(frozen=True, slots=True)
class Person:
    """A person or machine client; `active` and `superior_id` are as the chart was last published."""

    id: UUID
    version: int
    kind: str
    name: str
    email: str | None
    title: str | None
    username: str | None
    business_unit_id: UUID | None
    joined_on: date | None
    left_on: date | None
    roles: list[str]
    external_system: str | None
    external_id: str | None
    scopes: list[str]
    created_at: datetime
    updated_at: datetime
    active: bool
    superior_id: UUID | None

    @property
    def external_reference(self) -> dict[str, str | None] | None:
        """What another system knows them by."""
        return {"system": self.external_system, "id": self.external_id} if self.external_system else None


c = person.c
_own = [c[name] for name in Person.__dataclass_fields__ if name in c]
_people = select(
    *_own, func.coalesce(chart_person.c.active, False).label("active"), chart_person.c.superior_id
).outerjoin_from(person, chart_person, chart_person.c.id == c.id)
_changeable = [column for column in c if column.name not in {"id", "personal_salt", "created_at"}]


def _comes_or_goes_between() -> Any:
    after, until = bindparam("after", type_=Date()), bindparam("until", type_=Date())
    return or_(and_(c.joined_on > after, c.joined_on <= until), and_(c.left_on > after, c.left_on <= until))


PERSON = prepared(_people.where(c.id == bindparam("id")), into=Person)
PEOPLE = prepared(_people.where(c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))).order_by(c.id), into=Person)
REFERRED = prepared(
    _people.where(c.external_system == bindparam("system"), c.external_id == bindparam("external_id")), into=Person
)
COMING_OR_GOING = prepared(_people.where(_comes_or_goes_between()).order_by(c.id), into=Person)
INSERT = prepared(insert(person).values({column.name: bindparam(column.name) for column in c}))
UPDATE = prepared(
    update(person)
    .where(c.id == bindparam("id"))
    .values({column.name: bindparam(column.name, type_=column.type) for column in _changeable})
)
APPEND_ROLE_CHANGE = prepared(
    insert(role_change).values({column.name: bindparam(column.name) for column in role_change.c})
)
LISTING = Listing(
    _people,
    into=Person,
    filters={
        "active": func.coalesce(chart_person.c.active, False) == bindparam("active", type_=Boolean()),
        "business_unit_id": c.business_unit_id == bindparam("business_unit_id"),
        "superior_id": chart_person.c.superior_id == bindparam("superior_id"),
        "kind": c.kind == bindparam("kind"),
        "external_system": c.external_system == bindparam("external_system"),
        "external_id": c.external_id == bindparam("external_id"),
        "search": c.search_text.like(bindparam("search")),
    },
    keys={"name": SortKey(c.name), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="name",
)


async def get(tx: Questions, person_id: UUID) -> Person:
    """Return somebody, or raise `NotVisible`."""
    found = await find(tx, person_id)
    if found is None:
        raise NotVisible("person", person_id)
    return found


async def find(tx: Questions, person_id: UUID) -> Person | None:
    """Return somebody, or None."""
    return await tx.first(PERSON, id=person_id)


async def find_by_reference(tx: Questions, system: str, external_id: str) -> Person | None:
    """Return whom another system knows by this id."""
    return await tx.first(REFERRED, system=system, external_id=external_id)


async def people_of(tx: Questions, ids: Sequence[UUID]) -> list[Person]:
    """Return these people."""
    return await tx.all(PEOPLE, ids=list(ids))


async def coming_or_going(tx: Questions, after: date, until: date) -> list[Person]:
    """Return whoever joins or leaves after one day, up to and including another."""
    return await tx.all(COMING_OR_GOING, after=after, until=until)


async def list_people(tx: Questions, window: Window, filters: Mapping[str, Any]) -> Slice[Person]:
    """Return a page of people."""
    given = dict(filters)
    if "search" in given:
        given["search"] = containing(given["search"])
    return await LISTING.page(tx, window, given)


async def insert_person(tx: Writing, added: Person) -> None:
    """Add somebody."""
    await tx.execute(INSERT, **_columns(added), personal_salt=secrets.token_hex(16))


async def update_person(tx: Writing, changed: Person) -> None:
    """Write somebody as they are now."""
    await tx.execute(UPDATE, **_columns(changed))


async def append_role_change(tx: Writing, person_id: UUID, role: str, change: str, reason: str) -> None:
    """Append to the history of somebody's roles."""
    await tx.execute(
        APPEND_ROLE_CHANGE,
        id=new_id(),
        person_id=person_id,
        role=role,
        change=change,
        reason=reason,
        decided_by=tx.actor_id,
        decided_at=tx.now,
    )


def _columns(whole: Person) -> dict[str, Any]:
    values = {column.name: getattr(whole, column.name) for column in _own}
    return {**values, "search_text": searchable(whole.name, whole.title, whole.email, whole.username)}
