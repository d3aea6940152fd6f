"""Tracing a figure of a published plan."""

from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.cycles.store import definitions
from services.forecast.demand_plan import store as plans
from services.forecast.tracing.rules import TraceTooLong, with_remainder
from services.forecast.tracing.store import parts, records
from services.forecast.tracing.store.reaching import TracedLine
from services.forecast.tracing.store.records import Trace

MOST_PARTS = 20_000
"""How many parts one answer takes: some 10 MB."""


async def trace(tx: Questions, viewer: Viewer, plan_id: UUID, line_id: UUID) -> Trace:
    """Return of what a figure of a plan consists, down to opportunities and adjustments.

    Raises:
        NotVisible: the viewer sees no such plan, or it has no such line.
        TraceTooLong: it has more parts than one answer takes.
    """
    traced = await traced_line(tx, viewer, plan_id, line_id)
    found = await parts.parts_of(tx, traced, most=MOST_PARTS + 1)
    if len(found) > MOST_PARTS:
        raise TraceTooLong(MOST_PARTS)
    return Trace(traced, await records.records_of(tx, traced), with_remainder(traced.line.said.figures, found))


async def traced_line(tx: Questions, viewer: Viewer, plan_id: UUID, line_id: UUID) -> TracedLine:
    """Return a line of a plan that the viewer sees, to ask for its parts."""
    plan = await plans.get(tx, viewer, plan_id)
    line = await plans.get_line(tx, plan.id, line_id)
    has_details = await plans.sees_details(tx, viewer, plan.id)
    return TracedLine(plan, line, await definitions.get(tx, plan.cycle_id), has_details)
