"""Routes: assessments that were made elsewhere."""

from collections.abc import Sequence

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.router import Router
from services.opportunity.assessment.actions import importing
from services.opportunity.assessment.schemas.importing import AssessmentItem
from services.opportunity.settings import CurrentHouse

router = Router(prefix="/v1/assessments", tags=["Value assessment"])


@batch_operation(router)
async def import_assessments(
    body: Batch[AssessmentItem], viewer: CurrentViewer, batches: CurrentBatches, house: CurrentHouse
) -> BatchAnswer:
    """Add up to 500 assessments by their references, in the order of their dates; sales operations only."""
    importing.check_may_import(viewer)

    async def apply(tx: Writing, items: Sequence[AssessmentItem]) -> ChunkResult:
        return await importing.import_all(tx, viewer, [item.told(house.zone) for item in items])

    return await batches.run(body, apply)
