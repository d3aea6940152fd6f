"""Routes of the probability that a person says."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.funnel.rules.refusals import InstantNotPossible, NotFromThePast, OpportunityClosed
from services.opportunity.opportunities import store as opportunities
from services.opportunity.probabilities import actions, rules, store
from services.opportunity.probabilities.schemas import (
    ProbabilityChangeAnswer,
    ProbabilityChangeRequest,
    ProbabilityHistoryQuery,
)
from services.opportunity.wire import OpportunityAnswer

router = Router(prefix="/v1/opportunities", tags=["Funnel"])


@router.post(
    "/{opportunity_id}/probability-changes",
    status_code=201,
    responses=problems(OpportunityClosed, rules.ProbabilityUnchanged, NotFromThePast, InstantNotPossible),
)
async def create_probability_change(
    opportunity_id: UUID,
    body: ProbabilityChangeRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
) -> OpportunityAnswer:
    """Say how likely a win is, instead of what the stage says; null ends that."""
    changed = await actions.change_probability(
        tx, viewer, opportunity_id, body.probability, reason=body.reason, at=body.at
    )
    return OpportunityAnswer.model_validate(changed)


@router.get("/{opportunity_id}/probability-changes")
async def list_probability_changes(
    opportunity_id: UUID,
    query: Annotated[ProbabilityHistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ProbabilityChangeAnswer]:
    """Read what was said of the chance to win since when, by whom and why."""
    await opportunities.get(tx, viewer, opportunity_id)
    window = pages.window(query, *store.HISTORY.sorting)
    found = await store.HISTORY.page(tx, window, {"opportunity_id": opportunity_id}, viewer=viewer)
    return pages.page(query, found, ProbabilityChangeAnswer)
