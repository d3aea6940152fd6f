"""Questions about what was told of health, and what a look at everybody needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Date,
    DateTime,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from orgchart.tables import edge, person
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.health_notices.rules import Condition, State
from services.opportunity.health_notices.tables import health_notice, health_run, health_state
from services.opportunity.scopes.reach import Breadth, Reach

_n, _s, _r, _e, _p = health_notice.c, health_state.c, health_run.c, edge.c, person.c
_DAY = bindparam("day", type_=Date())
_PEOPLE = bindparam("people", type_=ARRAY(Uuid()))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_HOLDER = bindparam("holder", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told: `kind` is `falling` or `warning`, health is in percent."""

    id: UUID
    day: date
    scope_kind: str
    person_id: UUID
    superior_id: UUID | None
    stage: str
    kind: str
    state: str
    state_before: str
    health: Decimal | None
    health_before: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """How far the look of a day has come; `after` is the last person looked at."""

    after: UUID | None
    is_done: bool


SUPERIORS = prepared(
    select(_e.person_id, _e.superior_id).where(_e.from_date <= _DAY, or_(_e.until_date.is_(None), _e.until_date > _DAY))
)
PEOPLE = prepared(select(_p.id, _p.superior_id).where(_p.kind == "person", _p.active.is_(true())))
_begun = upsert(health_run).values(id=1, day=_DAY, is_done=False)
BEGIN = prepared(
    _begun.on_conflict_do_update(
        index_elements=["id"],
        set_={"day": _begun.excluded.day, "after": None, "is_done": False, "holder": None, "held_until": None},
        where=_r.day < _begun.excluded.day,
    )
)
_is_free = or_(_r.holder.is_(None), _r.holder == _HOLDER, _r.held_until < _NOW)
HOLD = prepared(
    update(health_run)
    .where(_r.id == 1, _r.day == _DAY, _is_free)
    .values(holder=_HOLDER, held_until=bindparam("until", type_=DateTime(timezone=True)))
    .returning(_r.after, _r.is_done),
    into=Run,
)
GO_ON = prepared(
    update(health_run)
    .where(_r.id == 1, _r.day == _DAY, _r.holder == _HOLDER)
    .values(after=bindparam("last", type_=Uuid()), is_done=bindparam("done", type_=Boolean()))
)
STATES = prepared(
    select(_s.scope_kind, _s.person_id, _s.funnel_version, _s.stage, _s.state, _s.condition).where(
        _s.person_id == any_(_PEOPLE)
    )
)
_kept = upsert(health_state)
KEEP = prepared(
    _kept.on_conflict_do_update(
        index_elements=["scope_kind", "person_id", "funnel_version", "stage"],
        set_={name: _kept.excluded[name] for name in ("state", "condition", "since")},
    )
)
TELL = prepared(insert(health_notice))


def _listing(*legs: Any) -> Listing[Notice]:
    return Listing(
        *(select(health_notice).where(leg) for leg in legs),
        into=Notice,
        filters={
            "person_id": _n.person_id == bindparam("person_id", type_=Uuid()),
            "stage": _n.stage == bindparam("stage", type_=Text()),
            "kind": _n.kind == bindparam("kind", type_=Text()),
        },
        keys={"at": SortKey(_n.at)},
        identifier=_n.id,
        default="-at",
    )


_ALL, _OF_PEOPLE = _listing(true()), _listing(_n.person_id == any_(_PEOPLE))
_OF_OTHERS = _listing(_n.person_id != all_(_PEOPLE))


def listing(reach: Reach) -> Listing[Notice]:
    """Return what was told of people whom the viewer sees (bind: `people`, those of the reach)."""
    return {Breadth.EVERYTHING: _ALL, Breadth.MOST: _OF_OTHERS}.get(reach.breadth, _OF_PEOPLE)


async def superiors_on(tx: Questions, day: date) -> dict[UUID, UUID]:
    """Return everybody's superior on a day."""
    return {row[0]: row[1] for row in await tx.all(SUPERIORS, day=day)}


async def people_now(tx: Questions) -> dict[UUID, UUID | None]:
    """Return who is there today, each with their superior."""
    return {row[0]: row[1] for row in await tx.all(PEOPLE)}


async def hold(tx: Writing, day: date, holder: UUID, until: datetime) -> Run | None:
    """Take the look of a day until an instant, and return how far it has come; None while another process has it."""
    await tx.execute(BEGIN, day=day)
    return await tx.first(HOLD, day=day, holder=holder, now=tx.now, until=until)


async def go_on(tx: Writing, day: date, holder: UUID, last: UUID | None, *, is_done: bool) -> None:
    """Note how far the look has come that the process holds."""
    await tx.execute(GO_ON, day=day, holder=holder, last=last, done=is_done)


async def states_of(
    tx: Questions, people: Collection[UUID]
) -> Mapping[tuple[str, UUID], Mapping[tuple[int, str], State]]:
    """Return what was found last of some people's stages: by kind of scope and person, then by version and stage."""
    found: dict[tuple[str, UUID], dict[tuple[int, str], State]] = {}
    for scope_kind, person_id, version, stage, state, condition in await tx.all(STATES, people=list(people)):
        found.setdefault((scope_kind, person_id), {})[version, stage] = State(state, Condition(condition))
    return found


async def keep(tx: Writing, found: Sequence[dict[str, object]], told: Sequence[dict[str, object]]) -> None:
    """Keep what was found, and what is told of it."""
    await tx.execute_many(KEEP, found)
    await tx.execute_many(TELL, told)
