"""Assembles the service `forecast`."""

from fastapi import FastAPI

from orgchart.following import Following
from servicekit.web.application import Parts, Runtime, assemble
from services.forecast.accuracy import api as accuracy
from services.forecast.channels import api as channels
from services.forecast.comparison import api as comparison
from services.forecast.confirmation import api as confirmation
from services.forecast.consumers import CONSUMERS
from services.forecast.cycles import api as cycles
from services.forecast.demand_plan import api as demand_plan
from services.forecast.erp.api.every import ROUTERS as ERP_ROUTERS
from services.forecast.handover import api as handover
from services.forecast.handover.telling import watch as watch_handovers
from services.forecast.history import api as history
from services.forecast.progress import api as progress
from services.forecast.reminders import api as reminders
from services.forecast.reminders.reminding import remind_of_forecasts
from services.forecast.rollup import api as rollup
from services.forecast.suggestion import api as suggestion
from services.forecast.suggestion import making
from services.forecast.tracing import api as tracing
from services.forecast.unit_forecasts import api as unit_forecasts


def create_app(runtime: Runtime | None = None) -> FastAPI:
    """Return the app of the service."""
    following = Following()
    parts = Parts(
        name="forecast",
        title="forecasts",
        routers=(
            cycles.router,
            confirmation.router,
            confirmation.customers_router,
            rollup.cycles_router,
            rollup.router,
            progress.router,
            history.router,
            unit_forecasts.router,
            reminders.router,
            channels.sources_router,
            channels.router,
            suggestion.router,
            comparison.router,
            demand_plan.cycles_router,
            demand_plan.router,
            *ERP_ROUTERS,
            accuracy.router,
            tracing.router,
            handover.plans_router,
            handover.router,
        ),
        authenticate=following.authenticate,
        consumers=CONSUMERS,
        jobs={making.KIND: making.Suggesting},
        on_start=(following.start,),
        background=(following.follow, remind_of_forecasts, watch_handovers),
    )
    return assemble(parts, runtime)
