"""Writing that opportunities were moved to another version of the funnel, and asking which run on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, column, func, literal, select

from orgchart.tables import person
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.opportunities.store.changes import before, change_many, changing_many
from services.opportunity.opportunities.tables import opportunity, stage_change

_o, _h = opportunity.c, stage_change.c
_moves = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("versions", type_=ARRAY(Integer())),
        bindparam("stages", type_=ARRAY(Text())),
        bindparam("reasons", type_=ARRAY(Text())),
    )
    .table_valued(
        column("id", Uuid()),
        column("funnel_version", Integer()),
        column("stage", Text()),
        column("reason", Text()),
    )
    .render_derived(name="moves")
)
_AT = bindparam("at", type_=_h.at.type)
MOVE_ALL = changing_many(
    {"stage": _moves.c.stage, "funnel_version": _moves.c.funnel_version, "funnel_since": _AT},
    _moves,
    stage_change,
    {
        "at": _AT,
        "recorded_at": bindparam("recorded_at", type_=_h.recorded_at.type),
        "funnel_version": _moves.c.funnel_version,
        "from_version": before("funnel_version"),
        "from_stage": before("stage"),
        "to_stage": _moves.c.stage,
        "from_state": before("state"),
        "to_state": before("state"),
        "currency": before("currency"),
        "amount": before("amount"),
        "reason": _moves.c.reason,
        "passed_over": literal([], _h.passed_over.type),
        "actor_id": bindparam("actor_id", type_=_h.actor_id.type),
        "on_behalf_of": bindparam("on_behalf_of", type_=_h.on_behalf_of.type),
    },
)
_running = (
    _o.state == "open",
    _o.funnel_version == bindparam("from_version", type_=Integer()),
    _o.id > bindparam("after", type_=Uuid()),
)
_top = select(person.c.path).where(person.c.id == bindparam("person_id", type_=Uuid())).scalar_subquery()
_below = select(person.c.id).where(person.c.path.op("<@", is_comparison=True)(_top))
_IN = {
    "everything": (),
    "subtree": (_o.principal_id.in_(_below),),
    "person": (_o.principal_id == bindparam("person_id", type_=Uuid()),),
}
COUNT = {kind: prepared(select(func.count(_o.id)).where(*_running, *whose)) for kind, whose in _IN.items()}
NEXT = {
    kind: prepared(select(_o.id).where(*_running, *whose).order_by(_o.id).limit(bindparam("most")))
    for kind, whose in _IN.items()
}
FIRST = UUID(int=0)
"""Lies before every id."""


@dataclass(frozen=True, slots=True)
class FunnelMove:
    """An opportunity that is to run on another version, in that stage."""

    opportunity_id: UUID
    funnel_version: int
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Running:
    """Which opportunities are meant: the open ones on a version, of everybody, a person, or a line."""

    from_version: int
    scope: str
    person_id: UUID | None

    def binds(self, after: UUID) -> dict[str, Any]:
        """Return the binds of the questions about them, beyond an id."""
        whose = {} if self.scope == "everything" else {"person_id": self.person_id}
        return {"from_version": self.from_version, "after": after} | whose


async def append_moves(tx: Writing, moves: Sequence[FunnelMove], at: datetime) -> dict[UUID, int]:
    """Move opportunities, which are locked, and keep the moves, in one statement; return their new versions."""
    binds: dict[str, Any] = {
        "ids": [each.opportunity_id for each in moves],
        "versions": [each.funnel_version for each in moves],
        "stages": [each.stage for each in moves],
        "reasons": [each.reason for each in moves],
        "at": at,
        "recorded_at": tx.now,
        "actor_id": tx.actor_id,
        "on_behalf_of": tx.actor.on_behalf_of,
    }
    return await change_many(tx, MOVE_ALL, binds)


async def count_running(tx: Questions, running: Running) -> int:
    """Return how many there are."""
    return int(await tx.value(COUNT[running.scope], viewer=None, **running.binds(FIRST)))


async def next_running(tx: Questions, running: Running, after: UUID, most: int) -> list[UUID]:
    """Return the next of them in the order of ids."""
    rows = await tx.all(NEXT[running.scope], viewer=None, most=most, **running.binds(after))
    return [row[0] for row in rows]
