"""Routes that move running opportunities to a newer version of the funnel."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.jobs import store as jobs
from servicekit.jobs.store import Asked
from servicekit.run.tracing import current_trace_id
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation, job_answer
from servicekit.web.jobs.schemas import JobAnswer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentWriting, Router
from services.opportunity.definitions.actions import check_may_keep
from services.opportunity.definitions.rules import UnknownFunnelVersion
from services.opportunity.definitions.rules.drafting import FunnelsKept
from services.opportunity.definitions.store import up_to_date
from services.opportunity.funnel_moves import actions, store
from services.opportunity.funnel_moves.moving_all import KIND
from services.opportunity.funnel_moves.rules import (
    MOVED_AT_ONCE,
    FunnelMoveLeadsBack,
    check_versions,
)
from services.opportunity.funnel_moves.schemas import FunnelMoveItem, FunnelMoveRequest
from services.opportunity.scopes.rules import ScopeIncomplete

router = Router(prefix="/v1/funnel-definitions/moves", tags=["Funnel"])
definitions_router = Router(prefix="/v1/funnel-definitions", tags=["Funnel"])
TAKEN_IN: dict[int | str, dict[str, Any]] = {
    202: {"description": "It was taken in as a job; `Location` says where to follow it.", "model": JobAnswer}
}


@batch_operation(router, responses=problems(FunnelsKept))
async def move_to_funnel_version(
    body: Batch[FunnelMoveItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Let up to 500 running opportunities run on a newer version of the funnel, along the mappings; more as a job."""
    check_may_keep(viewer)

    async def apply(tx: Writing, items: Sequence[FunnelMoveItem]) -> ChunkResult:
        return await actions.move_all(tx, viewer, [item.as_asked() for item in items])

    return await batches.run(body, apply, chunk=MOVED_AT_ONCE)


@definitions_router.post(
    "/{version}/moves",
    status_code=202,
    response_model=JobAnswer,
    responses=problems(FunnelsKept, UnknownFunnelVersion, FunnelMoveLeadsBack, ScopeIncomplete) | TAKEN_IN,
)
async def move_all_to_funnel_version(
    version: int, body: FunnelMoveRequest, viewer: CurrentViewer, tx: CurrentWriting, *, request: Request
) -> Response:
    """Let everything that runs on an older version of the funnel run on this one, along the mappings, as a job.

    Its outcomes say what became of each opportunity. What begins to run on the older version meanwhile (a reopening)
    may be left: ask again, that moves the rest.
    """
    check_may_keep(viewer)
    running = body.as_running()
    check_versions(await up_to_date(tx), body.from_version, version)
    asked = Asked(
        KIND,
        "move_all_to_funnel_version",
        body.model_dump(mode="json") | {"to_version": version},
        await store.count_running(tx, running),
    )
    job = await jobs.insert(tx, request.state.caller.subject, asked, current_trace_id())
    return job_answer(request, job)
