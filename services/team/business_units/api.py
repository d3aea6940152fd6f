"""Routes of business units: everybody who is signed in may see them, administrators write them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.values.errors import PreconditionMissing, Stale
from servicekit.web.batches import Batch, BatchAnswer, BatchRefused, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.references import PathReference
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.schemas import ExternalReference
from services.team.business_units import actions, store
from services.team.business_units.actions import GivenUnit
from services.team.business_units.rules import UnitInItself, UnitReferenceTaken, UnknownHead, UnknownUnit
from services.team.business_units.schemas import (
    BusinessUnitAnswer,
    BusinessUnitFields,
    BusinessUnitInput,
    BusinessUnitItem,
    BusinessUnitPatch,
    BusinessUnitsQuery,
)
from services.team.org_chart.rules import AdministrationNotAllowed

router = Router(prefix="/v1/business-units", tags=["Business units"])

REFUSALS = (AdministrationNotAllowed, UnknownUnit, UnknownHead, UnitInItself)


@router.post("", status_code=201, responses=problems(*REFUSALS, UnitReferenceTaken), summary="Add a business unit")
async def create_business_unit(
    body: BusinessUnitInput, viewer: CurrentViewer, tx: CurrentWriting
) -> BusinessUnitAnswer:
    """Add a business unit; needs the role `admin`."""
    added = await actions.add_unit(tx, viewer, _given(body, body.external_reference))
    return BusinessUnitAnswer.model_validate(added)


@router.get("", summary="List business units")
async def list_business_units(
    query: Annotated[BusinessUnitsQuery, Query()], pages: CurrentPages, tx: CurrentReading
) -> Page[BusinessUnitAnswer]:
    """List business units, by name unless `sort` says otherwise (`name`, `created_at`)."""
    window = pages.window(query, *store.LISTING.sorting)
    return pages.page(query, await store.list_units(tx, window, query.filters()), BusinessUnitAnswer)


@batch_operation(router, responses=problems(*REFUSALS, BatchRefused), summary="Add or update many business units")
async def create_business_unit_batch(
    body: Batch[BusinessUnitItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Add or update up to 500 units by their external reference; needs the role `admin`."""

    async def put(tx: Writing, items: Sequence[BusinessUnitItem]) -> ChunkResult:
        return await actions.put_units(tx, viewer, [_given(item, item.external_reference) for item in items])

    return await batches.run(body, put)


@router.get("/{unit_id}", summary="Read a business unit")
async def get_business_unit(unit_id: UUID, tx: CurrentReading) -> BusinessUnitAnswer:
    """Read a business unit."""
    return BusinessUnitAnswer.model_validate(await store.get(tx, unit_id))


@router.patch("/{unit_id}", responses=problems(*REFUSALS, Stale, PreconditionMissing), summary="Change a business unit")
async def change_business_unit(
    unit_id: UUID, body: BusinessUnitPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> BusinessUnitAnswer:
    """Change a unit's name or head, or what it is part of; needs the role `admin`."""
    changed = await actions.change_unit(tx, viewer, unit_id, version, body.model_dump(exclude_unset=True))
    return BusinessUnitAnswer.model_validate(changed)


@router.put("/by-reference/{system}/{external_id}", responses=problems(*REFUSALS), summary="Add or update a unit")
async def put_business_unit(
    reference: PathReference, body: BusinessUnitFields, viewer: CurrentViewer, tx: CurrentWriting
) -> BusinessUnitAnswer:
    """Add the unit that another system knows by this id, or update the fields that are given."""
    return BusinessUnitAnswer.model_validate(await actions.put_unit(tx, viewer, _given(body, reference)))


def _given(fields: BusinessUnitFields, reference: ExternalReference | None) -> GivenUnit:
    values = fields.model_dump(exclude_unset=True, exclude={"external_reference"})
    return GivenUnit(values, (reference.system, reference.id) if reference else None)
