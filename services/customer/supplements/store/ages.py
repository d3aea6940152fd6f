"""How old what is known of customers is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, Text, Uuid, bindparam, cast, insert, select, true, update
from sqlalchemy.dialects.postgresql import JSONB

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import customer
from services.customer.supplements.store.proposals import From
from services.customer.supplements.tables import customer_age, field_confirmation

_a, _c = customer_age.c, customer.c
_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_ID = bindparam("the_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Aged:
    """A customer of which something was last written or confirmed long ago."""

    id: UUID
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    confirmed: dict[str, str]
    oldest_at: datetime


INSERT_CONFIRMATION = prepared(insert(field_confirmation))
CONFIRMED = prepared(select(_a.confirmed).where(_a.customer_id == _ID).with_for_update())
SET_AGE = prepared(
    update(customer_age)
    .where(_a.customer_id == _ID)
    .values(confirmed=bindparam("confirmed", type_=JSONB()), oldest_at=bindparam("oldest", type_=_a.oldest_at.type))
)
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "before": _a.oldest_at < _BEFORE,
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "field": cast(_a.confirmed[bindparam("field", type_=Text())].astext, DateTime(timezone=True)) < _BEFORE,
}


def _rows() -> Select[Any]:
    columns = (_c.id, _c.legal_name, _c.tier, _c.account_manager_id, _a.confirmed, _a.oldest_at)
    return (
        select(*columns)
        .select_from(customer_age.join(customer, _c.id == _a.customer_id))
        .where(_c.merged_into_id.is_(None))
    )


def _listing(*conditions: ColumnElement[bool]) -> Listing[Aged]:
    return Listing(
        *[_rows().where(condition) for condition in conditions],
        into=Aged,
        filters=FILTERS,
        keys={"oldest_at": SortKey(_a.oldest_at)},
        identifier=_a.customer_id,
        default="oldest_at",
    )


_ALL, _SEEN = _listing(true()), _listing(*legs())


def listing(viewer: Viewer) -> Listing[Aged]:
    """Return the list over all customers, or over those that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def confirmed_of(tx: Questions, customer_id: UUID) -> dict[str, str]:
    """Return when each field of a locked customer was last written or confirmed."""
    found: dict[str, str] = await tx.value(CONFIRMED, the_id=customer_id)
    return found


async def confirm(tx: Writing, customer_id: UUID, fields: Sequence[str], source: From) -> None:
    """Keep that fields of a locked customer still hold."""
    await tx.execute(
        INSERT_CONFIRMATION,
        id=new_id(),
        customer_id=customer_id,
        fields=list(fields),
        source=source.kind,
        source_id=source.id,
        at=tx.now,
        confirmed_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    known = await confirmed_of(tx, customer_id)
    told = known | {name: tx.now.isoformat() for name in fields if name in known}
    oldest = min(datetime.fromisoformat(at) for at in told.values())
    await tx.execute(SET_AGE, the_id=customer_id, confirmed=told, oldest=oldest)
