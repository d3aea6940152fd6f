"""Assembles the service `opportunity`."""

from fastapi import FastAPI

from orgchart.following import Following
from servicekit.web.application import Parts, Runtime, assemble
from services.opportunity.assessment.api import assessments, models
from services.opportunity.assessment.api import importing as assessment_imports
from services.opportunity.assessment.api import reports as assessment_reports
from services.opportunity.baselines import api as baselines
from services.opportunity.calibration import api as calibration
from services.opportunity.calibration.calibrating_daily import calibrate_daily
from services.opportunity.checklist import api as checklist
from services.opportunity.consumers import CONSUMERS
from services.opportunity.currencies import api as currencies
from services.opportunity.definitions import api as definitions
from services.opportunity.entry import api as entry
from services.opportunity.flow import api as flow
from services.opportunity.funnel import api as funnel
from services.opportunity.funnel.actions.folding import adjust_to_moves, fold
from services.opportunity.funnel.rebuild import count_if_due
from services.opportunity.funnel_moves import api as funnel_moves
from services.opportunity.funnel_moves import moving_all
from services.opportunity.health_notices import api as health_notices
from services.opportunity.health_notices.judging import tell_of_health
from services.opportunity.movement import api as movement
from services.opportunity.opportunities import api as opportunities
from services.opportunity.ownership import api as ownership
from services.opportunity.probabilities import api as probabilities
from services.opportunity.products import api as products
from services.opportunity.resources import api as resources
from services.opportunity.sales_team import api as sales_team


def create_app(runtime: Runtime | None = None) -> FastAPI:
    """Return the app of the service."""
    following = Following([adjust_to_moves])
    parts = Parts(
        name="opportunity",
        title="opportunities",
        routers=(
            products.lines_router,
            products.products_router,
            assessments.router,
            models.router,
            assessment_imports.router,
            assessment_reports.router,
            currencies.router,
            checklist.router,
            checklist.duties_router,
            calibration.router,
            calibration.choices_router,
            definitions.router,
            entry.router,
            flow.router,
            funnel_moves.router,
            funnel_moves.definitions_router,
            funnel.router,
            baselines.router,
            funnel.reports_router,
            health_notices.router,
            movement.router,
            opportunities.router,
            ownership.router,
            probabilities.router,
            resources.router,
            resources.requests_router,
            sales_team.router,
        ),
        authenticate=following.authenticate,
        consumers=CONSUMERS,
        folds=(fold,),
        jobs={moving_all.KIND: moving_all.MovingAll},
        on_start=(following.start, count_if_due),
        background=(following.follow, calibrate_daily, tell_of_health),
    )
    return assemble(parts, runtime)
