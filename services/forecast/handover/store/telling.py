"""Questions of who has to be told: which plans wait for an ERP, for which an answer is waited for no longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from orgchart.tables import person
from orgchart.viewer import MACHINE
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.demand_plan.tables import demand_plan, demand_plan_line
from services.forecast.handover.rules import ACKNOWLEDGES, WAITING, HandoverEnding, HandoverState, Tally
from services.forecast.handover.tables import plan_handover

PUBLISHED_LATELY = timedelta(days=31)
"""A plan of a period that is over is handed over all the same if it was published no longer ago."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A plan that an ERP is to answer and that no hand-over of it waits for."""

    plan_id: UUID
    receiver_id: UUID
    published_at: datetime
    lines: int
    planned_until: date


@dataclass(frozen=True, slots=True)
class Over:
    """A hand-over whose answer is waited for no longer."""

    id: UUID
    ending: str


@dataclass(frozen=True, slots=True)
class Due:
    """A hand-over of which the ERP is to be told again."""

    id: UUID
    plan_id: UUID
    cycle_id: UUID
    number: int
    receiver_id: UUID
    lines: int
    acknowledged: int
    rejected: int
    told: int
    opened_at: datetime

    @property
    def tally(self) -> Tally:
        """How its lines are answered."""
        return Tally(self.lines, self.acknowledged, self.rejected)


h, p, line, erp = plan_handover.c, demand_plan.c, demand_plan_line.c, person.c
_TODAY = bindparam("today", type_=Date())
_NOW = bindparam("now", type_=DateTime(timezone=True))
_later = demand_plan.alias("later")
_is_superseded = select(_later.c.id).where(_later.c.cycle_id == p.cycle_id, _later.c.number > p.number).exists()


def _answers_plans() -> ColumnElement[bool]:
    """Whether a member of the org chart is an ERP that is expected to answer."""
    return and_(erp.kind == MACHINE, erp.active.is_(True), literal(ACKNOWLEDGES, Text()) == any_(erp.scopes))


_may_be_resumed = and_(h.ending == HandoverEnding.WITHDRAWN.value, or_(*[h.state == each.value for each in WAITING]))
_lines = select(func.count()).where(line.plan_id == p.id).scalar_subquery()
_last_month = select(func.max(line.month)).where(line.plan_id == p.id).scalar_subquery()
_until = cast(_last_month + cast(literal("1 month", Text()), Interval()), Date())
_offered = (
    select(
        p.id.label("plan_id"),
        erp.id.label("receiver_id"),
        p.published_at,
        cast(_lines, Integer()).label("lines"),
        func.greatest(_until, forecast_cycle.c.period_end).label("planned_until"),
    )
    .join_from(demand_plan, forecast_cycle, forecast_cycle.c.id == p.cycle_id)
    .join(person, true())
)
"""The lines of a plan are counted in what is selected, so of those that are left only: hardly ever any."""
_is_of_now = or_(
    forecast_cycle.c.period_end > _TODAY,
    p.published_at > bindparam("lately", type_=DateTime(timezone=True)),
)
MISSING = prepared(
    _offered.outerjoin(plan_handover, and_(h.plan_id == p.id, h.receiver_id == erp.id)).where(
        ~_is_superseded,
        _is_of_now,
        _answers_plans(),
        or_(h.id.is_(None), _may_be_resumed),
    ),
    into=Missing,
)
ONE = prepared(
    _offered.where(p.id == bindparam("plan_id", type_=Uuid()), erp.id == bindparam("receiver_id", type_=Uuid())),
    into=Missing,
)
_opened = upsert(plan_handover)
OPEN = prepared(
    _opened.on_conflict_do_update(
        index_elements=["plan_id", "receiver_id"],
        set_={"ending": None, "ended_at": None, "tell_at": _opened.excluded.tell_at},
        where=_may_be_resumed,
    )
)
OPEN_ONCE = prepared(upsert(plan_handover).on_conflict_do_nothing(index_elements=["plan_id", "receiver_id"]))
_over = case(
    (_is_superseded, HandoverEnding.SUPERSEDED.value),
    (~_answers_plans(), HandoverEnding.WITHDRAWN.value),
    (h.planned_until <= _TODAY, HandoverEnding.PERIOD_OVER.value),
)
OVER = prepared(
    select(h.id, func.coalesce(_over, "").label("ending"))
    .join_from(plan_handover, demand_plan, p.id == h.plan_id)
    .outerjoin(person, erp.id == h.receiver_id)
    .where(h.tell_at.is_not(None), _over.is_not(None))
    .order_by(h.id)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(of=plan_handover, skip_locked=True),
    into=Over,
)
END = prepared(
    update(plan_handover)
    .where(h.id == bindparam("handover_id", type_=Uuid()))
    .values(
        ending=bindparam("new_ending", type_=Text()),
        ended_at=bindparam("at", type_=DateTime(timezone=True)),
        tell_at=None,
    )
)
DUE = prepared(
    select(*[(p if name in ("cycle_id", "number") else h)[name] for name in Due.__dataclass_fields__])
    .join_from(plan_handover, demand_plan, p.id == h.plan_id)
    .where(h.tell_at <= _NOW)
    .order_by(h.id)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(of=plan_handover, skip_locked=True),
    into=Due,
)
TOLD = prepared(
    update(plan_handover)
    .where(h.id == bindparam("handover_id", type_=Uuid()))
    .values(
        told=h.told + 1,
        told_at=bindparam("at", type_=DateTime(timezone=True)),
        tell_at=bindparam("next_at", type_=DateTime(timezone=True)),
    )
)


