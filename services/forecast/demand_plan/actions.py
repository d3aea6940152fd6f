"""Publishing what production is to prepare."""

from collections.abc import AsyncIterator
from uuid import UUID

from orgchart.viewer import ADMIN, MARKETING, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotAllowed
from servicekit.values.ids import new_id
from servicekit.values.money import round_money
from services.forecast import events
from services.forecast.comparison.actions.decided import DecidedLine, decided_forecast
from services.forecast.cycles.rules.definition import Cycle, CycleState, check_open
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.seats import Seat
from services.forecast.demand_plan import rules, store
from services.forecast.demand_plan.rules import DecidedPart, Place
from services.forecast.rollup.rules.states import RecordState, ShownState, shown_state
from services.forecast.rollup.store import records


class MayNotPublish(NotAllowed):
    """Demand plans are published by marketing or sales operations."""

    code = "may_not_publish"

    def __init__(self) -> None:
        super().__init__("Marketing or sales operations publishes demand plans.")


async def publish(tx: Writing, viewer: Viewer, cycle_id: UUID) -> UUID:
    """Publish what the approved forecasts at the top of every line say, as a new version; return its id.

    Where a unit has sources, the lines beyond its tolerance are as it has decided them. What was decided is put down
    in the database line by line and read back in the order of the plan, twice: the plan has its sums before its lines.

    The cycle is locked, so that versions follow each other, and so are the tops: none becomes stale meanwhile.
    """
    if not viewer.has_role(MARKETING, SALES_OPERATIONS, ADMIN):
        raise MayNotPublish
    cycle = await definitions.lock(tx, cycle_id)
    check_open(CycleState(cycle.state))
    sources = await _approved_tops(tx, cycle_id)
    latest = await store.find_latest(tx, cycle.id)
    before_id, number = (latest[0], latest[1] + 1) if latest else (None, 1)
    plan_id = new_id()
    await store.put_down(tx, plan_id, _parts(cycle, decided_forecast(tx, cycle, sources)))
    summary = rules.Summary()
    async for lines, _ in store.drafted(tx, plan_id, before_id):
        summary.add(lines)
    rules.check_changed(summary.changed, latest[1] if latest else None)
    values = {
        "id": plan_id,
        "cycle_id": cycle.id,
        "number": number,
        "currency": cycle.currency,
        "total": summary.total,
        "change": summary.change,
        "published_at": tx.now,
        "published_by": viewer.person_id,
    }
    await store.append(tx, values, sorted(sources.values()))
    async for lines, decisions in store.drafted(tx, plan_id, before_id):
        await store.append_lines(tx, plan_id, lines, decisions)
    await store.forget_parts(tx, plan_id)
    named = events.named_plan(plan_id, cycle.id, number, summary.count)
    money = {"total": str(round_money(summary.total, cycle.currency)), "currency": cycle.currency}
    tx.publish(events.PLAN_PUBLISHED, plan_id, named | money)
    return plan_id


async def _parts(cycle: Cycle, decided: AsyncIterator[DecidedLine]) -> AsyncIterator[DecidedPart]:
    """Yield what was decided by place, and in a cycle by weeks all of it by weeks."""
    async for each in decided:
        place = Place(each.item, each.month, each.place, each.week)
        part = DecidedPart(place, each.figures, each.sales, each.decision_id)
        for of_place in part.by_weeks(cycle.scale) if cycle.is_by_week else (part,):
            yield of_place


async def _approved_tops(tx: Writing, cycle_id: UUID) -> dict[UUID, UUID]:
    """Return the approved records at the top, by seat, all locked, or refuse where one is missing or not true."""
    tops = await seats.lock(tx, [top.id for top in await seats.tops_of(tx, cycle_id)])
    wanting: dict[UUID, str] = {}
    sources: dict[UUID, UUID] = {}
    for top in tops.values():
        state = await _state_of(tx, top)
        if state is ShownState.APPROVED and top.handed_in_id is not None:
            sources[top.id] = top.handed_in_id
        else:
            wanting[top.holder_id] = state.value
    if wanting:
        raise rules.TopsNotApproved(wanting)
    return sources


async def _state_of(tx: Writing, top: Seat) -> ShownState:
    record = await records.get(tx, top.handed_in_id) if top.handed_in_id else None
    return shown_state(RecordState(record.state) if record else None, is_stale=top.is_stale)
