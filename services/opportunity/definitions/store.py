"""Versions of the funnel as the database has them, and the draft of the next.

A published version never changes, so a process keeps in memory what it has read, for each database. Which version is
the current one is asked for: it is that from the instant of its publication, in every process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Integer, bindparam, func, insert, select, update

from servicekit.data.database import Database
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.opportunity.definitions.rules import Definition, Definitions, Duty, DutyKind, Method, Stage
from services.opportunity.definitions.rules.drafting import Drafted
from services.opportunity.definitions.tables import funnel_definition, funnel_draft, funnel_stage

_d, _s = funnel_definition.c, funnel_stage.c


@dataclass(frozen=True, slots=True)
class Published:
    """A version with who published it when."""

    version: int
    id: UUID
    name: str
    note: str | None
    stages: list[dict[str, Any]]
    mapping: dict[str, str]
    published_at: datetime
    published_by: UUID | None
    on_behalf_of: UUID | None

    @property
    def definition(self) -> Definition:
        """The version as rules take it."""
        return Definition(self.version, stages_of(self.stages), self.mapping)


@dataclass(frozen=True, slots=True)
class Draft:
    """The next version while it is drafted; `version` counts its changes."""

    id: UUID
    version: int
    name: str
    note: str | None
    stages: list[dict[str, Any]]
    mapping: dict[str, str]
    created_at: datetime
    changed_at: datetime

    @property
    def drafted(self) -> Drafted:
        """The draft as rules take it."""
        return Drafted(self.name, self.note, stages_of(self.stages), self.mapping)


CURRENT_SQL = "SELECT max(version) FROM funnel_definition"
"""Which version is the current one, as a part of a query."""
CURRENT = prepared(select(func.max(_d.version)))
NEWER = prepared(select(funnel_definition).where(_d.version > bindparam("known")).order_by(_d.version), into=Published)
DEFINITIONS = Listing(
    select(funnel_definition),
    into=Published,
    filters={},
    keys={"version": SortKey(_d.version)},
    identifier=_d.id,
    default="-version",
)
GET = prepared(select(funnel_definition).where(_d.version == bindparam("version", type_=Integer())), into=Published)
PUBLISH = prepared(
    insert(funnel_definition).values({column.name: bindparam(column.name, type_=column.type) for column in _d})
)
_w = funnel_draft.c
_draft = select(*(_w[name] for name in Draft.__dataclass_fields__)).where(_w.stages.is_not(None))
DRAFT = prepared(_draft, into=Draft)
LOCK_DRAFT = prepared(_draft.with_for_update(), into=Draft)
_CONTENT = ("name", "note", "stages", "mapping", "created_at", "changed_at")
_write = update(funnel_draft).values(
    {name: bindparam(name, type_=_w[name].type) for name in _CONTENT} | {"version": _w.version + 1}
)
BEGIN_DRAFT = prepared(_write.where(_w.stages.is_(None)))
WRITE_DRAFT = prepared(_write)

_known: WeakKeyDictionary[Database, Definitions] = WeakKeyDictionary()


async def get(tx: Questions, version: int) -> Published:
    """Return a version, or raise `NotVisible`."""
    return await tx.visible(GET, "funnel definition", version, version=version)


async def current_version(tx: Questions) -> int:
    """Return the number of the current version: the one published last."""
    return int(await tx.value(CURRENT))


async def up_to_date(tx: Questions) -> Definitions:
    """Return all versions, the current one being the latest of them at this instant."""
    return await up_to(tx, await current_version(tx))


async def up_to(tx: Questions, version: int) -> Definitions:
    """Return versions, at least up to one of which is known that it is published."""
    known = _known.get(tx.database, Definitions({}))
    if version in known:
        return known
    read = await tx.all(NEWER, known=max(known.by_version, default=0))
    found = Definitions({**known.by_version, **{one.version: one.definition for one in read}})
    _known[tx.database] = found
    return found


async def definition_of(tx: Questions, version: int) -> Definition:
    """Return a published version, such as the one that an opportunity runs on."""
    return (await up_to(tx, version))[version]


def probability_in_stage(version: ColumnElement[int], stage: ColumnElement[str]) -> Any:
    """Return how likely a win is in a stage of a version, as a part of a query."""
    found = select(_s.probability).where(_s.funnel_version == version, _s.key == stage)
    return found.scalar_subquery().label("stage_probability")


async def publish(tx: Writing, draft: Draft, version: int) -> None:
    """Make the draft the current version, which nobody changes any more."""
    await tx.execute(
        PUBLISH,
        version=version,
        id=new_id(),
        name=draft.name,
        note=draft.note,
        stages=draft.stages,
        mapping=draft.mapping,
        published_at=tx.now,
        published_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    await empty_draft(tx)


async def get_draft(tx: Questions) -> Draft:
    """Return the draft, or raise `NotVisible`."""
    return await tx.visible(DRAFT, "funnel definition", "draft")


async def lock_draft(tx: Writing) -> Draft:
    """Return the draft, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK_DRAFT, "funnel definition", "draft")


async def begin_draft(tx: Writing, drafted: Drafted) -> bool:
    """Keep the first draft of the next version; return false where there is one already."""
    return await tx.execute(BEGIN_DRAFT, viewer=None, created_at=tx.now, **_values(tx, drafted)) == 1


async def replace_draft(tx: Writing, drafted: Drafted, created_at: datetime) -> None:
    """Keep another draft in the place of the one that is locked."""
    await tx.execute(WRITE_DRAFT, viewer=None, created_at=created_at, **_values(tx, drafted))


async def empty_draft(tx: Writing) -> None:
    """Leave nothing drafted."""
    await tx.execute(WRITE_DRAFT, viewer=None, **dict.fromkeys(_CONTENT))


def _values(tx: Writing, drafted: Drafted) -> dict[str, object]:
    return {
        "name": drafted.name,
        "note": drafted.note,
        "stages": [kept_stage(stage) for stage in drafted.stages],
        "mapping": dict(drafted.mapping),
        "changed_at": tx.now,
    }


def kept_stage(stage: Stage) -> dict[str, Any]:
    """Return a stage as it is kept; its place is that in the list."""
    return {
        "key": stage.key,
        "name": stage.name,
        "task": stage.task,
        "probability": f"{stage.probability:f}",
        "checklist": [{name: getattr(duty, name) for name in Duty.__dataclass_fields__} for duty in stage.checklist],
        "methods": [{name: getattr(method, name) for name in Method.__dataclass_fields__} for method in stage.methods],
    }


def stages_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """Return stages from what is kept of them, in order."""
    return tuple(
        Stage(
            one["key"],
            order,
            one["name"],
            one["task"],
            Decimal(one["probability"]),
            tuple(
                Duty(duty["key"], duty["title"], duty["is_exit_criterion"], DutyKind(duty["kind"]))
                for duty in one["checklist"]
            ),
            tuple(Method(**method) for method in one["methods"]),
        )
        for order, one in enumerate(kept, start=1)
    )