async def missing(tx: Questions, today: date, now: datetime) -> list[Missing]:
    """Return the latest versions that an ERP is to answer and of which it has no hand-over, or a withdrawn one."""
    return await tx.all(MISSING, today=today, lately=now - PUBLISHED_LATELY)


async def open_all(tx: Writing, wanted: Sequence[Missing], first_pause: timedelta) -> None:
    """Open hand-overs; one that was withdrawn is waited for again. Publication has told of them once."""
    await tx.execute_many(OPEN, [_row(tx, one, first_pause) for one in wanted])


async def open_for(tx: Writing, plan_id: UUID, receiver_id: UUID, first_pause: timedelta) -> None:
    """Have a hand-over of a plan to an ERP that answers before anybody has opened it."""
    offered = await tx.one(ONE, plan_id=plan_id, receiver_id=receiver_id)
    await tx.execute_many(OPEN_ONCE, [_row(tx, offered, first_pause)])


def _row(tx: Writing, one: Missing, first_pause: timedelta) -> dict[str, object]:
    state = Tally(one.lines).state
    return {
        "id": new_id(),
        "plan_id": one.plan_id,
        "receiver_id": one.receiver_id,
        "state": state.value,
        "lines": one.lines,
        "acknowledged": 0,
        "rejected": 0,
        "answers": 0,
        "planned_until": one.planned_until,
        "opened_at": tx.now,
        "told": 1,
        "told_at": one.published_at,
        "tell_at": one.published_at + first_pause if state is HandoverState.OPEN else None,
        "answered_at": None,
        "ending": None,
        "ended_at": None,
    }


async def take_over(tx: Writing, today: date, limit: int) -> list[Over]:
    """Return hand-overs whose answer is waited for no longer, locked; those that somebody else holds are left out."""
    return await tx.all(OVER, today=today, limit=limit)


async def end(tx: Writing, over: Sequence[Over]) -> None:
    """Write that the answers are waited for no longer, and why."""
    rows: list[dict[str, object]] = [{"handover_id": one.id, "new_ending": one.ending, "at": tx.now} for one in over]
    await tx.execute_many(END, rows)


async def take_due(tx: Writing, limit: int) -> list[Due]:
    """Return hand-overs that are to be told again, locked; those that somebody else holds are left out."""
    return await tx.all(DUE, now=tx.now, limit=limit)


async def note_told(tx: Writing, told: Sequence[tuple[UUID, datetime | None]]) -> None:
    """Write that ERPs were told just now, and when each is told again."""
    rows: list[dict[str, object]] = [
        {"handover_id": handover_id, "at": tx.now, "next_at": next_at} for handover_id, next_at in told
    ]
    await tx.execute_many(TOLD, rows)
