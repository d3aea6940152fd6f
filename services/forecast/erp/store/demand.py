"""Questions about the lines of a plan, read one by one however many there are."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Snapshot
from services.forecast.demand_plan.store import DemandPlanLine
from services.forecast.demand_plan.tables import demand_plan, demand_plan_line

line, plan = demand_plan_line.c, demand_plan.c
LINES = prepared(
    select(
        *[line[name] for name in DemandPlanLine.__dataclass_fields__ if name != "currency"],
        plan.currency,
    )
    .join(demand_plan, plan.id == line.plan_id)
    .where(line.plan_id == bindparam("plan_id", type_=Uuid()))
    .order_by(line.id),
    into=DemandPlanLine,
)


def each_line(tx: Snapshot, plan_id: UUID) -> AsyncIterator[DemandPlanLine]:
    """Yield the lines of a plan in their settled order."""
    return tx.each(LINES, plan_id=plan_id)
