"""Questions about baselines set by hand."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, any_, bindparam, insert, select

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.baselines.rules import Baseline, Basis
from services.opportunity.baselines.tables import baseline
from services.opportunity.customers.store import group_of
from services.opportunity.scopes.rules import Scope, ScopeKind

_c = baseline.c
COLUMNS = tuple(field.name for field in fields(Baseline))
_said = select(*(_c[name] for name in COLUMNS))
_SCOPE_IDS = bindparam("scope_ids", type_=ARRAY(Uuid()))
_of_scope = (_c.scope_kind == bindparam("scope_kind", type_=Text()), _c.scope_id == any_(_SCOPE_IDS))
_stage = (_c.stage == bindparam("stage", type_=Text()), _c.basis == bindparam("basis", type_=Text()))
_version = _c.funnel_version == bindparam("funnel_version", type_=Integer())
_UNTIL = bindparam("until", type_=Date())
OF_SCOPE = prepared(
    _said.where(*_of_scope, _c.basis == bindparam("basis", type_=Text()), _c.from_date <= _UNTIL), into=Baseline
)
OF_PEOPLE = prepared(
    _said.where(
        _c.scope_kind == any_(bindparam("scope_kinds", type_=ARRAY(Text()))),
        _c.basis == bindparam("basis", type_=Text()),
        _c.from_date <= _UNTIL,
    ),
    into=Baseline,
)
LAST = prepared(
    _said.where(
        _c.scope_kind == bindparam("scope_kind", type_=Text()),
        _c.scope_id == bindparam("scope_id", type_=Uuid()),
        *_stage,
        _version,
    )
    .order_by(_c.number.desc())
    .limit(1),
    into=Baseline,
)
GET = prepared(_said.where(_c.id == bindparam("baseline_id", type_=Uuid())), into=Baseline)
ADD = prepared(insert(baseline))
BASELINES = Listing(
    _said.where(*_of_scope),
    into=Baseline,
    filters={
        "stage": _c.stage == bindparam("stage", type_=Text()),
        "basis": _c.basis == bindparam("basis", type_=Text()),
    },
    keys={"from_date": SortKey(_c.from_date), "decided_at": SortKey(_c.decided_at)},
    identifier=_c.id,
    default="-decided_at",
)


async def ids_of(tx: Questions, scope: Scope) -> list[UUID]:
    """Return the ids by which baselines of a scope are kept; none where the asker sees a part of it only."""
    if scope.is_part:
        return []
    if scope.kind is ScopeKind.CUSTOMER and scope.customer_id:
        return await group_of(tx, scope.customer_id)
    return [scope.subject_id]


async def of_scope(tx: Questions, scope: Scope, basis: Basis, until: date) -> list[Baseline]:
    """Return what was said of a scope from any day until one; what counts on a day is a rule's to say."""
    scope_ids = await ids_of(tx, scope)
    if not scope_ids:
        return []
    return await tx.all(OF_SCOPE, scope_kind=scope.kind.value, scope_ids=scope_ids, basis=basis.value, until=until)


async def of_people(tx: Questions, kinds: Collection[ScopeKind], basis: Basis, until: date) -> list[Baseline]:
    """Return what was said of anybody, alone or with everybody below."""
    return await tx.all(OF_PEOPLE, scope_kinds=[kind.value for kind in kinds], basis=basis.value, until=until)


async def last(
    tx: Questions, scope_kind: str, scope_id: UUID, *, stage: str, basis: str, funnel_version: int
) -> Baseline | None:
    """Return what was said last of a stage of a scope, in force or not."""
    return await tx.first(
        LAST, scope_kind=scope_kind, scope_id=scope_id, stage=stage, basis=basis, funnel_version=funnel_version
    )


async def get(tx: Questions, baseline_id: UUID) -> Baseline:
    """Return what was said; whether the asker may see it is the caller's to ask."""
    return await tx.visible(GET, "baseline", baseline_id, baseline_id=baseline_id)


async def add(tx: Writing, said: Baseline) -> None:
    """Keep what is said now."""
    values: dict[str, Any] = {name: getattr(said, name) for name in COLUMNS}
    await tx.execute(ADD, **values)
