"""Contacts of two customers that are merged: who is one person, and who reports across."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, delete, func, insert, or_, select, update

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.merging.tables import contact_merge, customer_merge
from services.customer.relationships.tables import contact

_c, _x, _m = contact.c, contact_merge.c, customer_merge.c
_ours, _theirs = contact.alias("ours"), contact.alias("theirs")
_above = contact.alias("above")
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_NOW = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts of one e-mail address: the merged customer's stands for the survivor's."""

    merged_id: UUID
    merged_name: str
    survivor_id: UUID
    survivor_name: str


@dataclass(frozen=True, slots=True)
class Step:
    """A contact that stands for another by a merge, and for whom each of the two was entered."""

    merge_id: UUID
    merged_id: UUID
    merged_of: UUID
    survivor_id: UUID
    survivor_of: UUID


PAIRS = prepared(
    select(
        _theirs.c.id.label("merged_id"),
        _theirs.c.name.label("merged_name"),
        _ours.c.id.label("survivor_id"),
        _ours.c.name.label("survivor_name"),
    )
    .join(_ours, _ours.c.email_key == _theirs.c.email_key)
    .where(
        *(_theirs.c.customer_id == any_(bindparam("merged", type_=ARRAY(Uuid()))), _theirs.c.merged_into_id.is_(None)),
        *(_ours.c.customer_id == any_(bindparam("survivor", type_=ARRAY(Uuid()))), _ours.c.merged_into_id.is_(None)),
    )
    .order_by(_theirs.c.id),
    into=Pair,
)
COUNT = prepared(select(func.count()).where(_c.customer_id == any_(_IDS), _c.merged_into_id.is_(None)))
STEPS = prepared(
    select(
        *(_x.merge_id, _x.merged_id, _theirs.c.customer_id.label("merged_of")),
        *(_x.survivor_id, _ours.c.customer_id.label("survivor_of")),
    )
    .join(customer_merge, _m.id == _x.merge_id)
    .join(_theirs, _theirs.c.id == _x.merged_id)
    .join(_ours, _ours.c.id == _x.survivor_id)
    .where(_m.merged_id == any_(_IDS))
    .order_by(_m.at, _m.id),
    into=Step,
)
STANDING = prepared(select(_c.id, _c.merged_into_id).where(_c.customer_id == any_(_IDS), _c.merged_into_id.isnot(None)))
INSERT = prepared(insert(contact_merge))
FORGET = prepared(
    delete(contact_merge).where(
        _x.merge_id == bindparam("merge", type_=Uuid()), _x.merged_id == bindparam("merged", type_=Uuid())
    )
)
FOLLOW = prepared(
    update(contact)
    .where(or_(_c.id == bindparam("merged", type_=Uuid()), _c.merged_into_id == bindparam("merged", type_=Uuid())))
    .values(merged_into_id=bindparam("survivor", type_=Uuid()), version=_c.version + 1, updated_at=_NOW)
)
POINT = prepared(
    update(contact)
    .where(_c.id == bindparam("the_id", type_=Uuid()))
    .values(merged_into_id=bindparam("survivor", type_=Uuid()), version=_c.version + 1, updated_at=_NOW)
)
PART = prepared(
    update(contact)
    .where(
        _c.customer_id == any_(bindparam("here", type_=ARRAY(Uuid()))),
        _c.reports_to_id.in_(
            select(_above.c.id).where(_above.c.customer_id == any_(bindparam("there", type_=ARRAY(Uuid()))))
        ),
    )
    .values(reports_to_id=None, version=_c.version + 1, updated_at=_NOW)
)


async def pairs_of(tx: Questions, survivor: Sequence[UUID], merged: Sequence[UUID]) -> list[Pair]:
    """Return the contacts of two groups of ids that have one e-mail address; each is in one pair at most."""
    return await tx.all(PAIRS, survivor=list(survivor), merged=list(merged))


async def count_of(tx: Questions, ids: Sequence[UUID]) -> int:
    """Return how many contacts a group of ids has, each person once."""
    found: int = await tx.value(COUNT, ids=list(ids))
    return found


async def merge_pairs(tx: Writing, merge_id: UUID, pairs: Sequence[Pair]) -> None:
    """Let the merged one of each pair, and whoever stands for it, stand for the other."""
    steps: list[dict[str, Any]] = [
        {"merge_id": merge_id, "merged_id": each.merged_id, "survivor_id": each.survivor_id} for each in pairs
    ]
    await tx.execute_many(INSERT, steps)
    rows: list[dict[str, Any]] = [
        {"merged": each.merged_id, "survivor": each.survivor_id, "now": tx.now} for each in pairs
    ]
    await tx.execute_many(FOLLOW, rows)


async def steps_of(tx: Questions, ids: Sequence[UUID]) -> list[Step]:
    """Return which contacts stand for which by merges of these customers, the earliest first."""
    return await tx.all(STEPS, ids=list(ids))


async def forget_steps(tx: Writing, steps: Sequence[Step]) -> None:
    """Let these steps hold no more."""
    await tx.execute_many(FORGET, [{"merge": each.merge_id, "merged": each.merged_id} for each in steps])


async def standing_of(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return whom those contacts of the customers stand for that stand for another."""
    return {row[0]: row[1] for row in await tx.all(STANDING, ids=list(ids))}


async def point(tx: Writing, survivors: Mapping[UUID, UUID | None]) -> None:
    """Let contacts stand for others, or for themselves again."""
    rows: list[dict[str, Any]] = [
        {"the_id": each, "survivor": survivor, "now": tx.now} for each, survivor in survivors.items()
    ]
    await tx.execute_many(POINT, rows)


async def part(tx: Writing, some: Sequence[UUID], others: Sequence[UUID]) -> None:
    """Let no contact of some customers report to one of the others any more."""
    await tx.execute(PART, here=list(some), there=list(others), now=tx.now)
    await tx.execute(PART, here=list(others), there=list(some), now=tx.now)
