"""Routes: account plans, and how those of all one's people stand."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.values.money import round_money
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.account_plans import actions, rules
from services.customer.account_plans.rules import FIRST_YEAR, LAST_YEAR
from services.customer.account_plans.schemas import (
    DEFAULT_TIERS,
    AccountPlanAnswer,
    AccountPlanCountsAnswer,
    AccountPlanInput,
    AccountPlanPatch,
    AccountPlanQuery,
    AccountPlanStandingAnswer,
    AccountPlanSummary,
    CountsQuery,
    MeasureCompletionRequest,
    PlanDecisionRequest,
    PlanSubmissionAnswer,
    PlanSubmissionRequest,
    PlanYearAnswer,
    PlanYearQuery,
    PlanYearRequest,
    StandingQuery,
    SubmissionQuery,
)
from services.customer.account_plans.store import plans, standings
from services.customer.account_plans.store.standings import Figures, PlanYear, Standing
from services.customer.customers.rules.approving import ApprovalNotAllowed
from services.customer.customers.rules.refusals import ChangeNotAllowed, OwnMatter, UnknownPerson
from services.customer.reach import ViewersPeople
from services.customer.relationships.rules import UnknownCustomer

router = Router(prefix="/v1/account-plans", tags=["Account plans"])
standing_router = Router(prefix="/v1/account-plan-standings", tags=["Account plans"])
years_router = Router(prefix="/v1/account-plan-years", tags=["Account plans"])
routers = (router, standing_router, years_router)

PathYear = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
CONTENT = (rules.TargetsDisagree, rules.MeasuresDisagree, UnknownPerson)


@router.post("", status_code=201, responses=problems(ChangeNotAllowed, UnknownCustomer, rules.PlanExists, *CONTENT))
async def create_account_plan(
    body: AccountPlanInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> AccountPlanAnswer:
    """Begin a plan for a customer and a year."""
    made = await actions.create(tx, viewer, body.customer_id, body.year, body.content(), today=today)
    return AccountPlanAnswer.model_validate(made)


@router.get("")
async def list_account_plans(
    query: Annotated[AccountPlanQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[AccountPlanSummary]:
    """List the plans for customers that you, or people below you, look after."""
    listing = plans.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, AccountPlanSummary)


@router.get("/{account_plan_id}", responses=problems(NotVisible))
async def get_account_plan(account_plan_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot) -> AccountPlanAnswer:
    """Read a plan with the measures that are in force."""
    return AccountPlanAnswer.model_validate(await plans.detail(tx, viewer, account_plan_id))


@router.patch(
    "/{account_plan_id}",
    responses=problems(NotVisible, PreconditionMissing, Stale, ChangeNotAllowed, rules.PlanSubmitted, *CONTENT),
)
async def change_account_plan(
    account_plan_id: UUID,
    body: AccountPlanPatch,
    version: IfMatch,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> AccountPlanAnswer:
    """Change a plan that is not submitted; one that is approved stays in force until the change is approved too."""
    changed = await actions.change(tx, viewer, account_plan_id, version, body.fields(), today=today)
    return AccountPlanAnswer.model_validate(changed)


@router.post(
    "/{account_plan_id}/submissions",
    status_code=201,
    responses=problems(
        *(NotVisible, Stale, ChangeNotAllowed),
        *(rules.PlanSubmitted, rules.PlanUnchanged, rules.PlanIncomplete),
    ),
)
async def submit_account_plan(
    account_plan_id: UUID, body: PlanSubmissionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> AccountPlanAnswer:
    """Submit a plan to the superior, in the version that was read; what is submitted never changes."""
    return AccountPlanAnswer.model_validate(
        await actions.submit(tx, viewer, account_plan_id, body.version, today=today)
    )


@router.get("/{account_plan_id}/submissions", responses=problems(NotVisible))
async def list_account_plan_submissions(
    account_plan_id: UUID,
    query: Annotated[SubmissionQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PlanSubmissionAnswer]:
    """List what was submitted and what the superior made of it, the first one first."""
    await plans.get(tx, viewer, account_plan_id)
    window = pages.window(query, *plans.SUBMISSIONS.sorting)
    return pages.page(
        query, await plans.SUBMISSIONS.page(tx, window, {"plan_id": account_plan_id}), PlanSubmissionAnswer
    )


@router.post(
    "/{account_plan_id}/decisions",
    status_code=201,
    responses=problems(NotVisible, ApprovalNotAllowed, OwnMatter, rules.PlanNotSubmitted, rules.CommentMissing),
)
async def decide_on_account_plan(
    account_plan_id: UUID, body: PlanDecisionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> AccountPlanAnswer:
    """Approve what was submitted, or return it with a comment; nobody decides on their own."""
    decided = await actions.decide(tx, viewer, account_plan_id, body.judgement(), today=today)
    return AccountPlanAnswer.model_validate(decided)


@router.post(
    "/{account_plan_id}/measures/{measure_id}/completions",
    status_code=201,
    responses=problems(NotVisible, rules.MeasureNotAllowed, rules.MeasureDone, rules.DateAhead),
)
async def complete_account_plan_measure(
    account_plan_id: UUID,
    measure_id: UUID,
    body: MeasureCompletionRequest,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> AccountPlanAnswer:
    """Say that a measure of the plan in force is done."""
    done = await actions.finish_measure(tx, viewer, account_plan_id, measure_id, body.done(), today=today)
    return AccountPlanAnswer.model_validate(done)


@standing_router.get("")
async def list_account_plan_standings(
    query: Annotated[StandingQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
) -> Page[AccountPlanStandingAnswer]:
    """List how the plans of all your people stand, missing ones too, and how they are carried out."""
    said = await standings.year_of(tx, query.year)
    listing = standings.listing(viewer)
    window = pages.window(query, *listing.sorting)
    given = _filters(query, is_late=said is not None and said.due_on < today)
    binds = {"viewer_people": people, "year": query.year, "tiers": _tiers(said)}
    found = await listing.page(tx, window, given, viewer=viewer, **binds)
    figures = await standings.figures_of(tx, found.items, query.year, today)
    shown = [
        AccountPlanStandingAnswer.model_validate(_standing(one, figures[one.id], said, today)) for one in found.items
    ]
    return pages.answered(query, found, shown, AccountPlanStandingAnswer)


@standing_router.get("/counts")
async def count_account_plan_standings(
    query: Annotated[CountsQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    today: Today,
) -> AccountPlanCountsAnswer:
    """Count the plans of all your people by how they stand."""
    said = await standings.year_of(tx, query.year)
    counted = await standings.counts(tx, viewer, people, query.year, _tiers(said))
    due_on = said.due_on if said else None
    late = sum(count for state, count in counted.items() if rules.is_overdue(state, due_on, today))
    states = {state: counted.get(state, 0) for state in (rules.MISSING, *rules.PlanState)}
    return AccountPlanCountsAnswer(year=query.year, due_on=due_on, overdue=late, **states)


@years_router.post("/{year}", status_code=201, responses=problems(rules.YearsNotAllowed))
async def set_account_plan_year(
    year: PathYear, body: PlanYearRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> PlanYearAnswer:
    """Say by when the plans of a year are due, and for customers of which tiers there is to be one."""
    tiers = sorted({tier.value for tier in body.tiers})
    return PlanYearAnswer.model_validate(await actions.set_year(tx, viewer, year, body.due_on, tiers))


@years_router.get("")
async def list_account_plan_years(
    query: Annotated[PlanYearQuery, Query()], tx: CurrentReading, pages: CurrentPages
) -> Page[PlanYearAnswer]:
    """List what was said of years, the latest first; of each year what was said last counts."""
    window = pages.window(query, *standings.YEARS.sorting)
    return pages.page(query, await standings.YEARS.page(tx, window, query.filters()), PlanYearAnswer)


def _tiers(said: PlanYear | None) -> list[str]:
    return said.tiers if said else [tier.value for tier in DEFAULT_TIERS]


def _filters(query: StandingQuery, *, is_late: bool) -> dict[str, Any]:
    given = query.filters()
    del given["year"]
    overdue = given.pop("overdue", None)
    if overdue is not None and (is_late or overdue):
        given["never" if not is_late else "unfinished" if overdue else "finished"] = True
    return given


def _standing(one: Standing, figures: Figures, said: PlanYear | None, today: date) -> AccountPlanStandingAnswer:
    due_on = said.due_on if said else None
    own = {name: getattr(one, name) for name in AccountPlanStandingAnswer.model_fields if hasattr(one, name)}
    carried_out = {name: getattr(figures, name) for name in Figures.__dataclass_fields__}
    carried_out["won"] = [
        {"amount": round_money(money.amount, money.currency), "currency": money.currency} for money in figures.won
    ]
    overdue = rules.is_overdue(one.state, due_on, today)
    whole = own | carried_out | {"customer_id": one.id, "due_on": due_on, "overdue": overdue}
    return AccountPlanStandingAnswer.model_validate(whole)
