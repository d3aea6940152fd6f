"""Routes: who looks after a customer, its tier, and the history of everything."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.actions import changing
from services.customer.customers.rules import refusals
from services.customer.customers.schemas.customers import CustomerAnswer
from services.customer.customers.schemas.decisions import (
    AssignmentAnswer,
    AssignmentRequest,
    ChangeAnswer,
    ChangesQuery,
    HistoryQuery,
    TierChangeAnswer,
    TierChangeRequest,
)
from services.customer.customers.store import history, records

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])


@router.post(
    "/assignments",
    status_code=201,
    responses=problems(
        NotVisible, refusals.AssignmentNotAllowed, refusals.OwnMatter, refusals.AlreadySo, refusals.UnknownPerson
    ),
)
async def assign_customer(
    customer_id: UUID, body: AssignmentRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Say who looks after the customer from now on."""
    return CustomerAnswer.model_validate(
        await changing.assign(tx, viewer, customer_id, body.account_manager_id, body.reason, today=today)
    )


@router.get("/assignments", responses=problems(NotVisible))
async def list_customer_assignments(
    customer_id: UUID,
    query: Annotated[HistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[AssignmentAnswer]:
    """List who looked after the customer, the first one first."""
    await records.check_visible(tx, viewer, customer_id)
    window = pages.window(query, *history.ASSIGNMENTS.sorting)
    found = await history.ASSIGNMENTS.page(tx, window, {"customer_id": customer_id})
    return pages.page(query, found, AssignmentAnswer)


@router.post(
    "/tier-changes",
    status_code=201,
    responses=problems(NotVisible, refusals.ClassificationNotAllowed, refusals.OwnMatter, refusals.AlreadySo),
)
async def change_customer_tier(
    customer_id: UUID, body: TierChangeRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Say the customer's tier from now on."""
    return CustomerAnswer.model_validate(
        await changing.classify(tx, viewer, customer_id, body.tier, body.reason, today=today)
    )


@router.get("/tier-changes", responses=problems(NotVisible))
async def list_customer_tier_changes(
    customer_id: UUID,
    query: Annotated[HistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[TierChangeAnswer]:
    """List the customer's tiers, the first one first."""
    await records.check_visible(tx, viewer, customer_id)
    window = pages.window(query, *history.TIER_CHANGES.sorting)
    found = await history.TIER_CHANGES.page(tx, window, {"customer_id": customer_id})
    return pages.page(query, found, TierChangeAnswer)


@router.get("/history", responses=problems(NotVisible))
async def list_customer_changes(
    customer_id: UUID,
    query: Annotated[ChangesQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ChangeAnswer]:
    """List every change of the customer, its names, identifiers and addresses, or of one field, the first one first."""
    await records.check_visible(tx, viewer, customer_id)
    window = pages.window(query, *history.CHANGES.sorting)
    return pages.page(
        query, await history.list_changes(tx, "customer", customer_id, window, field=query.field), ChangeAnswer
    )
