"""Routes: our strength against competitors at a customer, and the strategy about it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.competition import actions, rules, store
from services.customer.competition.actions import Written
from services.customer.competition.schemas import (
    CompetitiveAssessmentAnswer,
    CompetitiveAssessmentInput,
    CompetitiveAssessmentQuery,
    CompetitiveStrategyAnswer,
    CompetitiveStrategyInput,
    CompetitiveStrategyQuery,
)
from services.customer.customers.rules.looking_after import NotLookedAfter
from services.customer.customers.rules.refusals import ChangeNotAllowed
from services.customer.customers.store.looking_after import check_looked_after

router = Router(prefix="/v1/customers/{customer_id}", tags=["Competition"])

CHANGING = (NotVisible, ChangeNotAllowed, rules.UnknownCompetitor)
READING = (NotVisible, NotLookedAfter)


@router.post(
    "/competitive-assessments",
    status_code=201,
    responses=problems(*CHANGING, rules.CriterionRepeated, rules.CompetitionAhead),
)
async def assess_competition(
    customer_id: UUID, body: CompetitiveAssessmentInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CompetitiveAssessmentAnswer:
    """Assess our strength against a competitor at this customer; it supersedes the assessment before."""
    made = await actions.assess(tx, viewer, customer_id, body.assessed(), today=today)
    return CompetitiveAssessmentAnswer.model_validate(made)


@router.get("/competitive-assessments", responses=problems(*READING))
async def list_competitive_assessments(
    customer_id: UUID,
    query: Annotated[CompetitiveAssessmentQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[CompetitiveAssessmentAnswer]:
    """List our strength against competitors at this customer, the latest first."""
    await check_looked_after(tx, viewer, customer_id)
    given: dict[str, Any] = query.filters() | {"customer_id": customer_id}
    if not given.get("present"):
        given.pop("present", None)
    window = pages.window(query, *store.ASSESSMENTS.sorting)
    return pages.page(query, await store.ASSESSMENTS.page(tx, window, given), CompetitiveAssessmentAnswer)


@router.post("/competitive-strategies", status_code=201, responses=problems(*CHANGING, rules.StrategyChanged))
async def write_competitive_strategy(
    customer_id: UUID, body: CompetitiveStrategyInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CompetitiveStrategyAnswer:
    """Add a version of the competitive strategy upon the present one; the versions before stay."""
    written = Written(body.upon, body.stance, body.strategy, body.competitor_ids)
    made = await actions.write_strategy(tx, viewer, customer_id, written, today=today)
    return CompetitiveStrategyAnswer.model_validate(made)


@router.get("/competitive-strategies", responses=problems(*READING))
async def list_competitive_strategies(
    customer_id: UUID,
    query: Annotated[CompetitiveStrategyQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[CompetitiveStrategyAnswer]:
    """List the versions of the competitive strategy, the present one first."""
    await check_looked_after(tx, viewer, customer_id)
    window = pages.window(query, *store.STRATEGIES.sorting)
    found = await store.STRATEGIES.page(tx, window, {"customer_id": customer_id})
    return pages.page(query, found, CompetitiveStrategyAnswer)
