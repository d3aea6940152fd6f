"""Routes: assessment models."""

from typing import Annotated

from fastapi import Path, Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.assessment.actions import models as acting
from services.opportunity.assessment.rules.models import ModelIsCurrent, ModelMalformed, ModelPublishedMeanwhile
from services.opportunity.assessment.schemas.models import (
    LARGEST_NUMBER,
    AssessmentModelAnswer,
    AssessmentModelQuery,
    AssessmentModelRequest,
    PublicationRequest,
)
from services.opportunity.assessment.store import models
from services.opportunity.refusals import MayNotDo

router = Router(prefix="/v1/assessment-models", tags=["Value assessment"])
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


@router.post("", status_code=201, responses=problems(ModelMalformed, MayNotDo))
async def create_assessment_model(
    body: AssessmentModelRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> AssessmentModelAnswer:
    """Make a draft of an assessment model."""
    made = await acting.draft(tx, viewer, body.name, body.as_dimensions(), body.threshold)
    return AssessmentModelAnswer.model_validate(made)


@router.get("")
async def list_assessment_models(
    query: Annotated[AssessmentModelQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[AssessmentModelAnswer]:
    """List the assessment models, the latest first."""
    found = await models.MODELS.page(tx, pages.window(query, *models.MODELS.sorting), {})
    return pages.page(query, found, AssessmentModelAnswer)


@router.get("/current")
async def get_current_assessment_model(_: CurrentViewer, tx: CurrentReading) -> AssessmentModelAnswer:
    """Read the model that opportunities are assessed by."""
    return AssessmentModelAnswer.model_validate(await models.current(tx))


@router.get("/{number}", responses=problems(NotVisible))
async def get_assessment_model(number: Number, _: CurrentViewer, tx: CurrentReading) -> AssessmentModelAnswer:
    """Read an assessment model; 1 is always there."""
    return AssessmentModelAnswer.model_validate(await models.get(tx, number))


@router.post(
    "/{number}/publications",
    status_code=201,
    responses=problems(NotVisible, MayNotDo, ModelIsCurrent, ModelPublishedMeanwhile),
)
async def publish_assessment_model(
    number: Number, body: PublicationRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> AssessmentModelAnswer:
    """Let opportunities be assessed by a model from now on, instead of the one before."""
    return AssessmentModelAnswer.model_validate(await acting.publish(tx, viewer, number, body.reason))
