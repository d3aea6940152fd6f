"""Routes: portfolio plans, their sharing out, approval, revision and progress."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.rules.approving import ApprovalNotAllowed
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.portfolio_plans import actions, rules, store
from services.customer.portfolio_plans.actions import Described
from services.customer.portfolio_plans.schemas import (
    PortfolioAllocationAnswer,
    PortfolioAllocationQuery,
    PortfolioAllocationRequest,
    PortfolioApprovalRequest,
    PortfolioPartAnswer,
    PortfolioPartQuery,
    PortfolioPlanAnswer,
    PortfolioPlanInput,
    PortfolioPlanQuery,
    PortfolioProgressAnswer,
    PortfolioRevisionRequest,
)
from services.customer.portfolio_plans.tracking import progress
from services.customer.reach import ViewersPeople

router = Router(prefix="/v1/portfolio-plans", tags=["Portfolio plans"])
parts_router = Router(prefix="/v1/portfolio-parts", tags=["Portfolio plans"])
routers = (router, parts_router)

SAYING = (rules.PortfolioDays, rules.PortfolioTargetsDisagree)
CHANGING = (NotVisible, rules.PortfolioNotAllowed, rules.PortfolioNotDraft)


@router.post("", status_code=201, responses=problems(*SAYING))
async def create_portfolio_plan(
    body: PortfolioPlanInput, viewer: CurrentViewer, tx: CurrentWriting
) -> PortfolioPlanAnswer:
    """Draft a plan for all customers of yourself and your people."""
    return PortfolioPlanAnswer.model_validate(await actions.create(tx, viewer, _described(body)))


@router.get("")
async def list_portfolio_plans(
    query: Annotated[PortfolioPlanQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PortfolioPlanAnswer]:
    """List the plans of yourself and your people."""
    listing = store.plans(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, PortfolioPlanAnswer)


@router.get("/{portfolio_plan_id}", responses=problems(NotVisible))
async def get_portfolio_plan(portfolio_plan_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> PortfolioPlanAnswer:
    """Read a plan."""
    return PortfolioPlanAnswer.model_validate(await store.get(tx, viewer, portfolio_plan_id))


@router.put("/{portfolio_plan_id}", responses=problems(*CHANGING, PreconditionMissing, Stale, *SAYING))
async def change_portfolio_plan(
    portfolio_plan_id: UUID,
    body: PortfolioPlanInput,
    version: IfMatch,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> PortfolioPlanAnswer:
    """Say a draft anew; its targets are to be shared out again."""
    changed = await actions.change(tx, viewer, portfolio_plan_id, version, _described(body), today=today)
    return PortfolioPlanAnswer.model_validate(changed)


@router.post(
    "/{portfolio_plan_id}/allocations",
    status_code=201,
    responses=problems(*CHANGING, rules.TierWithoutCustomers, rules.FixedDisagrees, rules.TooManyCustomers),
)
async def allocate_portfolio_plan(
    portfolio_plan_id: UUID,
    body: PortfolioAllocationRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> PortfolioPlanAnswer:
    """Share the targets out to all customers of the plan; the parts make each target to the last unit."""
    allocated = await actions.allocate(tx, viewer, portfolio_plan_id, body.amounts(), today=today)
    return PortfolioPlanAnswer.model_validate(allocated)


@router.get("/{portfolio_plan_id}/allocations", responses=problems(NotVisible))
async def list_portfolio_allocations(
    portfolio_plan_id: UUID,
    query: Annotated[PortfolioAllocationQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PortfolioAllocationAnswer]:
    """List each customer's part of a plan, as the targets were shared out last."""
    plan = await store.get(tx, viewer, portfolio_plan_id)
    given = query.filters() | {"plan_id": plan.id, "number": plan.allocation or 0}
    window = pages.window(query, *store.ALLOCATIONS.sorting)
    return pages.page(query, await store.ALLOCATIONS.page(tx, window, given), PortfolioAllocationAnswer)


@router.post(
    "/{portfolio_plan_id}/approvals",
    status_code=201,
    responses=problems(
        *(NotVisible, ApprovalNotAllowed, OwnMatter, rules.PortfolioNotDraft, rules.PortfolioNotApproved),
        *(rules.PortfolioNotAllocated, rules.PortfolioDays, rules.PortfolioOverlaps),
    ),
)
async def approve_portfolio_plan(
    portfolio_plan_id: UUID,
    body: PortfolioApprovalRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> PortfolioPlanAnswer:
    """Approve a plan, in force from a day: its parts become planned visits; nobody approves their own."""
    approved = await actions.approve(tx, viewer, portfolio_plan_id, body.in_force_from, today=today)
    return PortfolioPlanAnswer.model_validate(approved)


@router.post(
    "/{portfolio_plan_id}/revisions",
    status_code=201,
    responses=problems(NotVisible, rules.PortfolioNotAllowed, rules.PortfolioNotApproved),
)
async def revise_portfolio_plan(
    portfolio_plan_id: UUID,
    body: PortfolioRevisionRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> PortfolioPlanAnswer:
    """Draft a revision, with the reason; the plan stays in force until the revision does."""
    revised = await actions.revise(tx, viewer, portfolio_plan_id, body.reason, today=today)
    return PortfolioPlanAnswer.model_validate(revised)


@router.get("/{portfolio_plan_id}/progress", responses=problems(NotVisible, rules.PortfolioNotAllocated))
async def get_portfolio_progress(
    portfolio_plan_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot, today: Today
) -> PortfolioProgressAnswer:
    """Read what a plan has brought, in money and visits, against what it was to bring."""
    return PortfolioProgressAnswer.model_validate(await progress(tx, viewer, portfolio_plan_id, today))


@parts_router.get("")
async def list_portfolio_parts(
    query: Annotated[PortfolioPartQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
) -> Page[PortfolioPartAnswer]:
    """List what the plans in force ask of the customers that you, or people below you, look after."""
    listing = store.parts(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people, today=today)
    return pages.page(query, found, PortfolioPartAnswer)


def _described(body: PortfolioPlanInput) -> Described:
    return Described(body.name, body.from_date, body.until_date, body.currency, body.plain_targets())
