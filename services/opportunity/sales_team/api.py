"""Routes of the sales team."""

from uuid import UUID

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.opportunities.rules import AlreadyMember, UnknownPerson
from services.opportunity.sales_team import actions, rules
from services.opportunity.sales_team.schemas import MemberRequest, SalesTeamAnswer, SplitRequest, team_answer

router = Router(prefix="/v1/opportunities/{opportunity_id}", tags=["Sales team"])


@router.get("/sales-team")
async def get_sales_team(opportunity_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> SalesTeamAnswer:
    """Read who takes part, in which roles and shares."""
    return team_answer(await actions.read_team(tx, viewer, opportunity_id))


@router.post(
    "/sales-team",
    status_code=201,
    responses=problems(AlreadyMember, rules.PrincipalByOwnershipOnly, rules.ShareNotPossible, UnknownPerson),
)
async def add_sales_team_member(
    opportunity_id: UUID, body: MemberRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> SalesTeamAnswer:
    """Let somebody take part; from then on they see the opportunity."""
    team = await actions.add_member(tx, viewer, opportunity_id, body.person_id, role=body.role, share=body.split)
    return team_answer(team)


@router.post("/sales-team/{member_id}/departures", status_code=201, responses=problems(rules.ShareHeld))
async def end_sales_team_membership(
    opportunity_id: UUID, member_id: UUID, viewer: CurrentViewer, tx: CurrentWriting
) -> SalesTeamAnswer:
    """Let somebody take part no longer."""
    return team_answer(await actions.end_membership(tx, viewer, opportunity_id, member_id))


@router.put("/splits", responses=problems(rules.SharesNotWhole, rules.ShareNotPossible))
async def set_splits(
    opportunity_id: UUID, body: SplitRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> SalesTeamAnswer:
    """Settle the shares of those who take part; they sum to 1."""
    return team_answer(await actions.set_shares(tx, viewer, opportunity_id, body.as_shares()))
