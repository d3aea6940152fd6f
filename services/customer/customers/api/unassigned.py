"""Routes: the queue of customers that nobody looks after."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.router import CurrentReading, Router
from servicekit.web.service import Today
from services.customer.customers.actions import changing
from services.customer.customers.schemas.unassigned import AssignmentItem, UnassignedAnswer, UnassignedQuery
from services.customer.customers.store import unassigned
from services.customer.reach import ViewersPeople

router = Router(prefix="/v1/unassigned-customers", tags=["Customers"])


@router.get("")
async def list_unassigned_customers(
    query: Annotated[UnassignedQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[UnassignedAnswer]:
    """List the customers that nobody looks after, as far as you see them, the oldest first."""
    listing = unassigned.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, UnassignedAnswer)


@batch_operation(router)
async def assign_customers(
    body: Batch[AssignmentItem], viewer: CurrentViewer, batches: CurrentBatches, today: Today
) -> BatchAnswer:
    """Say for up to 500 customers who looks after them from now on; one outcome for each, in order."""

    async def assign(tx: Writing, item: AssignmentItem) -> Done:
        manager, reason = item.account_manager_id, item.reason
        detail = await changing.assign(tx, viewer, item.customer_id, manager, reason, today=today)
        return Done("updated", detail.id)

    return await batches.run(body, one_by_one(assign))
