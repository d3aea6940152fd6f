"""Account plans: seen by whoever looks after the customer, and those above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, Text, Uuid, all_, and_, any_, bindparam, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from services.customer.account_plans.rules import Content, Measure, Target
from services.customer.account_plans.tables import (
    account_plan,
    account_plan_decision,
    account_plan_measure,
    account_plan_submission,
)
from services.customer.customers.store.identity import columns_of, is_of, of_survivor
from services.customer.customers.store.scope import PEOPLE, is_looked_after
from services.customer.customers.tables import customer

_c, _m = account_plan.c, account_plan_measure.c
_s, _d = account_plan_submission.c, account_plan_decision.c
_ID = bindparam("the_id", type_=Uuid())
_PLAN = bindparam("plan_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is now."""

    id: UUID
    version: int
    customer_id: UUID
    account_manager_id: UUID | None
    year: int
    state: str
    content: dict[str, Any]
    submission: int
    submitted_by: UUID | None
    submitted_for: UUID | None
    in_force: int | None
    created_at: datetime
    updated_at: datetime

    @property
    def said(self) -> Content:
        """What it says, as plain values."""
        return content_of(self.content)


@dataclass(frozen=True, slots=True)
class Submission:
    """A plan as it was submitted, and what was made of it."""

    id: UUID
    number: int
    content: dict[str, Any]
    at: datetime
    submitted_by: UUID | None
    on_behalf_of: UUID | None
    decision: str | None
    comment: str | None
    decided_at: datetime | None
    decided_by: UUID | None
    decided_for: UUID | None


@dataclass(frozen=True, slots=True)
class KeptMeasure:
    """A measure of the plan in force, and whether it is done."""

    id: UUID
    what: str
    due_on: date
    owner_id: UUID
    is_in_force: bool
    done_on: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """A plan with the measures that are in force."""

    plan: Plan
    measures: Sequence[KeptMeasure] = field(default=())


_columns = (
    *columns_of(account_plan, [name for name in Plan.__dataclass_fields__ if name != "account_manager_id"]),
    customer.c.account_manager_id,
)
_plans = of_survivor(select(*_columns).select_from(account_plan), _c.customer_id)

GET = prepared(_plans.where(_c.id == _ID, is_looked_after()), into=Plan)
READ = prepared(_plans.where(_c.id == _ID), into=Plan)
LOCK = prepared(_plans.where(_c.id == _ID, is_looked_after()).with_for_update(of=account_plan), into=Plan)
_CUSTOMER = bindparam("customer_id", type_=Uuid())
OF_YEAR = prepared(
    select(_c.id)
    .where(is_of(_c.customer_id, _CUSTOMER), _c.year == bindparam("year"))
    .order_by(_c.customer_id != _CUSTOMER, _c.id)
    .limit(1)
)
INSERT_IF_NEW = prepared(insert(account_plan).on_conflict_do_nothing().returning(_c.id))
MUTABLE = ("state", "content", "submission", "submitted_by", "submitted_for", "in_force")
UPDATE = prepared(
    update(account_plan)
    .where(_c.id == _ID)
    .values(
        {name: bindparam(name, type_=_c[name].type) for name in MUTABLE}
        | {"version": _c.version + 1, "updated_at": bindparam("now", type_=DateTime(timezone=True))}
    )
)
INSERT_SUBMISSION = prepared(insert(account_plan_submission))
INSERT_DECISION = prepared(insert(account_plan_decision))
SUBMITTED = prepared(select(_s.content).where(_s.plan_id == _PLAN, _s.number == bindparam("number", type_=Integer())))
_measure = insert(account_plan_measure)
KEEP_MEASURE = prepared(
    _measure.on_conflict_do_update(
        index_elements=["plan_id", "id"],
        set_={name: _measure.excluded[name] for name in ("what", "due_on", "owner_id", "is_in_force")},
    )
)
LEAVE_MEASURES = prepared(
    update(account_plan_measure)
    .where(_m.plan_id == _PLAN, _m.is_in_force, _m.id != all_(bindparam("kept", type_=ARRAY(Uuid))))
    .values(is_in_force=False)
)
_kept_measures = select(*(_m[name] for name in KeptMeasure.__dataclass_fields__)).where(_m.plan_id == _PLAN)
MEASURES = prepared(_kept_measures.where(_m.is_in_force).order_by(_m.due_on, _m.id), into=KeptMeasure)
LOCK_MEASURE = prepared(_kept_measures.where(_m.id == _ID).with_for_update(), into=KeptMeasure)
FINISH_MEASURE = prepared(
    update(account_plan_measure)
    .where(_m.plan_id == _PLAN, _m.id == _ID)
    .values(done_on=bindparam("on", type_=_m.done_on.type), note=bindparam("said", type_=Text()))
)

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_c.customer_id, _CUSTOMER),
    "year": _c.year == bindparam("year", type_=Integer()),
    "state": _c.state == bindparam("state", type_=Text()),
}


def _listing(*conditions: ColumnElement[bool]) -> Listing[Plan]:
    return Listing(
        *[_plans.where(condition) for condition in conditions],
        into=Plan,
        filters=FILTERS,
        keys={"created_at": SortKey(_c.created_at), "year": SortKey(_c.year)},
        identifier=_c.id,
        default="-created_at",
    )


