"""Questions about hand-overs: the roles that work by plans see all of them, an ERP its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, bindparam, or_, select, update

from orgchart.tables import person
from orgchart.viewer import FINANCE, MARKETING, PRODUCTION_PLANNER, Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.demand_plan.tables import demand_plan
from services.forecast.handover.rules import Tally
from services.forecast.handover.tables import plan_handover


@dataclass(frozen=True, slots=True)
class Handover:
    """A version of a plan on its way into an ERP; `superseded_by` is the number of the latest version after it."""

    id: UUID
    plan_id: UUID
    cycle_id: UUID
    cycle_name: str
    number: int
    receiver_id: UUID
    receiver_name: str | None
    state: str
    lines: int
    acknowledged: int
    rejected: int
    answers: int
    planned_until: date
    opened_at: datetime
    told: int
    told_at: datetime
    tell_at: datetime | None
    answered_at: datetime | None
    ending: str | None
    ended_at: datetime | None
    superseded_by: int | None

    @property
    def tally(self) -> Tally:
        """How its lines are answered."""
        return Tally(self.lines, self.acknowledged, self.rejected)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request with answers: how many were written, how many were known already."""

    handover: Handover
    recorded: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class HandoverScope:
    """Whose hand-overs a viewer sees: everybody's by a role, else their own."""

    viewer: Viewer

    @property
    def binds(self) -> dict[str, object]:
        """What scopes a statement."""
        sees_all = self.viewer.sees_all or self.viewer.has_role(MARKETING, FINANCE, PRODUCTION_PLANNER)
        return {"viewer_id": self.viewer.acts_as, "sees_all": sees_all}


h, p = plan_handover.c, demand_plan.c
_later = demand_plan.alias("later")
_superseded_by = (
    select(_later.c.number)
    .where(_later.c.cycle_id == p.cycle_id, _later.c.number > p.number)
    .order_by(_later.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_all = (
    select(
        plan_handover,
        p.cycle_id,
        p.number,
        forecast_cycle.c.name.label("cycle_name"),
        person.c.name.label("receiver_name"),
        _superseded_by.label("superseded_by"),
    )
    .join_from(plan_handover, demand_plan, p.id == h.plan_id)
    .join(forecast_cycle, forecast_cycle.c.id == p.cycle_id)
    .outerjoin(person, person.c.id == h.receiver_id)
)
_seen = _all.where(
    or_(bindparam("sees_all", type_=Boolean()), h.receiver_id == bindparam("viewer_id", type_=Uuid())),
)
GET = prepared(_seen.where(h.id == bindparam("id", type_=Uuid())), into=Handover)
LOCK = prepared(
    _all.where(
        h.plan_id == bindparam("plan_id", type_=Uuid()), h.receiver_id == bindparam("receiver_id", type_=Uuid())
    ).with_for_update(of=plan_handover),
    into=Handover,
)
HANDOVERS = Listing(
    _seen,
    into=Handover,
    filters={
        "plan_id": h.plan_id == bindparam("plan_id", type_=Uuid()),
        "cycle_id": p.cycle_id == bindparam("cycle_id", type_=Uuid()),
        "receiver_id": h.receiver_id == bindparam("receiver_id", type_=Uuid()),
        "state": h.state == bindparam("state", type_=Text()),
        "is_waiting": h.tell_at.is_not(None) == bindparam("is_waiting", type_=Boolean()),
    },
    keys={"opened_at": SortKey(h.opened_at), "told": SortKey(h.told)},
    identifier=h.id,
    default="-opened_at",
)
NOTE = prepared(
    update(plan_handover)
    .where(h.id == bindparam("handover_id", type_=Uuid()))
    .values(
        {
            name: bindparam(f"new_{name}", type_=h[name].type)
            for name in ("state", "acknowledged", "rejected", "answers", "answered_at", "tell_at")
        }
    )
)


async def get(tx: Questions, viewer: Viewer, handover_id: UUID) -> Handover:
    """Return a hand-over, or raise `NotVisible`."""
    return await tx.visible(GET, "hand-over", handover_id, viewer=HandoverScope(viewer), id=handover_id)


async def list_handovers(tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]) -> Slice[Handover]:
    """Return a page of the hand-overs that the viewer may see."""
    return await HANDOVERS.page(tx, window, filters, viewer=HandoverScope(viewer))


async def lock(tx: Writing, plan_id: UUID, receiver_id: UUID) -> Handover:
    """Return the hand-over of a plan to an ERP, which must be there, locked until commit."""
    return await tx.one(LOCK, plan_id=plan_id, receiver_id=receiver_id)


async def note(tx: Writing, handover: Handover, tally: Tally, answers: int, tell_at: datetime | None) -> None:
    """Write how far a hand-over has come by an answer just now."""
    await tx.execute(
        NOTE,
        handover_id=handover.id,
        new_state=tally.state.value,
        new_acknowledged=tally.acknowledged,
        new_rejected=tally.rejected,
        new_answers=answers,
        new_answered_at=tx.now,
        new_tell_at=tell_at,
    )
