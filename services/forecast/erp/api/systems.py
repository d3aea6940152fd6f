"""Routes of ERP systems and of what they call things of ours."""

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
from services.forecast.erp.actions import references as reference_actions
from services.forecast.erp.actions import systems as system_actions
from services.forecast.erp.actions.references import Said
from services.forecast.erp.api.learning import learned
from services.forecast.erp.rules.references import ErpReferenceTaken, ReferenceNamesNotOne
from services.forecast.erp.rules.systems import ErpSettingMissing, ErpSystemTaken, MayNotKeepErp, UnknownErpSystem
from services.forecast.erp.schemas.systems import (
    ErpReferenceAnswer,
    ErpReferenceItem,
    ErpReferencePatch,
    ErpReferenceQuery,
    ErpSystemAnswer,
    ErpSystemPatch,
    ErpSystemQuery,
    ErpSystemRequest,
)
from services.forecast.erp.store import references, systems

systems_router = Router(prefix="/v1/erp-systems", tags=["ERP systems"])
references_router = Router(prefix="/v1/erp-references", tags=["ERP systems"])


def _said(body: ErpReferenceItem) -> Said:
    return Said(body.system, body.named(), body.code)


@systems_router.get("")
async def list_erp_systems(
    query: Annotated[ErpSystemQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ErpSystemAnswer]:
    """List the ERP systems that plans are handed over to."""
    window = pages.window(query, *systems.SYSTEMS.sorting)
    return pages.page(query, await systems.list_systems(tx, viewer, window, query.filters()), ErpSystemAnswer)


@systems_router.post("", status_code=201, responses=problems(MayNotKeepErp, ErpSystemTaken, ErpSettingMissing))
async def create_erp_system(body: ErpSystemRequest, viewer: CurrentViewer, tx: CurrentWriting) -> ErpSystemAnswer:
    """Add an ERP system that plans are handed over to."""
    return ErpSystemAnswer.model_validate(await system_actions.add(tx, viewer, body.fields()))


@systems_router.get("/{system_id}")
async def get_erp_system(system_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ErpSystemAnswer:
    """Read an ERP system."""
    return ErpSystemAnswer.model_validate(await systems.get(tx, viewer, system_id))


@systems_router.patch("/{system_id}", responses=problems(MayNotKeepErp, ErpSettingMissing))
async def change_erp_system(
    system_id: UUID, body: ErpSystemPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ErpSystemAnswer:
    """Change what is said of an ERP system."""
    present = await systems.get(tx, viewer, system_id)
    fields = body.applied_to(present.fields)
    return ErpSystemAnswer.model_validate(await system_actions.change(tx, viewer, system_id, fields, version))


@references_router.get("")
async def list_erp_references(
    query: Annotated[ErpReferenceQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ErpReferenceAnswer]:
    """List what ERP systems call products, product lines, delivery places and units."""
    window = pages.window(query, *references.REFERENCES.sorting)
    found = await references.list_references(tx, viewer, window, query.filters())
    return pages.page(query, found, ErpReferenceAnswer)


@references_router.post(
    "",
    status_code=201,
    responses=problems(MayNotKeepErp, ErpReferenceTaken, ProductUnknown, ReferenceNamesNotOne, UnknownErpSystem),
)
async def create_erp_reference(
    body: ErpReferenceItem,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    opportunities: CurrentOpportunities,
) -> ErpReferenceAnswer:
    """Say what an ERP system calls a product, a product line, a delivery place or a unit."""
    said = _said(body)
    system_actions.check_may_keep(viewer)
    products = await learned(reading, opportunities, [body.product_id])
    await products.keep(tx, body.product_id)
    return ErpReferenceAnswer.model_validate(await reference_actions.add(tx, viewer, said))


@batch_operation(references_router)
async def import_erp_references(
    body: Batch[ErpReferenceItem],
    viewer: CurrentViewer,
    reading: CurrentReading,
    batches: CurrentBatches,
    opportunities: CurrentOpportunities,
) -> BatchAnswer:
    """Say up to 500 times what an ERP system calls something; what it was called before is changed."""
    system_actions.check_may_keep(viewer)
    named = [item.product_id for item in body.items if not isinstance(item, KeyaccountError)]
    products = await learned(reading, opportunities, named)

    async def step(tx: Writing, item: ErpReferenceItem) -> Done:
        await products.keep(tx, item.product_id)
        return await reference_actions.put(tx, viewer, _said(item))

    return await batches.run(body, one_by_one(step))


@export_operation(references_router, of=list_erp_references, item=ErpReferenceAnswer)
@needs_scope("forecast:read")
async def export_erp_references(
    query: Annotated[ErpReferenceQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write references into a file, as a job."""
    return await exports.begin(query, body)


@references_router.get("/{reference_id}")
async def get_erp_reference(reference_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ErpReferenceAnswer:
    """Read what an ERP system calls something."""
    return ErpReferenceAnswer.model_validate(await references.get(tx, viewer, reference_id))


@references_router.patch("/{reference_id}", responses=problems(MayNotKeepErp))
async def change_erp_reference(
    reference_id: UUID, body: ErpReferencePatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ErpReferenceAnswer:
    """Change what an ERP system calls something."""
    changed = await reference_actions.change(tx, viewer, reference_id, body.code, version)
    return ErpReferenceAnswer.model_validate(changed)


@references_router.delete("/{reference_id}", status_code=204, responses=problems(MayNotKeepErp))
async def delete_erp_reference(reference_id: UUID, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting) -> None:
    """Forget what an ERP system calls something."""
    await reference_actions.remove(tx, viewer, reference_id, version)
