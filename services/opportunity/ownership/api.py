"""Routes of the principal owner."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.clients.team import CurrentTeam
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.rules import PrincipalMoved, UnknownPerson
from services.opportunity.ownership import actions, rules, store
from services.opportunity.ownership.actions import Line
from services.opportunity.ownership.schemas import PrincipalAnswer, PrincipalChangeRequest, PrincipalQuery
from services.opportunity.wire import OpportunityAnswer

router = Router(prefix="/v1/opportunities", tags=["Ownership"])


@router.post(
    "/{opportunity_id}/principal-changes",
    status_code=201,
    responses=problems(rules.NotASuperior, rules.OwnMatter, rules.PrincipalUnchanged, PrincipalMoved, UnknownPerson),
)
async def create_principal_change(
    opportunity_id: UUID,
    body: PrincipalChangeRequest,
    *,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
) -> OpportunityAnswer:
    """Replace the principal owner: only a superior of the present one in the reporting line may; refusals are kept."""
    present = await actions.principal_to_replace(reading, viewer, opportunity_id, body.principal_id)
    above = await team.superiors_of(present)
    changed = await actions.change_principal(
        tx,
        viewer,
        opportunity_id,
        body.principal_id,
        reason=body.reason,
        line=Line(present, above.ids, above.chart_version),
    )
    return OpportunityAnswer.model_validate(changed)


@router.get("/{opportunity_id}/principals")
async def list_principals(
    opportunity_id: UUID,
    query: Annotated[PrincipalQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PrincipalAnswer]:
    """Read who was principal owner when, who decided it and why."""
    await opportunities.get(tx, viewer, opportunity_id)
    window = pages.window(query, *store.HISTORY.sorting)
    found = await store.HISTORY.page(tx, window, {"opportunity_id": opportunity_id}, viewer=viewer)
    return pages.page(query, found, PrincipalAnswer)