_ALL = _listing(true())
_SEEN = _listing(
    customer.c.account_manager_id == any_(PEOPLE),
    and_(customer.c.account_manager_id.is_(None), customer.c.created_by == any_(PEOPLE)),
)
SUBMISSIONS = Listing(
    select(
        *(_s.id, _s.number, _s.content, _s.at, _s.submitted_by, _s.on_behalf_of, _d.decision, _d.comment),
        *(_d.at.label("decided_at"), _d.decided_by, _d.on_behalf_of.label("decided_for")),
    ).outerjoin(account_plan_decision, and_(_d.plan_id == _s.plan_id, _d.number == _s.number)),
    into=Submission,
    filters={"plan_id": _s.plan_id == _PLAN},
    keys={"number": SortKey(_s.number)},
    identifier=_s.id,
    default="number",
)


def listing(viewer: Viewer) -> Listing[Plan]:
    """Return the list of all plans, or of those for customers that the viewer looks after."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, plan_id: UUID) -> Plan:
    """Return a plan, or raise `NotVisible`."""
    return await tx.visible(GET, "account plan", plan_id, viewer=viewer, the_id=plan_id)


async def detail(tx: Questions, viewer: Viewer, plan_id: UUID) -> PlanDetail:
    """Return a plan with its measures, or raise `NotVisible`."""
    found = await get(tx, viewer, plan_id)
    return PlanDetail(found, await tx.all(MEASURES, plan_id=plan_id))


async def read(tx: Questions, plan_id: UUID) -> PlanDetail:
    """Return a plan that an action has just written."""
    return PlanDetail(await tx.one(READ, the_id=plan_id), await tx.all(MEASURES, plan_id=plan_id))


async def lock(tx: Writing, viewer: Viewer, plan_id: UUID) -> Plan:
    """Return the plan, locked until commit, or raise `NotVisible`."""
    found = await tx.first(LOCK, viewer=viewer, the_id=plan_id)
    if found is None:
        raise NotVisible("account plan", plan_id)
    return found


async def find_of_year(tx: Questions, customer_id: UUID, year: int) -> UUID | None:
    """Return the plan of a customer for a year, or None."""
    found: UUID | None = await tx.value(OF_YEAR, customer_id=customer_id, year=year)
    return found


async def write(tx: Writing, present: Plan, **changes: Any) -> None:
    """Write changed columns of a locked plan."""
    values = {name: getattr(present, name) for name in MUTABLE} | changes
    await tx.execute(UPDATE, the_id=present.id, now=tx.now, **values)


async def insert_submission(tx: Writing, plan: Plan, number: int) -> None:
    """Keep a plan as it is submitted."""
    await tx.execute(
        INSERT_SUBMISSION,
        id=new_id(),
        plan_id=plan.id,
        number=number,
        content=plan.content,
        at=tx.now,
        submitted_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )


async def insert_decision(tx: Writing, plan: Plan, decision: str, comment: str | None) -> None:
    """Keep what was decided on the submission that waits."""
    await tx.execute(
        INSERT_DECISION,
        id=new_id(),
        plan_id=plan.id,
        number=plan.submission,
        decision=decision,
        comment=comment,
        at=tx.now,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )


async def put_in_force(tx: Writing, plan: Plan) -> None:
    """Let the measures of an approved plan be those that are followed; what is done of them stays done."""
    measures = plan.said.measures
    rows: list[dict[str, object]] = [
        {
            "plan_id": plan.id,
            "id": measure.id,
            "what": measure.what,
            "due_on": measure.due_on,
            "owner_id": measure.owner_id,
            "is_in_force": True,
            "done_on": None,
            "note": None,
        }
        for measure in sorted(measures, key=lambda one: one.id)
    ]
    await tx.execute_many(KEEP_MEASURE, rows)
    await tx.execute(LEAVE_MEASURES, plan_id=plan.id, kept=[measure.id for measure in measures])


async def lock_measure(tx: Writing, plan_id: UUID, measure_id: UUID) -> KeptMeasure | None:
    """Return a measure of a plan, locked until commit, or None."""
    return await tx.first(LOCK_MEASURE, plan_id=plan_id, the_id=measure_id)


async def finish_measure(tx: Writing, plan_id: UUID, measure_id: UUID, on: date, note: str | None) -> None:
    """Keep that a measure is done."""
    await tx.execute(FINISH_MEASURE, plan_id=plan_id, the_id=measure_id, on=on, said=note)


def content_of(kept: Mapping[str, Any]) -> Content:
    """Return what is kept of a plan as plain values."""
    return Content(
        goals=tuple(kept["goals"]),
        situation=kept["situation"],
        strategy=kept["strategy"],
        currency=kept["currency"],
        measures=tuple(
            Measure(UUID(one["id"]), one["what"], date.fromisoformat(one["due_on"]), UUID(one["owner_id"]))
            for one in kept["measures"]
        ),
        targets=tuple(Target(one["period"], Decimal(one["amount"])) for one in kept["targets"]),
    )


def kept_content(content: Content) -> dict[str, Any]:
    """Return what a plan says as it is kept."""
    return {
        "goals": list(content.goals),
        "situation": content.situation,
        "strategy": content.strategy,
        "currency": content.currency,
        "measures": [
            {
                "id": str(one.id),
                "what": one.what,
                "due_on": one.due_on.isoformat(),
                "owner_id": str(one.owner_id),
            }
            for one in content.measures
        ],
        "targets": [{"period": one.period, "amount": f"{one.amount:f}"} for one in content.targets],
    }
