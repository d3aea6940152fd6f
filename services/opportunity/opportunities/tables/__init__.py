"""An opportunity as it is now, and the histories that belong to it."""

from services.opportunity.opportunities.tables.changes import funnel_change, funnel_delta
from services.opportunity.opportunities.tables.duties import NO_DUE, duty
from services.opportunity.opportunities.tables.histories import (
    probability_change,
    stage_change,
    terms_change,
)
from services.opportunity.opportunities.tables.opportunity import NO_AMOUNT, NO_CLOSE, NO_SCORE, opportunity
from services.opportunity.opportunities.tables.people import principal_history, sales_team_member
from services.opportunity.opportunities.tables.resources import resource_request, resource_request_step

__all__ = [
    "NO_AMOUNT",
    "NO_CLOSE",
    "NO_DUE",
    "NO_SCORE",
    "duty",
    "funnel_change",
    "funnel_delta",
    "opportunity",
    "principal_history",
    "probability_change",
    "resource_request",
    "resource_request_step",
    "sales_team_member",
    "stage_change",
    "terms_change",
]
