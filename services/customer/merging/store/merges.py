"""Merges as they were made and undone, and the ids that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, any_, bindparam, insert, or_, select, update

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.tables import customer
from services.customer.merging.rules import UNDONE_WITHIN
from services.customer.merging.tables import customer_merge

_m, _c = customer_merge.c, customer.c
_ID = bindparam("the_id", type_=Uuid())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_NOW = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge, and its undoing if it was undone."""

    id: UUID
    merged_id: UUID
    survivor_id: UUID
    settled: dict[str, Any]
    reason: str
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    undone_at: datetime | None = None
    undone_by: UUID | None = None
    undone_on_behalf_of: UUID | None = None
    undone_reason: str | None = None

    @property
    def may_be_undone_until(self) -> datetime:
        """The last instant at which it can be undone."""
        return self.at + UNDONE_WITHIN


_columns = [customer_merge.c[name] for name in Merge.__dataclass_fields__]
INSERT = prepared(insert(customer_merge))
LOCK = prepared(
    select(*_columns)
    .where(_m.id == _ID, or_(_m.merged_id == any_(_IDS), _m.survivor_id == any_(_IDS)))
    .with_for_update(),
    into=Merge,
)
STEPS = prepared(select(_m.merged_id, _m.survivor_id).where(_m.merged_id == any_(_IDS), _m.undone_at.is_(None)))
UNDO = prepared(
    update(customer_merge)
    .where(_m.id == _ID)
    .values(
        undone_at=_NOW,
        undone_by=bindparam("by", type_=Uuid()),
        undone_on_behalf_of=bindparam("for_whom", type_=Uuid()),
        undone_reason=bindparam("why", type_=Text()),
    )
)
POINT = prepared(
    update(customer)
    .where(_c.id == _ID)
    .values(merged_into_id=bindparam("survivor", type_=Uuid()), version=_c.version + 1, updated_at=_NOW)
)
SETTLE = prepared(
    update(customer)
    .where(_c.id == _ID)
    .values(
        {name: bindparam(name, type_=_c[name].type) for name in ("account_manager_id", "tier", "parent_id")}
        | {"version": _c.version + 1, "updated_at": _NOW}
    )
)
OWN = prepared(
    select(_c.id, _c.version, _c.account_manager_id, _c.created_by, _c.tier, _c.parent_id).where(_c.id == _ID)
)
MERGES = Listing(
    select(*_columns),
    into=Merge,
    filters={"ids": or_(_m.merged_id == any_(_IDS), _m.survivor_id == any_(_IDS))},
    keys={"at": SortKey(_m.at)},
    identifier=_m.id,
    default="at",
)


async def append(tx: Writing, merge: Merge) -> None:
    """Write a merge."""
    await tx.execute(INSERT, **asdict(merge))


async def lock(tx: Writing, merge_id: UUID, group: Sequence[UUID]) -> Merge:
    """Return a merge of one of the ids, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "merge", merge_id, the_id=merge_id, ids=list(group))


async def steps_of(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return into whom each of the ids is merged directly; those that are not merged are left out."""
    return {row[0]: row[1] for row in await tx.all(STEPS, ids=list(ids))}


async def mark_undone(tx: Writing, merge_id: UUID, reason: str) -> None:
    """Write who undoes a merge, and why."""
    actor = tx.actor
    await tx.execute(UNDO, the_id=merge_id, now=tx.now, by=tx.actor_id, for_whom=actor.on_behalf_of, why=reason)


async def point(tx: Writing, customer_id: UUID, survivor: UUID | None) -> None:
    """Let a customer stand for another one, or for itself again."""
    await tx.execute(POINT, the_id=customer_id, survivor=survivor, now=tx.now)


async def write_settled(tx: Writing, customer_id: UUID, values: Mapping[str, Any]) -> None:
    """Write account manager, tier and parent of a locked customer."""
    await tx.execute(SETTLE, the_id=customer_id, now=tx.now, **values)


@dataclass(frozen=True, slots=True)
class Own:
    """What a customer's own row holds, whomever it stands for."""

    id: UUID
    version: int
    account_manager_id: UUID | None
    created_by: UUID | None
    tier: str | None
    parent_id: UUID | None

    @property
    def responsible_id(self) -> UUID | None:
        """Who keeps it up: the account manager, or who entered it as long as it has none."""
        return self.account_manager_id or self.created_by


async def own(tx: Questions, customer_id: UUID) -> Own:
    """Return what a customer's own row holds."""
    return Own(*await tx.one(OWN, the_id=customer_id))
