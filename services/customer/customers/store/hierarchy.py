"""Who stands above and below a company."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Integer, Uuid, bindparam, literal_column, select, update

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.store.identity import member, survivor, survivor_of
from services.customer.customers.store.scope import is_visible
from services.customer.customers.tables import customer, hierarchy_lock

_c = customer.c
_ID = bindparam("the_id", type_=Uuid())
MOST_LISTED = 500
DEEPEST = 100
"""A bound for the walk; no cycle can be closed, so no line is endless."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A company in a group; `distance` is negative above the one that was asked for, positive below.

    Those that were merged stand nowhere by themselves: who belonged to them belongs to the survivor, and where the
    survivor stands decides.
    """

    id: UUID
    parent_id: UUID | None
    legal_name: str
    kind: str
    tier: str | None
    distance: int


def _above() -> CTE:
    parent = survivor_of(_c.parent_id).label("parent_id")
    first = (
        select(_c.id, parent, literal_column("0", Integer()).label("distance"))
        .where(_c.id == survivor_of(_ID))
        .cte("above", recursive=True)
    )
    return first.union_all(
        select(_c.id, parent, first.c.distance - 1)
        .join(first, _c.id == first.c.parent_id)
        .where(first.c.distance > -DEEPEST)
    )


def below_of(first_id: Any, name: str = "below") -> CTE:
    """Return a company and those below it by distance, as a part of a statement; each once, by its survivor."""
    first = (
        select(_c.id, literal_column("0", Integer()).label("distance"))
        .where(_c.id == survivor_of(first_id))
        .cte(name, recursive=True)
    )
    return first.union_all(
        select(_c.id, first.c.distance + 1)
        .select_from(first)
        .join(member, survivor(member) == first.c.id)
        .join(customer, _c.parent_id == member.c.id)
        .where(_c.merged_into_id.is_(None), _c.id != first.c.id, first.c.distance < DEEPEST)
    )


_line, _group = _above(), below_of(_ID)
_STANDING = (_c.id, survivor_of(_c.parent_id).label("parent_id"), _c.legal_name, _c.kind, _c.tier)

LINE = prepared(select(_line.c.id).order_by(_line.c.distance.desc()))
ABOVE = prepared(
    select(*_STANDING, _line.c.distance)
    .join(_line, _line.c.id == _c.id)
    .where(_line.c.distance < 0, is_visible())
    .order_by(_line.c.distance.desc()),
    into=Standing,
)
BELOW = prepared(
    select(*_STANDING, _group.c.distance)
    .join(_group, _group.c.id == _c.id)
    .where(_group.c.distance > 0, is_visible())
    .order_by(_group.c.distance, _c.name_key, _c.id)
    .limit(MOST_LISTED + 1),
    into=Standing,
)
LOCK_HIERARCHY = prepared(select(hierarchy_lock.c.id).with_for_update())
SET_PARENT = prepared(
    update(customer)
    .where(_c.id == _ID)
    .values(
        version=_c.version + 1,
        updated_at=bindparam("now", type_=_c.updated_at.type),
        parent_id=bindparam("parent_id", type_=Uuid()),
    )
)


async def lock_hierarchy(tx: Writing) -> None:
    """Let nobody else change a parent until commit."""
    await tx.one(LOCK_HIERARCHY)


async def line_from(tx: Questions, customer_id: UUID) -> list[UUID]:
    """Return the company, its parent, that one's parent and so on to the top, each by its survivor."""
    return [row[0] for row in await tx.all(LINE, the_id=customer_id)]


async def above(tx: Questions, viewer: Viewer, customer_id: UUID) -> list[Standing]:
    """Return the companies above that the viewer sees, the parent first."""
    return await tx.all(ABOVE, viewer=viewer, the_id=customer_id)


async def below(tx: Questions, viewer: Viewer, customer_id: UUID) -> list[Standing]:
    """Return the companies below that the viewer sees, the nearest first, one more than `MOST_LISTED` at most."""
    return await tx.all(BELOW, viewer=viewer, the_id=customer_id)


async def set_parent(tx: Writing, customer_id: UUID, parent_id: UUID | None) -> None:
    """Write a checked parent."""
    await tx.execute(SET_PARENT, the_id=customer_id, parent_id=parent_id, now=tx.now)
