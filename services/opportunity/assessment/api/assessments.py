"""Routes: the assessments of an opportunity."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.assessment.actions import assessing
from services.opportunity.assessment.rules import assessing as rules
from services.opportunity.assessment.rules.models import ModelNotPublished
from services.opportunity.assessment.schemas.assessments import (
    AssessmentAnswer,
    AssessmentQuery,
    AssessmentRequest,
    AssessmentSummaryAnswer,
    assessment_answer,
    summary_of,
)
from services.opportunity.assessment.store import assessments, models
from services.opportunity.assessment.store.assessments import Assessment
from services.opportunity.opportunities import store as opportunities
from services.opportunity.settings import CurrentHouse, House

router = Router(prefix="/v1/opportunities", tags=["Value assessment"])


@router.post(
    "/{opportunity_id}/assessments",
    status_code=201,
    responses=problems(
        NotVisible,
        ModelNotPublished,
        rules.QuestionUnknown,
        rules.AssessmentNotFromThePast,
        rules.AssessmentInFuture,
        rules.AssessmentOutOfOrder,
        rules.AssessedAfterDecision,
    ),
)
async def assess_opportunity(
    opportunity_id: UUID, body: AssessmentRequest, viewer: CurrentViewer, tx: CurrentWriting, house: CurrentHouse
) -> AssessmentAnswer:
    """Assess what the opportunity is worth; this supersedes the assessment before."""
    made = await assessing.assess(
        tx, viewer, opportunity_id, body.as_answers(), model_number=body.model, at=body.assessed_at
    )
    return await _answer(tx, made, house)


@router.get("/{opportunity_id}/assessments")
async def list_assessments(
    opportunity_id: UUID,
    query: Annotated[AssessmentQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[AssessmentSummaryAnswer]:
    """Read how the opportunity was assessed over time: each score with its date and who."""
    await opportunities.get(tx, viewer, opportunity_id)
    window = pages.window(query, *assessments.HISTORY.sorting)
    found = await assessments.HISTORY.page(tx, window, {"opportunity_id": opportunity_id})
    items = [AssessmentSummaryAnswer.model_validate(summary_of(row)) for row in found.items]
    return pages.answered(query, found, items, AssessmentSummaryAnswer)


@router.get("/{opportunity_id}/assessments/current", responses=problems(NotVisible))
async def get_current_assessment(
    opportunity_id: UUID, viewer: CurrentViewer, tx: CurrentReading, house: CurrentHouse
) -> AssessmentAnswer:
    """Read the assessment in force."""
    await opportunities.get(tx, viewer, opportunity_id)
    return await _answer(tx, await assessments.current(tx, opportunity_id), house)


@router.get("/{opportunity_id}/assessments/{assessment_id}", responses=problems(NotVisible))
async def get_assessment(
    opportunity_id: UUID, assessment_id: UUID, viewer: CurrentViewer, tx: CurrentReading, house: CurrentHouse
) -> AssessmentAnswer:
    """Read one assessment, in force or superseded."""
    await opportunities.get(tx, viewer, opportunity_id)
    return await _answer(tx, await assessments.get(tx, opportunity_id, assessment_id), house)


async def _answer(tx: Questions, row: Assessment, house: House) -> AssessmentAnswer:
    return assessment_answer(row, (await models.get(tx, row.model_number)).model, house.fresh_from)
