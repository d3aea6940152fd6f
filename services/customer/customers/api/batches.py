"""Routes: upserts by another system's id, one or many."""

from collections.abc import Sequence

from fastapi import Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.problems import problems
from servicekit.web.references import PathReference
from servicekit.web.router import CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.clients.team import CurrentAssignmentRules
from services.customer.customers.actions import assigning, importing
from services.customer.customers.api.customers import ENTERING
from services.customer.customers.rules import refusals
from services.customer.customers.rules.hierarchy import HierarchyCycle
from services.customer.customers.schemas.customers import CustomerAnswer, CustomerByReference, CustomerItem

router = Router(prefix="/v1/customers", tags=["Customers"])

OK, CREATED = 200, 201


@router.put(
    "/by-reference/{system}/{external_id}",
    responses=problems(*ENTERING, NotVisible, refusals.ChangeNotAllowed, HierarchyCycle)
    | {CREATED: {"description": "It was made.", "model": CustomerAnswer}},
)
async def put_customer_by_reference(
    reference: PathReference,
    body: CustomerByReference,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    rules: CurrentAssignmentRules,
    today: Today,
    response: Response,
) -> CustomerAnswer:
    """Make or change the customer that another system knows by this id; what it does not mention stays."""
    item = body.imported(reference).ruled(await assigning.ruling_of_many(rules.ask, viewer))
    outcome, detail = await importing.put(tx, viewer, item, today=today)
    response.status_code = CREATED if outcome == "created" else OK
    return CustomerAnswer.model_validate(detail)


@batch_operation(router)
async def upsert_customers(
    body: Batch[CustomerItem],
    viewer: CurrentViewer,
    batches: CurrentBatches,
    rules: CurrentAssignmentRules,
    today: Today,
) -> BatchAnswer:
    """Make or change up to 500 customers by their external references; one outcome for each, in order."""
    ruling = await assigning.ruling_of_many(rules.ask, viewer)

    async def apply(tx: Writing, items: Sequence[CustomerItem]) -> ChunkResult:
        given = [item.imported(item.external_reference).ruled(ruling) for item in items]
        return await importing.upsert_chunk(tx, viewer, given, today=today)

    return await batches.run(body, apply)
