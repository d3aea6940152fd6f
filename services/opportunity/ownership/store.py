"""Questions about principal owners, past and present."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.store.changes import change, changing
from services.opportunity.opportunities.tables import opportunity, principal_history


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal owner from an instant until another; None: until further notice."""

    id: UUID
    opportunity_id: UUID
    principal_id: UUID
    from_at: datetime
    until_at: datetime | None
    recorded_at: datetime
    authority: str
    reason: str | None
    decided_by: UUID | None
    on_behalf_of: UUID | None
    chart_version: int | None


_NAMES = [name for name in Principal.__dataclass_fields__ if name != "until_at"]
CLOSE = prepared(
    update(principal_history)
    .where(
        principal_history.c.opportunity_id == bindparam("opportunity_id"),
        principal_history.c.until_at.is_(None),
    )
    .values(until_at=bindparam("at"))
)
EXISTS = prepared(select(opportunity.c.id).where(opportunity.c.id == bindparam("id")))
_PRINCIPAL: dict[str, Any] = {"principal_id": bindparam("principal_id"), "principal_since": bindparam("from_at")}
APPEND = changing(_PRINCIPAL, principal_history, _NAMES, at="from_at")
HISTORY = Listing(
    select(principal_history)
    .join(opportunity, opportunity.c.id == principal_history.c.opportunity_id)
    .where(rows.may_see()),
    into=Principal,
    filters={"opportunity_id": principal_history.c.opportunity_id == bindparam("opportunity_id")},
    keys={"from_at": SortKey(principal_history.c.from_at)},
    identifier=principal_history.c.id,
    default="from_at",
)


async def append_principal(tx: Writing, principal: Principal) -> int:
    """End the present principal's time and begin another's at the same instant; return the new version."""
    await tx.execute(CLOSE, opportunity_id=principal.opportunity_id, at=principal.from_at)
    return await change(tx, APPEND, {name: getattr(principal, name) for name in _NAMES}, at="from_at")


async def exists(tx: Questions, opportunity_id: UUID) -> bool:
    """Whether there is such an opportunity, whoever may see it: for what is remembered, never for an answer."""
    return await tx.value(EXISTS, id=opportunity_id) is not None
