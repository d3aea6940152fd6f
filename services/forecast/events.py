"""What the service publishes; every event names its cycle or seat, who reads it asks for the rest."""

from typing import Any
from uuid import UUID

CYCLE_DEFINED = "forecast_cycle.defined"
CYCLE_OPENED = "forecast_cycle.opened"
SEAT_JOINED = "forecast_seat.joined"
SEAT_PASSED = "forecast_seat.passed"
CONFIRMED = "confirmation.made"
WITHDRAWN = "confirmation.withdrawn"
SUBMITTED = "forecast.submitted"
RETURNED = "forecast.returned"
APPROVED = "forecast.approved"
BECAME_STALE = "forecast.became_stale"
REMINDED = "forecast.reminded"
SUGGESTED = "suggestion.made"
PLAN_PUBLISHED = "demand_plan.published"
ERP_SYSTEM_CHANGED = "erp_system.changed"
ERP_REFERENCE_CHANGED = "erp_reference.changed"
ERP_REFERENCE_REMOVED = "erp_reference.removed"
CONFIRMED_ORDER_CHANGED = "confirmed_order.changed"
SOURCE_CREATED = "forecast_source.created"
SOURCE_CHANGED = "forecast_source.changed"
SOURCE_CLOSED = "forecast_source.closed"
CHANNEL_FORECAST_SUBMITTED = "channel_forecast.submitted"
PLAN_TOLD_AGAIN = "demand_plan.told_again"
PLAN_LINES_REJECTED = "demand_plan.lines_rejected"
PLAN_ANSWERED = "demand_plan.answered"


def named_plan(plan_id: UUID, cycle_id: UUID, version: int, lines: int) -> dict[str, Any]:
    """Return what an event says of a version of a plan: which, how many lines there are, and where they are read."""
    named = {"id": str(plan_id), "cycle_id": str(cycle_id), "version": version, "lines": lines}
    return named | {"path": f"/v1/demand-plans/{plan_id}"}


COMPARISON_GATHERED = "forecast_comparison.gathered"
COMPARISON_DECIDED = "forecast_comparison.decided"
COMPARISON_TOLERANCE_SET = "forecast_comparison.tolerance_set"
