"""Routes of calibrations."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.calibration import actions
from services.opportunity.calibration.schemas import (
    CalibrationAnswer,
    CalibrationQuery,
    CalibrationRequest,
    ProbabilityChoiceAnswer,
    ProbabilityChoiceQuery,
    ProbabilityChoiceRequest,
)
from services.opportunity.calibration.store import calibrations
from services.opportunity.refusals import MayNotDo
from services.opportunity.settings import CurrentHouse

router = Router(prefix="/v1/funnel-calibrations", tags=["Funnel"])
choices_router = Router(prefix="/v1/probability-choices", tags=["Funnel"])


@router.post("", status_code=201, responses=problems(MayNotDo))
async def create_funnel_calibration(
    _: CalibrationRequest, viewer: CurrentViewer, tx: CurrentWriting, house: CurrentHouse
) -> CalibrationAnswer:
    """Calibrate the stages from everything that is decided by now; sales operations and administrators."""
    return CalibrationAnswer.of(await actions.calibrate(tx, viewer, today=house.today, zone=house.zone.key))


@router.get("")
async def list_funnel_calibrations(
    query: Annotated[CalibrationQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[CalibrationAnswer]:
    """List the calibrations, the latest first: the service makes one each business day."""
    window = pages.window(query, *calibrations.CALIBRATIONS.sorting)
    found = await calibrations.CALIBRATIONS.page(tx, window, {})
    return pages.answered(query, found, [CalibrationAnswer.of(each) for each in found.items], CalibrationAnswer)


@router.get("/{calibration_id}")
async def get_funnel_calibration(calibration_id: UUID, _: CurrentViewer, tx: CurrentReading) -> CalibrationAnswer:
    """Read a calibration."""
    return CalibrationAnswer.of(await calibrations.get(tx, calibration_id))


@choices_router.post("", status_code=201, responses=problems(MayNotDo))
async def create_probability_choice(
    body: ProbabilityChoiceRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> ProbabilityChoiceAnswer:
    """Say whether configured or calibrated probabilities count from now on; sales operations and administrators."""
    return ProbabilityChoiceAnswer.model_validate(await actions.choose_source(tx, viewer, body.source, body.reason))


@choices_router.get("")
async def list_probability_choices(
    query: Annotated[ProbabilityChoiceQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ProbabilityChoiceAnswer]:
    """List which probabilities counted since when; before the first choice, the configured ones."""
    window = pages.window(query, *calibrations.CHOICES.sorting)
    return pages.page(query, await calibrations.CHOICES.page(tx, window, {}), ProbabilityChoiceAnswer)
