"""Questions about requests for resources, and writing what becomes of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, or_, select, update

from orgchart.scope import VIEWER_ID, in_scope
from orgchart.tables import person
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.tables import opportunity, resource_request, resource_request_step


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A request as it is now, with what its opportunity is called."""

    id: UUID
    version: int
    opportunity_id: UUID
    opportunity_name: str
    principal_id: UUID
    opportunity_state: str
    funnel_version: int
    what: str
    amount: Decimal | None
    currency: str | None
    quantity: Decimal | None
    unit: str | None
    needed_on: date
    why: str
    state: str
    requested_by: UUID
    requested_at: datetime
    filed_by: UUID
    line_from_id: UUID
    waits_below_id: UUID | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a request, when, by whom."""

    request_id: UUID
    at: datetime
    step: str
    actor_id: UUID
    on_behalf_of: UUID | None
    comment: str | None
    chart_version: int | None
    told: dict[str, Any] | None


_r = resource_request.c
_OF_OPPORTUNITY = {"opportunity_name", "principal_id", "opportunity_state", "funnel_version"}
_OWN = [name for name in ResourceRequest.__dataclass_fields__ if name not in _OF_OPPORTUNITY]
_CHANGED = [name for name in _OWN if name not in {"id", "opportunity_id", "requested_by", "version"}]
_STEP = list(Step.__dataclass_fields__)
_request = select(
    *(_r[name] for name in _OWN),
    opportunity.c.name.label("opportunity_name"),
    opportunity.c.principal_id,
    opportunity.c.state.label("opportunity_state"),
    opportunity.c.funnel_version,
).join_from(resource_request, opportunity, opportunity.c.id == _r.opportunity_id)
_SEEN = or_(rows.may_see(), in_scope(_r.requested_by))
"""Who sees the opportunity, and who stands above who asked: they decide, whether they see the opportunity or not."""
_BY_ID = _request.where(_r.id == bindparam("id", type_=Uuid()), _SEEN)
GET = prepared(_BY_ID, into=ResourceRequest)
LOCK = prepared(_BY_ID.with_for_update(of=[opportunity, resource_request]), into=ResourceRequest)
INSERT = prepared(
    insert(resource_request).values({name: bindparam(name, type_=_r[name].type) for name in _OWN if name != "version"})
)
CHANGE = prepared(
    update(resource_request)
    .where(_r.id == bindparam("the_id", type_=Uuid()))
    .values({name: bindparam(name, type_=_r[name].type) for name in _CHANGED} | {"version": _r.version + 1})
    .returning(_r.version)
)
APPEND = prepared(
    insert(resource_request_step).values(
        {name: bindparam(name, type_=resource_request_step.c[name].type) for name in _STEP}
    )
)
STEPS = prepared(
    select(*(resource_request_step.c[name] for name in _STEP))
    .where(resource_request_step.c.request_id == bindparam("id", type_=Uuid()))
    .order_by(resource_request_step.c.id),
    into=Step,
)
_KEYS = {"requested_at": SortKey(_r.requested_at)}
_BY_OPPORTUNITY = {"opportunity_id": _r.opportunity_id == bindparam("opportunity_id", type_=Uuid())}


def _listing(legs: Any, filters: Any) -> Listing[ResourceRequest]:
    return Listing(legs, into=ResourceRequest, filters=filters, keys=_KEYS, identifier=_r.id, default="requested_at")


OF_OPPORTUNITY = _listing(_request.where(rows.may_see()), _BY_OPPORTUNITY)
WAITING = _listing(_request.join(person, person.c.id == _r.waits_below_id).where(person.c.superior_id == VIEWER_ID), {})
MINE = _listing(_request.where(_r.requested_by == VIEWER_ID), {})


async def get(tx: Questions, viewer: Viewer, request_id: UUID) -> ResourceRequest:
    """Return a request, or raise `NotVisible`."""
    return await tx.visible(GET, "resource request", request_id, viewer=viewer, id=request_id)


async def lock(tx: Writing, viewer: Viewer, request_id: UUID) -> ResourceRequest:
    """Return a request, locked with its opportunity until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "resource request", request_id, viewer=viewer, id=request_id)


async def steps_of(tx: Questions, request_id: UUID) -> list[Step]:
    """Return what was done with a request that the viewer sees, in order."""
    return await tx.all(STEPS, id=request_id)


async def add(tx: Writing, request: ResourceRequest, step: Step) -> None:
    """Keep a new request."""
    await tx.execute(INSERT, viewer=None, **{name: getattr(request, name) for name in _OWN})
    await tx.execute(APPEND, viewer=None, **{name: getattr(step, name) for name in _STEP})


async def change(tx: Writing, request: ResourceRequest, step: Step) -> int:
    """Keep what a request is now, and what was done with it; return the new version."""
    await tx.execute(APPEND, viewer=None, **{name: getattr(step, name) for name in _STEP})
    values: dict[str, Any] = {name: getattr(request, name) for name in _CHANGED}
    return int(await tx.value(CHANGE, viewer=None, the_id=request.id, **values))
