"""Proposed changes: made, found, listed, decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.customers.store.identity import columns_of, is_of, of_survivor
from services.customer.customers.store.scope import is_visible, legs
from services.customer.customers.tables import customer
from services.customer.supplements.rules.comparing import Difference
from services.customer.supplements.tables import proposed_change

_p = proposed_change.c
_ID = bindparam("the_id", type_=Uuid())
DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A value that somebody says is right, beside the one that the base had when it was proposed."""

    id: UUID
    version: int
    customer_id: UUID
    field: str
    present: Any
    proposed: Any
    source: str
    source_id: str | None
    state: str
    proposed_by: UUID | None
    proposed_at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime | None
    reason: str | None


COLUMNS = columns_of(proposed_change, ProposedChange.__dataclass_fields__)
_WRITTEN = tuple(_p[name] for name in ProposedChange.__dataclass_fields__)


def _rows() -> Select[Any]:
    return of_survivor(select(*COLUMNS).select_from(proposed_change), _p.customer_id)


GET = prepared(_rows().where(_p.id == _ID, is_visible()), into=ProposedChange)
LOCK = prepared(select(*COLUMNS).where(_p.id == _ID).with_for_update(of=proposed_change), into=ProposedChange)
INSERT_IF_NEW = prepared(insert(proposed_change).on_conflict_do_nothing().returning(*_WRITTEN), into=ProposedChange)
IS_PROPOSED = prepared(
    select(_p.id)
    .where(
        is_of(_p.customer_id, bindparam("customer_id", type_=Uuid())),
        _p.state == literal_column("'open'", Text()),
        *(_p.field == bindparam("field", type_=Text()), _p.digest == bindparam("digest", type_=Text())),
    )
    .limit(1)
)
DECIDE = prepared(
    update(proposed_change)
    .where(_p.id == _ID)
    .values(
        {
            name: bindparam(f"the_{name}", type_=_p[name].type)
            for name in ("state", "decided_by", "on_behalf_of", "decided_at", "reason")
        }
        | {"version": _p.version + 1}
    )
)

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "state": _p.state == bindparam("state", type_=Text()),
    "customer_id": is_of(_p.customer_id, bindparam("customer_id", type_=Uuid())),
    "field": _p.field == bindparam("field", type_=Text()),
    "account_manager_id": customer.c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
}


def _listing(*conditions: ColumnElement[bool]) -> Listing[ProposedChange]:
    return Listing(
        *[_rows().where(condition) for condition in conditions],
        into=ProposedChange,
        filters=FILTERS,
        keys={"proposed_at": SortKey(_p.proposed_at)},
        identifier=_p.id,
        default="-proposed_at",
    )


_ALL, _SEEN = _listing(true()), _listing(*legs())


def listing(viewer: Viewer) -> Listing[ProposedChange]:
    """Return the list of all proposed changes, or of those of customers that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, change_id: UUID) -> ProposedChange:
    """Return a proposed change, or raise `NotVisible`."""
    return await tx.visible(GET, "proposed change", change_id, viewer=viewer, the_id=change_id)


async def lock(tx: Writing, change_id: UUID) -> ProposedChange:
    """Return a proposed change whose customer is locked, locked until commit."""
    return await tx.one(LOCK, the_id=change_id)


@dataclass(frozen=True, slots=True)
class From:
    """From what something was learned: a kind, and the id of the visit, the opportunity or the intake."""

    kind: str
    id: str | None = None


async def append(tx: Writing, customer_id: UUID, difference: Difference, source: From) -> ProposedChange | None:
    """Propose a value, unless the very same is proposed already, for whichever of its ids; then return nothing."""
    digest = blake2b(orjson.dumps(difference.proposed), digest_size=DIGEST_BYTES).hexdigest()
    if await tx.value(IS_PROPOSED, customer_id=customer_id, field=difference.field, digest=digest) is not None:
        return None
    return await tx.first(
        INSERT_IF_NEW,
        id=new_id(),
        version=1,
        customer_id=customer_id,
        field=difference.field,
        present=difference.present,
        proposed=difference.proposed,
        digest=digest,
        source=source.kind,
        source_id=source.id,
        state="open",
        proposed_by=tx.actor.on_behalf_of or tx.actor_id,
        proposed_at=tx.now,
        decided_by=None,
        on_behalf_of=None,
        decided_at=None,
        reason=None,
    )


async def decide(tx: Writing, change_id: UUID, state: str, reason: str | None) -> None:
    """Write what was decided on a locked proposal."""
    await tx.execute(
        DECIDE,
        the_id=change_id,
        the_state=state,
        the_decided_by=tx.actor_id,
        the_on_behalf_of=tx.actor.on_behalf_of,
        the_decided_at=tx.now,
        the_reason=reason,
    )
