"""Routes of confirmed orders."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.forecast.clients.opportunity import CurrentOpportunities
from services.forecast.confirmation.rules.confirming import ProductUnknown
from services.forecast.confirmation.rules.lines import QuantityWrong
from services.forecast.erp.actions import orders as actions
from services.forecast.erp.actions.systems import check_may_keep
from services.forecast.erp.api.learning import learned
from services.forecast.erp.rules.orders import (
    ErpCodeUnknown,
    NegativeOrderAmount,
    OrderTaken,
    OrderUnclear,
    UnitDiffers,
)
from services.forecast.erp.rules.systems import MayNotKeepErp
from services.forecast.erp.schemas.orders import (
    ConfirmedOrderAnswer,
    ConfirmedOrderPatch,
    ConfirmedOrderQuery,
    ConfirmedOrderRequest,
)
from services.forecast.erp.store import orders

router = Router(prefix="/v1/confirmed-orders", tags=["Confirmed orders"], scopes="confirmed_orders")


@router.get("")
async def list_confirmed_orders(
    query: Annotated[ConfirmedOrderQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ConfirmedOrderAnswer]:
    """List order lines that ERP systems have confirmed, the first due first."""
    window = pages.window(query, *orders.ORDERS.sorting)
    return pages.page(query, await orders.list_orders(tx, viewer, window, query.filters()), ConfirmedOrderAnswer)


@router.post(
    "",
    status_code=201,
    responses=problems(
        MayNotKeepErp,
        OrderTaken,
        OrderUnclear,
        ErpCodeUnknown,
        ProductUnknown,
        UnitDiffers,
        QuantityWrong,
        NegativeOrderAmount,
    ),
)
async def create_confirmed_order(
    body: ConfirmedOrderRequest,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    opportunities: CurrentOpportunities,
) -> ConfirmedOrderAnswer:
    """Say that a line of an order is confirmed."""
    check_may_keep(viewer)
    products = await learned(reading, opportunities, [body.product_id])
    await products.keep(tx, body.product_id)
    return ConfirmedOrderAnswer.model_validate(await actions.add(tx, viewer, body.said()))


@batch_operation(router)
async def import_confirmed_orders(
    body: Batch[ConfirmedOrderRequest],
    viewer: CurrentViewer,
    reading: CurrentReading,
    batches: CurrentBatches,
    opportunities: CurrentOpportunities,
) -> BatchAnswer:
    """Say up to 500 order lines, each as a whole by its reference: new, changed, cancelled, or as it was."""
    check_may_keep(viewer)
    named = [item.product_id for item in body.items if not isinstance(item, KeyaccountError)]
    products = await learned(reading, opportunities, named)

    async def step(tx: Writing, item: ConfirmedOrderRequest) -> Done:
        await products.keep(tx, item.product_id)
        return await actions.put(tx, viewer, item.said())

    return await batches.run(body, one_by_one(step))


@export_operation(router, of=list_confirmed_orders, item=ConfirmedOrderAnswer)
@needs_scope("confirmed_orders:read")
async def export_confirmed_orders(
    query: Annotated[ConfirmedOrderQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write order lines into a file, as a job."""
    return await exports.begin(query, body)


@router.get("/{order_id}")
async def get_confirmed_order(order_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ConfirmedOrderAnswer:
    """Read an order line."""
    return ConfirmedOrderAnswer.model_validate(await orders.get(tx, viewer, order_id))


@router.patch("/{order_id}", responses=problems(MayNotKeepErp))
async def change_confirmed_order(
    order_id: UUID, body: ConfirmedOrderPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ConfirmedOrderAnswer:
    """Say that an order line was delivered or cancelled, or stands again."""
    return ConfirmedOrderAnswer.model_validate(await actions.set_state(tx, viewer, order_id, body.state, version))
