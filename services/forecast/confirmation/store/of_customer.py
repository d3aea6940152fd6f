"""What of a customer stands in the live forecasts of the cycles that are open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Uuid, and_, bindparam, func, or_, select

from orgchart.tables import unit
from orgchart.viewer import MARKETING, Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.confirmation.tables import confirmation, known_customer, live_line
from services.forecast.cycles.tables import forecast_cycle, seat, standing

_ID = bindparam("customer_id", type_=Uuid())
_VIEWER = bindparam("viewer_id", type_=Uuid())
_c, _cycle = confirmation.c, forecast_cycle.c


@dataclass(frozen=True, slots=True)
class StandingOfCustomer:
    """How many opportunities of a customer are confirmed in a category of an open cycle, in the cycle's currency."""

    cycle_id: UUID
    cycle_name: str
    period_start: date
    period_end: date
    category: str
    currency: str
    count: int
    amount: Decimal
    simulated_count: int


_held = func.array(
    select(standing.c.seat_id).where(standing.c.holder_id == _VIEWER).scalar_subquery(), type_=ARRAY(Uuid)
)
_headed = select(unit.c.id).where(unit.c.head_id == _VIEWER)
_is_seen = or_(
    bindparam("sees_all", type_=Boolean()),
    seat.c.line.op("&&", is_comparison=True)(_held),
    and_(seat.c.superior_seat_id.is_(None), seat.c.business_unit_id.in_(_headed)),
)
"""As `cycles.store.seats.visible_seats` has it, for every cycle at once: a line has seats of its own cycle only."""
_merged = select(known_customer.c.customer_id).where(known_customer.c.merged_into_id == _ID)
OF_CUSTOMER = prepared(
    select(
        _c.cycle_id,
        _cycle.name.label("cycle_name"),
        _cycle.period_start,
        _cycle.period_end,
        _c.category,
        _cycle.currency,
        func.count().label("count"),
        func.sum(_c.amount).label("amount"),
        func.count().filter(_c.is_simulated).label("simulated_count"),
    )
    .select_from(
        confirmation.join(live_line, live_line.c.confirmation_id == _c.id)
        .join(seat, seat.c.id == _c.seat_id)
        .join(forecast_cycle, _cycle.id == _c.cycle_id)
    )
    .where(or_(_c.customer_id == _ID, _c.customer_id.in_(_merged)), _cycle.state == "open", _is_seen)
    .group_by(_c.cycle_id, _c.category, _cycle.id)
    .order_by(_cycle.period_start, _c.cycle_id, _c.category),
    into=StandingOfCustomer,
)


async def of_customer(tx: Questions, viewer: Viewer, customer_id: UUID) -> list[StandingOfCustomer]:
    """Return what stands in the open cycles of a customer, on the seats that the viewer sees."""
    sees_all = viewer.sees_all or viewer.has_role(MARKETING)
    return await tx.all(OF_CUSTOMER, viewer_id=viewer.acts_as, sees_all=sees_all, customer_id=customer_id)
