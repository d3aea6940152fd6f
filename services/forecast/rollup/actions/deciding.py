"""What a superior does with a submitted record: send it back, or approve it."""

from uuid import UUID

from orgchart import questions as orgchart
from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast import events
from services.forecast.cycles.store import seats
from services.forecast.cycles.store.seats import Seat
from services.forecast.rollup.actions.working import seat_and_record, told_of, unsettle_above
from services.forecast.rollup.rules import states
from services.forecast.rollup.rules.states import Record, RecordState
from services.forecast.rollup.store import records


async def send_back(tx: Writing, viewer: Viewer, forecast_id: UUID, comment: str) -> Record:
    """Return a submitted record to its holder; whatever gathered it holds no more, up to the top."""
    seat, record = await _lock(tx, viewer, forecast_id)
    await _check_decider(tx, viewer, seat)
    states.check_returnable(RecordState(record.state))
    await unsettle_above(tx, seat, "a forecast below was returned")
    await records.set_state(tx, record.id, RecordState.RETURNED)
    await seats.set_records(tx, seat.id, draft=seat.draft_id, handed_in=None)
    return await _decide(tx, viewer, record, "returned", comment)


async def approve(tx: Writing, viewer: Viewer, forecast_id: UUID, comment: str | None) -> Record:
    """Approve a submitted record that still holds."""
    seat, record = await _lock(tx, viewer, forecast_id)
    await _check_decider(tx, viewer, seat)
    states.check_approvable(RecordState(record.state), is_stale=seat.is_stale)
    await records.set_state(tx, record.id, RecordState.APPROVED)
    return await _decide(tx, viewer, record, "approved", comment)


async def _lock(tx: Writing, viewer: Viewer, forecast_id: UUID) -> tuple[Seat, Record]:
    seat, record = await seat_and_record(tx, viewer, forecast_id)
    return await seats.lock_with_line(tx, seat), await records.get(tx, record.id)


async def _check_decider(tx: Questions, viewer: Viewer, seat: Seat) -> None:
    superior = None
    if seat.superior_seat_id is not None:
        superior = (await seats.by_ids(tx, [seat.superior_seat_id]))[seat.superior_seat_id].holder_id
    people = frozenset(each for each in (viewer.person_id, viewer.on_behalf_of) if each is not None)
    states.check_decider(
        people,
        holder_id=seat.holder_id,
        superior_holder_id=superior,
        may_decide_on_tops=superior is None and await _may_decide_on_tops(tx, viewer, seat),
    )


async def _may_decide_on_tops(tx: Questions, viewer: Viewer, seat: Seat) -> bool:
    """Tell whether the viewer is head of the top's business unit, or decides for the house."""
    if viewer.has_role(SALES_OPERATIONS, ADMIN):
        return True
    units = {unit.id: unit.head_id for unit in await orgchart.units_of(tx)}
    return seat.business_unit_id is not None and units.get(seat.business_unit_id) == viewer.acts_as


async def _decide(tx: Writing, viewer: Viewer, record: Record, kind: str, comment: str | None) -> Record:
    values = {
        "id": new_id(),
        "forecast_id": record.id,
        "kind": kind,
        "comment": comment,
        "decided_by": viewer.person_id,
        "on_behalf_of": viewer.on_behalf_of,
        "at": tx.now,
    }
    await records.decide(tx, values)
    tx.publish(events.RETURNED if kind == "returned" else events.APPROVED, record.id, told_of(record))
    return await records.get(tx, record.id)
