"""Routes that move running opportunities to a newer version of the funnel."""

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.problems import problems
from servicekit.web.router import Router
from services.opportunity.definitions.actions import check_may_keep
from services.opportunity.definitions.rules.drafting import FunnelsKept
from services.opportunity.funnel_moves import actions
from services.opportunity.funnel_moves.schemas import FunnelMoveItem

router = Router(prefix="/v1/funnel-definitions/moves", tags=["Funnel"])


@batch_operation(router, responses=problems(FunnelsKept))
async def move_to_funnel_version(
    body: Batch[FunnelMoveItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Let up to 500 running opportunities run on a newer version of the funnel, along the mappings; more as a job."""
    check_may_keep(viewer)

    async def step(tx: Writing, item: FunnelMoveItem) -> Done:
        return await actions.move(tx, viewer, item.as_asked())

    return await batches.run(body, one_by_one(step))
