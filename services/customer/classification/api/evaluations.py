"""Routes: evaluations of a customer, what is decided on them, and where one is missing."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.classification.actions import evaluating
from services.customer.classification.actions.gaps import list_gaps
from services.customer.classification.rules import refusals
from services.customer.classification.schemas.evaluations import (
    EvaluationAnswer,
    EvaluationDecisionRequest,
    EvaluationQuery,
    EvaluationRequest,
    GapAnswer,
    GapQuery,
)
from services.customer.classification.store import evaluations
from services.customer.classification.store.gaps import GAPS
from services.customer.customers.rules.refusals import ChangeNotAllowed, ClassificationNotAllowed, OwnMatter
from services.customer.customers.store import records
from services.customer.reach import CurrentZone, ViewersPeople

router = Router(prefix="/v1/customers/{customer_id}/evaluations", tags=["Classification"])
gaps = Router(prefix="/v1/classification-gaps", tags=["Classification"])
DECIDING = (NotVisible, ClassificationNotAllowed, OwnMatter, refusals.TierUndecided)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *DECIDING,
        ChangeNotAllowed,
        refusals.SchemeNotInForce,
        refusals.CriterionNotInScheme,
        refusals.CriterionTwice,
        refusals.ValueOutsideScale,
        refusals.NothingEvaluated,
    ),
)
async def evaluate_customer(
    customer_id: UUID, body: EvaluationRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> EvaluationAnswer:
    """Evaluate the customer; a superior decides on it, or who may decides at once."""
    return EvaluationAnswer.model_validate(
        await evaluating.evaluate_customer(tx, viewer, customer_id, body.as_judgement(), today=today)
    )


@router.get("", responses=problems(NotVisible))
async def list_customer_evaluations(
    customer_id: UUID,
    query: Annotated[EvaluationQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[EvaluationAnswer]:
    """List the customer's evaluations, the latest first."""
    await records.check_visible(tx, viewer, customer_id)
    window = pages.window(query, *evaluations.EVALUATIONS.sorting)
    found = await evaluations.EVALUATIONS.page(tx, window, {"customer_id": customer_id})
    return pages.page(query, found, EvaluationAnswer)


@router.post(
    "/{evaluation_id}/decisions",
    status_code=201,
    responses=problems(
        *DECIDING, refusals.DecisionIncomplete, refusals.EvaluationSuperseded, refusals.EvaluationDecided
    ),
)
async def decide_on_customer_evaluation(  # noqa: PLR0917 (what FastAPI gives it)
    customer_id: UUID,
    evaluation_id: UUID,
    body: EvaluationDecisionRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> EvaluationAnswer:
    """Confirm an evaluation, override its tier, or return it; the customer's tier follows."""
    return EvaluationAnswer.model_validate(
        await evaluating.decide(tx, viewer, customer_id, evaluation_id, body.as_ruling(), today=today)
    )


@gaps.get("")
async def list_classification_gaps(  # noqa: PLR0917 (what FastAPI gives it)
    query: Annotated[GapQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
    zone: CurrentZone,
) -> Page[GapAnswer]:
    """List the customers whose classification is missing, outdated or waits for a decision, as far as you see them."""
    given = query.filters()
    gap = given.pop("gap", None)
    window = pages.window(query, *GAPS[gap].sorting)
    found = await list_gaps(tx, viewer, people, gap, given, window, today=today, zone=zone)
    return pages.page(query, found, GapAnswer)
