"""What people do with cycles: define one, open it, add somebody to it, pass a seat on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart import questions as orgchart
from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotAllowed, NotVisible, RuleViolated
from servicekit.values.ids import new_id
from servicekit.values.money import scale_of
from services.forecast import events
from services.forecast.cycles.rules import definition
from services.forecast.cycles.rules import seats as seat_rules
from services.forecast.cycles.rules.definition import Category, Cycle, CycleState, Deadline, PeriodKind
from services.forecast.cycles.rules.seats import Member, SeatPlan
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.definitions import FrozenRate
from services.forecast.cycles.store.seats import Seat


class NotOperations(NotAllowed):
    """Only sales operations defines and opens forecast cycles."""

    code = "not_sales_operations"

    def __init__(self) -> None:
        super().__init__("Only sales operations defines and opens forecast cycles.")


class PersonUnknown(RuleViolated):
    """The org chart has no such active person."""

    code = "person_unknown"


class SuperiorHasNoSeat(RuleViolated):
    """The person named as superior takes no part in the cycle."""

    code = "superior_has_no_seat"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a new cycle is to be about."""

    name: str
    period_kind: PeriodKind
    period_start: date
    currency: str
    amount_basis: definition.AmountBasis
    granularity: definition.Granularity
    plan_period: definition.PlanPeriod
    confirmable_stages: Sequence[str]
    plan_categories: Sequence[Category]
    head_ids: Sequence[UUID]
    deadlines: Sequence[Deadline]
    remind_before_days: Sequence[int]
    remind_after_days: Sequence[int]


def check_operations(viewer: Viewer) -> None:
    """Refuse who is neither sales operations nor admin."""
    if not viewer.has_role(SALES_OPERATIONS, ADMIN):
        raise NotOperations


async def define(tx: Writing, viewer: Viewer, wanted: Definition, published_stages: Sequence[str]) -> Cycle:
    """Define a cycle; nothing is frozen before it opens.

    `published_stages` are the keys of all published versions of the funnel; they matter where the cycle names stages.
    """
    check_operations(viewer)
    period = definition.period_of(wanted.period_kind, wanted.period_start)
    definition.check_deadlines(wanted.deadlines)
    definition.check_plan_categories(wanted.plan_categories)
    definition.check_confirmable_stages(wanted.confirmable_stages, published_stages)
    scale_of(wanted.currency)
    cycle_id = new_id()
    values: dict[str, Any] = {
        "name": wanted.name,
        "period_kind": wanted.period_kind.value,
        "period_start": period.start,
        "period_end": period.end,
        "currency": wanted.currency,
        "amount_basis": wanted.amount_basis.value,
        "granularity": wanted.granularity.value,
        "plan_period": wanted.plan_period.value,
        "confirmable_stages": list(dict.fromkeys(wanted.confirmable_stages)),
        "plan_categories": [each.value for each in definition.COUNTED if each in wanted.plan_categories],
        "head_ids": list(dict.fromkeys(wanted.head_ids)),
        "deadlines": [{"level": each.level, "at": each.at.isoformat()} for each in wanted.deadlines],
        "remind_before_days": sorted(set(wanted.remind_before_days), reverse=True),
        "remind_after_days": sorted(set(wanted.remind_after_days)),
        "state": CycleState.DRAFT.value,
        "opened_at": None,
        "rates_on": None,
        "created_at": tx.now,
        "version": 1,
    }
    defined = await definitions.append(tx, cycle_id, values)
    tx.publish(events.CYCLE_DEFINED, cycle_id, {"id": str(cycle_id), "version": 1, "name": wanted.name})
    return defined


async def open_cycle(
    tx: Writing,
    viewer: Viewer,
    cycle_id: UUID,
    *,
    on: date,
    rates: Sequence[FrozenRate],
    principals: Sequence[UUID],
) -> Cycle:
    """Open a cycle: freeze today's reporting lines into seats, and the rates known today.

    `principals` own opportunities: who stands in no reporting line takes part if they do.
    """
    check_operations(viewer)
    cycle = await definitions.lock(tx, cycle_id)
    definition.check_draft(CycleState(cycle.state))
    people = [each for each in await tx.all(orgchart.EVERYBODY) if each.kind == "person"]
    plans = seat_rules.freeze(
        [Member(each.id, each.superior_id, each.active) for each in people], cycle.head_ids, principals
    )
    units = {each.id: each.business_unit_id for each in people}
    await seats.append(tx, _seat_rows(cycle.id, plans, units))
    await definitions.freeze(tx, cycle.id, on, [each for each in rates if each.currency != cycle.currency])
    tx.publish(events.CYCLE_OPENED, cycle.id, {"id": str(cycle.id), "name": cycle.name, "seats": len(plans)})
    return await definitions.get(tx, cycle.id)


def _seat_rows(cycle_id: UUID, plans: Sequence[SeatPlan], units: Mapping[UUID, UUID | None]) -> list[dict[str, Any]]:
    ids = {plan.person_id: new_id() for plan in plans}
    return [
        {
            "id": ids[plan.person_id],
            "cycle_id": cycle_id,
            "person_id": plan.person_id,
            "superior_seat_id": ids[plan.superior_id] if plan.superior_id else None,
            "line": [ids[plan.person_id], *(ids[superior] for superior in plan.superiors)],
            "business_unit_id": units.get(plan.person_id),
            "level": plan.level,
        }
        for plan in plans
    ]


