"""Routes of the catalogue: everybody reads it, sales operations keep it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.opportunity.products import actions, importing, rules, store
from services.opportunity.products.actions import LineFields, ProductFields, Reference
from services.opportunity.products.schemas import (
    ProductAnswer,
    ProductInput,
    ProductItem,
    ProductLineAnswer,
    ProductLineInput,
    ProductLineItem,
    ProductLinePatch,
    ProductLineQuery,
    ProductLineRequest,
    ProductPatch,
    ProductQuery,
    ProductRequest,
)

lines_router = Router(prefix="/v1/product-lines", tags=["Catalogue"])
products_router = Router(prefix="/v1/products", tags=["Catalogue"])


def _line_fields(body: ProductLineInput) -> LineFields:
    return LineFields(body.name, body.parent_id)


def _product_fields(body: ProductInput) -> ProductFields:
    price, currency = actions.price_of(body.list_price.as_money() if body.list_price else None)
    return ProductFields(body.code, body.name, body.product_line_id, body.unit, body.unit_is_whole, price, currency)


def _reference(body: ProductLineRequest | ProductRequest) -> Reference | None:
    given = body.external_reference
    return Reference(given.system, given.id) if given else None


@lines_router.get("")
async def list_product_lines(
    query: Annotated[ProductLineQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ProductLineAnswer]:
    """List product lines."""
    window = pages.window(query, *store.LINES.sorting)
    return pages.page(query, await store.LINES.page(tx, window, query.filters()), ProductLineAnswer)


@lines_router.post("", status_code=201, responses=problems(rules.ProductLineNameTaken, rules.UnknownProductLine))
async def create_product_line(body: ProductLineRequest, viewer: CurrentViewer, tx: CurrentWriting) -> ProductLineAnswer:
    """Add a product line."""
    made = await actions.add_line(tx, viewer, _line_fields(body), _reference(body))
    return ProductLineAnswer.model_validate(made)


@batch_operation(lines_router)
async def import_product_lines(
    body: Batch[ProductLineItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Add or change up to 500 product lines by their references."""
    actions.check_may_keep_catalogue(viewer)

    async def step(tx: Writing, item: ProductLineItem) -> Done:
        given = item.external_reference
        return await importing.upsert_line(tx, viewer, Reference(given.system, given.id), _line_fields(item))

    return await batches.run(body, one_by_one(step))


@lines_router.get("/{line_id}")
async def get_product_line(line_id: UUID, _: CurrentViewer, tx: CurrentReading) -> ProductLineAnswer:
    """Read a product line."""
    return ProductLineAnswer.model_validate(await store.get_line(tx, line_id))


@lines_router.patch("/{line_id}", responses=problems(rules.ProductLineCycle))
async def change_product_line(
    line_id: UUID, body: ProductLinePatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ProductLineAnswer:
    """Rename a product line, or move it in the tree."""
    present = await store.get_line(tx, line_id)
    parent_id = body.parent_id if "parent_id" in body.model_fields_set else present.parent_id
    fields = LineFields(body.name or present.name, parent_id)
    return ProductLineAnswer.model_validate(await actions.change_line(tx, viewer, line_id, fields, version))


@products_router.get("")
async def list_products(
    query: Annotated[ProductQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ProductAnswer]:
    """List products."""
    window = pages.window(query, *store.PRODUCTS.sorting)
    return pages.page(query, await store.PRODUCTS.page(tx, window, query.filters()), ProductAnswer)


@products_router.post("", status_code=201, responses=problems(rules.ProductCodeTaken, rules.UnknownProductLine))
async def create_product(body: ProductRequest, viewer: CurrentViewer, tx: CurrentWriting) -> ProductAnswer:
    """Add a product."""
    made = await actions.add_product(tx, viewer, _product_fields(body), _reference(body))
    return ProductAnswer.model_validate(made)


@batch_operation(products_router)
async def import_products(body: Batch[ProductItem], viewer: CurrentViewer, batches: CurrentBatches) -> BatchAnswer:
    """Add or change up to 500 products by their references."""
    actions.check_may_keep_catalogue(viewer)

    async def step(tx: Writing, item: ProductItem) -> Done:
        given = item.external_reference
        return await importing.upsert_product(tx, viewer, Reference(given.system, given.id), _product_fields(item))

    return await batches.run(body, one_by_one(step))


@export_operation(products_router, of=list_products, item=ProductAnswer)
@needs_scope("opportunity:read")
async def export_products(
    query: Annotated[ProductQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write products into a file, as a job."""
    return await exports.begin(query, body)


@products_router.get("/{product_id}")
async def get_product(product_id: UUID, _: CurrentViewer, tx: CurrentReading) -> ProductAnswer:
    """Read a product."""
    return ProductAnswer.model_validate(await store.get_product(tx, product_id))


@products_router.patch("/{product_id}", responses=problems(rules.ProductCodeTaken, rules.UnknownProductLine))
async def change_product(
    product_id: UUID, body: ProductPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ProductAnswer:
    """Change what is said of a product."""
    present = actions.fields_of(await store.get_product(tx, product_id))
    price, currency = present.list_price, present.list_price_currency
    if "list_price" in body.model_fields_set:
        price, currency = actions.price_of(body.list_price.as_money() if body.list_price else None)
    fields = ProductFields(
        body.code or present.code,
        body.name or present.name,
        body.product_line_id or present.product_line_id,
        body.unit or present.unit,
        present.unit_is_whole if body.unit_is_whole is None else body.unit_is_whole,
        price,
        currency,
    )
    return ProductAnswer.model_validate(await actions.change_product(tx, viewer, product_id, fields, version))
