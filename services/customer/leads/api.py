"""Routes: leads, and handing them over to `opportunity`."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.rules.refusals import (
    ChangeNotAllowed,
    FieldNotEmptied,
    UnknownPerson,
)
from services.customer.customers.store import history
from services.customer.leads import actions, store
from services.customer.leads.handing_over import CurrentHandingOver, RequestKey
from services.customer.leads.rules import (
    HandOverRefused,
    LeadNotAllowed,
    LeadNotOpen,
    LeadOfNobody,
    LeadState,
    LeadWithoutCustomer,
)
from services.customer.leads.schemas import (
    DropRequest,
    HandOverRequest,
    LeadAnswer,
    LeadChangeAnswer,
    LeadHistoryQuery,
    LeadInput,
    LeadPatch,
    LeadQuery,
)
from services.customer.reach import ViewersPeople
from services.customer.relationships.rules import UnknownCustomer

leads = Router(prefix="/v1/leads", tags=["Leads"])
customers = Router(prefix="/v1/customers/{customer_id}", tags=["Leads"])
routers = (leads, customers)

CREATED, ACCEPTED = 201, 202
PROMISED: dict[int | str, dict[str, Any]] = {
    ACCEPTED: {"description": "The service `opportunity` is away: it becomes one later.", "model": LeadAnswer}
}


@leads.post("", status_code=201, responses=problems(LeadNotAllowed, LeadOfNobody, UnknownCustomer, UnknownPerson))
async def create_lead(body: LeadInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today) -> LeadAnswer:
    """Enter a lead: what was heard, of a customer or of a company that is not known yet."""
    return LeadAnswer.model_validate(await actions.create(tx, viewer, body.fields(), today=today))


@leads.get("")
async def list_leads(
    query: Annotated[LeadQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[LeadAnswer]:
    """List the leads that you see: yours, those of people below you, and those of customers you look after."""
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, LeadAnswer)


@leads.get("/{lead_id}", responses=problems(NotVisible))
async def get_lead(lead_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> LeadAnswer:
    """Read a lead."""
    return LeadAnswer.model_validate(await store.get(tx, viewer, lead_id))


@leads.patch(
    "/{lead_id}",
    responses=problems(
        *(NotVisible, PreconditionMissing, Stale, FieldNotEmptied, LeadNotAllowed, LeadNotOpen),
        *(LeadOfNobody, UnknownCustomer, UnknownPerson),
    ),
)
async def change_lead(
    lead_id: UUID, body: LeadPatch, version: IfMatch, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> LeadAnswer:
    """Change an open lead by a JSON merge patch; give it to somebody below you."""
    return LeadAnswer.model_validate(await actions.change(tx, viewer, lead_id, version, body.fields(), today=today))


@leads.post("/{lead_id}/drops", responses=problems(NotVisible, LeadNotAllowed, LeadNotOpen))
async def drop_lead(
    lead_id: UUID, body: DropRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> LeadAnswer:
    """Give a lead up, with the reason."""
    return LeadAnswer.model_validate(await actions.drop(tx, viewer, lead_id, body.reason, today=today))


@leads.post(
    "/{lead_id}/conversions",
    status_code=201,
    responses=problems(NotVisible, LeadNotAllowed, LeadNotOpen, LeadWithoutCustomer, HandOverRefused) | PROMISED,
)
async def convert_lead(
    lead_id: UUID,
    *,
    body: HandOverRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    handing_over: CurrentHandingOver,
    today: Today,
    response: Response,
) -> LeadAnswer:
    """Hand a lead over: it becomes one opportunity, also when this is sent twice, or `opportunity` is away."""
    promising = partial(actions.promise, viewer=viewer, lead_id=lead_id, hand_over=body.hand_over(), today=today)
    kept = await handing_over.keep(tx, await handing_over.promise(promising))
    response.status_code = CREATED if kept.state == LeadState.CONVERTED else ACCEPTED
    return LeadAnswer.model_validate(kept)


@leads.get("/{lead_id}/history", responses=problems(NotVisible))
async def list_lead_changes(
    lead_id: UUID,
    query: Annotated[LeadHistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[LeadChangeAnswer]:
    """List every change of a lead, the first one first."""
    await store.get(tx, viewer, lead_id)
    window = pages.window(query, *history.CHANGES.sorting)
    return pages.page(query, await history.list_changes(tx, "lead", lead_id, window), LeadChangeAnswer)


@customers.post(
    "/hand-overs",
    status_code=201,
    responses=problems(NotVisible, ChangeNotAllowed, HandOverRefused, UnknownPerson) | PROMISED,
)
async def hand_over_customer(
    customer_id: UUID,
    *,
    body: HandOverRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    handing_over: CurrentHandingOver,
    key: RequestKey,
    today: Today,
    response: Response,
) -> LeadAnswer:
    """Hand a customer over to `opportunity` without a lead before it; one is made that keeps the link.

    Send an Idempotency-Key: by it the same request, sent again, finds what it made.
    """
    promising = partial(
        actions.promise_customer,
        viewer=viewer,
        customer_id=customer_id,
        hand_over=body.hand_over(),
        key=key,
        today=today,
    )
    kept = await handing_over.keep(tx, await handing_over.promise(promising))
    response.status_code = CREATED if kept.state == LeadState.CONVERTED else ACCEPTED
    return LeadAnswer.model_validate(kept)