async def seat_in(tx: Questions, cycle: Cycle, viewer: Viewer) -> Seat:
    """Return the seat of whoever the viewer acts as.

    Raises:
        NoSeat: they take no part in the cycle.
    """
    found = await seats.find_held(tx, cycle.id, viewer.acts_as)
    if found is None:
        raise seats.NoSeat
    return found


async def seat_seen(tx: Questions, viewer: Viewer, cycle_id: UUID, seat_id: UUID) -> Seat:
    """Return a seat that the viewer may see, or raise `NotVisible`."""
    found = await seats.find_visible(tx, viewer, cycle_id, seat_id)
    if found is None:
        raise NotVisible("seat", seat_id)
    return found


async def seat_chosen(tx: Questions, viewer: Viewer, cycle: Cycle, seat_id: UUID | None) -> Seat:
    """Return the seat that is named, if the viewer may see it, else their own."""
    return await seat_seen(tx, viewer, cycle.id, seat_id) if seat_id else await seat_in(tx, cycle, viewer)


async def add_person(
    tx: Writing, viewer: Viewer, cycle_id: UUID, *, person_id: UUID, superior_id: UUID, reason: str
) -> Seat:
    """Add somebody new to an open cycle, below a superior's seat, by a recorded decision."""
    cycle = await definitions.lock(tx, cycle_id)
    definition.check_open(CycleState(cycle.state))
    above = await seats.find_held(tx, cycle.id, superior_id)
    if above is None or not await _may_see(tx, viewer, above):
        raise SuperiorHasNoSeat("The superior has no seat in this cycle.", field="/superior_id")
    above = await seats.lock_with_line(tx, above)
    line = await seats.by_ids(tx, above.line)
    seat_rules.check_decides_on_seats(
        _acting(viewer),
        persons=_persons(viewer),
        holders_above=[each.holder_id for each in line.values()],
        is_operations=viewer.has_role(SALES_OPERATIONS, ADMIN),
        concerned=[person_id],
    )
    joining = await orgchart.person_of(tx, person_id)
    if joining is None or not joining.active:
        raise PersonUnknown("The org chart has no such active person.", field="/person_id")
    seat_id = new_id()
    row = {
        "id": seat_id,
        "line": [seat_id, *above.line],
        "cycle_id": cycle.id,
        "person_id": person_id,
        "superior_seat_id": above.id,
        "business_unit_id": joining.business_unit_id,
        "level": 1,
    }
    await seats.append(tx, [row])
    await seats.raise_levels(tx, seat_rules.raised_levels([(each, line[each].level) for each in above.line]))
    joined = (await seats.by_ids(tx, [seat_id]))[seat_id]
    await _record(tx, viewer, joined, "joined", from_holder=None, to_holder=person_id, reason=reason)
    return joined


async def pass_seat(
    tx: Writing, viewer: Viewer, cycle_id: UUID, seat_id: UUID, *, successor_id: UUID | None, reason: str
) -> Seat:
    """Pass a leaver's seat to a successor, or where none is named to the superior, by a recorded decision."""
    cycle = await definitions.get(tx, cycle_id)
    found = await seats.lock_with_line(tx, await seat_seen(tx, viewer, cycle.id, seat_id))
    line = await seats.by_ids(tx, found.line)
    seat_rules.check_decides_on_seats(
        _acting(viewer),
        persons=_persons(viewer),
        holders_above=[line[each].holder_id for each in found.line[1:]],
        is_operations=viewer.has_role(SALES_OPERATIONS, ADMIN),
        concerned=_concerned(viewer, found.holder_id, successor_id),
    )
    to_holder = successor_id or (line[found.superior_seat_id].holder_id if found.superior_seat_id else None)
    successor = await orgchart.person_of(tx, to_holder) if to_holder else None
    if successor is None or not successor.active:
        raise PersonUnknown("Name an active person of the org chart as successor.", field="/successor_id")
    await seats.pass_on(tx, found.id, successor.id)
    await _record(tx, viewer, found, "passed", from_holder=found.holder_id, to_holder=successor.id, reason=reason)
    return (await seats.by_ids(tx, [found.id]))[found.id]


async def _may_see(tx: Questions, viewer: Viewer, found: Seat) -> bool:
    return await seats.find_visible(tx, viewer, found.cycle_id, found.id) is not None


def _persons(viewer: Viewer) -> list[UUID]:
    return [each for each in (viewer.person_id, viewer.on_behalf_of) if each is not None]


def _concerned(viewer: Viewer, holder_id: UUID, successor_id: UUID | None) -> list[UUID]:
    """Return whose matter a succession is: who merely stands in for a superior takes no seat for themselves."""
    gains = viewer.on_behalf_of is not None and successor_id == viewer.person_id
    return [holder_id, *([successor_id] if gains and successor_id else [])]


def _acting(viewer: Viewer) -> UUID:
    acting = viewer.acts_as
    if acting is None:
        raise NotOperations
    return acting


async def _record(
    tx: Writing,
    viewer: Viewer,
    at: Seat,
    kind: str,
    *,
    from_holder: UUID | None,
    to_holder: UUID,
    reason: str,
) -> None:
    values = {
        "id": new_id(),
        "cycle_id": at.cycle_id,
        "seat_id": at.id,
        "kind": kind,
        "from_holder_id": from_holder,
        "to_holder_id": to_holder,
        "reason": reason,
        "decided_by": viewer.person_id,
        "at": tx.now,
    }
    await seats.append_change(tx, values)
    tx.publish(
        events.SEAT_JOINED if kind == "joined" else events.SEAT_PASSED,
        at.id,
        {"seat_id": str(at.id), "holder_id": str(to_holder)},
    )
