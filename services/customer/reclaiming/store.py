"""What is known of customers that may be neglected, and the notices about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, Text, Uuid, any_, bindparam, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.customer.activities.tables import activity
from services.customer.customers.store.identity import columns_of, group_array, is_of, of_survivor
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import assignment, customer
from services.customer.opportunity_facts.tables import opportunity_fact
from services.customer.reclaiming.rules import DEFAULT, Due, Facts, Notice, NoticeState, ReclaimRules
from services.customer.reclaiming.tables import reclaim_notice, reclaim_rules, reclaim_run

_c, _a, _f, _s = customer.c, activity.c, opportunity_fact.c, assignment.c
_r, _n = reclaim_rules.c, reclaim_notice.c
_ZONE = bindparam("zone", type_=Text())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))


@dataclass(frozen=True, slots=True)
class RulesRow:
    """A version of the rules."""

    id: int
    number: int
    from_date: date
    is_on: bool
    never_won_days: int
    after_contract_days: int
    notice_days: int
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice and what became of it."""

    id: UUID
    customer_id: UUID
    legal_name: str
    account_manager_id: UUID
    why: str
    last_day: date
    due_on: date
    rules_number: int
    state: str
    announced_at: datetime
    ended_at: datetime | None


def _day(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.timezone(_ZONE, instant), Date())


def _latest(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Any:
    return select(func.max(value)).where(*conditions).scalar_subquery()


_GROUP = group_array(_c.id)
"""The customer and all that were merged into it: what happened with any of them happened with it."""

_last_day = func.greatest(
    _latest(_a.done_on, _a.customer_id == any_(_GROUP), _a.done_on.isnot(None)),
    _latest(_day(_f.opened_at), _f.customer_id == any_(_GROUP)),
    _latest(_day(_s.at), _s.customer_id == _c.id),
    _day(_c.created_at),
    type_=Date(),
)
_contract_end = _latest(
    func.coalesce(_f.contract_until, _f.decided_on), _f.customer_id == any_(_GROUP), _f.state == "won"
)
_facts = select(
    _c.id, _c.version, _c.account_manager_id, _last_day.label("last_day"), _contract_end.label("contract_end")
).where(_c.account_manager_id.isnot(None), _c.merged_into_id.is_(None))
SOME = prepared(
    _facts.where(_c.id > bindparam("after", type_=Uuid())).order_by(_c.id).limit(bindparam("limit", type_=Integer())),
    into=Facts,
)
OF = prepared(_facts.where(_c.id == any_(_IDS)).order_by(_c.id), into=Facts)
LOCK = prepared(select(_c.id).where(_c.id == any_(_IDS)).order_by(_c.id).with_for_update())
NOTICES = prepared(
    select(_n.id, _n.customer_id, _n.account_manager_id, _n.due_on).where(
        _n.customer_id == any_(_IDS), _n.ended_at.is_(None)
    ),
    into=Notice,
)
OF_NOBODY = prepared(
    select(_n.id, _n.customer_id, _n.account_manager_id, _n.due_on)
    .join(customer, _c.id == _n.customer_id)
    .where(_n.ended_at.is_(None), or_(_c.account_manager_id.is_(None), _c.merged_into_id.isnot(None)))
    .order_by(_n.customer_id)
    .limit(bindparam("limit", type_=Integer())),
    into=Notice,
)
ADD_NOTICE = prepared(insert(reclaim_notice).on_conflict_do_nothing().returning(_n.id))
END_NOTICE = prepared(
    update(reclaim_notice)
    .where(_n.id == bindparam("the_id", type_=Uuid()), _n.ended_at.is_(None))
    .values(state=bindparam("state", type_=Text()), ended_at=bindparam("now", type_=_n.ended_at.type))
)
IN_FORCE = prepared(
    select(_r.number, _r.is_on, _r.never_won_days, _r.after_contract_days, _r.notice_days)
    .where(_r.from_date <= bindparam("on", type_=Date()))
    .order_by(_r.from_date.desc(), _r.number.desc())
    .limit(1),
    into=ReclaimRules,
)
_written = [name for name in RulesRow.__dataclass_fields__ if name not in {"id", "number"}]
ADD_RULES = prepared(
    insert(reclaim_rules).values({name: bindparam(name, type_=_r[name].type) for name in _written}).returning(_r.number)
)
RAN_ON = prepared(select(reclaim_run.c.ran_on))
_run = insert(reclaim_run).values(id=1, ran_on=bindparam("on", type_=Date()))
SET_RAN_ON = prepared(_run.on_conflict_do_update(index_elements=["id"], set_={"ran_on": _run.excluded.ran_on}))

RULES = Listing(
    select(_r.number.label("id"), _r.number, *[_r[name] for name in _written]),
    into=RulesRow,
    filters={"number": _r.number == bindparam("number", type_=Integer())},
    keys={"number": SortKey(_r.number)},
    identifier=_r.number,
    default="-number",
)
GET_RULES = prepared(
    select(_r.number.label("id"), _r.number, *[_r[name] for name in _written]).where(
        _r.number == bindparam("number", type_=Integer())
    ),
    into=RulesRow,
)

_own = [name for name in NoticeRow.__dataclass_fields__ if name != "legal_name"]
_listed = of_survivor(
    select(*columns_of(reclaim_notice, _own), _c.legal_name).select_from(reclaim_notice), _n.customer_id
)
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "state": _n.state == bindparam("state", type_=Text()),
    "customer_id": is_of(_n.customer_id, bindparam("customer_id", type_=Uuid())),
    "account_manager_id": _n.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "due_lt": _n.due_on < bindparam("due_lt", type_=Date()),
}


def _listing(*conditions: Sequence[ColumnElement[bool]]) -> Listing[NoticeRow]:
    parts = [_listed.where(*condition) for condition in conditions]
    keys = {"due_on": SortKey(_n.due_on)}
    return Listing(*parts, into=NoticeRow, filters=FILTERS, keys=keys, identifier=_n.id, default="due_on")


_ALL, _SEEN = _listing(()), _listing(*[(leg,) for leg in legs()[:2]])


def listing(viewer: Viewer) -> Listing[NoticeRow]:
    """Return all notices, or those about customers that the viewer, or somebody below them, looks after."""
    return _ALL if viewer.sees_all else _SEEN


async def rules_on(tx: Questions, on: date) -> ReclaimRules:
    """Return the rules in force on a day."""
    return await tx.first(IN_FORCE, on=on) or DEFAULT


async def add_rules(tx: Writing, values: Mapping[str, Any]) -> RulesRow:
    """Add a version of the rules."""
    number = int(await tx.value(ADD_RULES, **values))
    return await tx.one(GET_RULES, number=number)


async def some_facts(tx: Questions, after: UUID, limit: int, zone: str) -> list[Facts]:
    """Return what is known of some customers that somebody looks after, by id."""
    return await tx.all(SOME, after=after, limit=limit, zone=zone)


async def lock_facts(tx: Writing, ids: Sequence[UUID], zone: str) -> list[Facts]:
    """Return what is known of customers, locked in the order of their ids: as it is now that nobody changes them."""
    await tx.all(LOCK, ids=list(ids))
    return await tx.all(OF, ids=list(ids), zone=zone)


async def open_notices(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, Notice]:
    """Return the open notices about customers, by customer."""
    return {notice.customer_id: notice for notice in await tx.all(NOTICES, ids=list(ids))}


async def notices_of_nobody(tx: Questions, limit: int) -> list[Notice]:
    """Return open notices about customers that nobody looks after any more."""
    return await tx.all(OF_NOBODY, limit=limit)


async def announce(tx: Writing, facts: Facts, due: Due, due_on: date, rules: ReclaimRules) -> bool:
    """Add a notice; return False where one is open already."""
    values: dict[str, Any] = {
        "id": new_id(),
        "customer_id": facts.id,
        "account_manager_id": facts.account_manager_id,
        "why": due.why.value,
        "last_day": due.last_day,
        "due_on": due_on,
        "rules_number": rules.number,
        "state": NoticeState.ANNOUNCED.value,
        "announced_at": tx.now,
        "ended_at": None,
    }
    return await tx.value(ADD_NOTICE, **values) is not None


async def end_notice(tx: Writing, notice: Notice, state: NoticeState) -> bool:
    """End an open notice; return False where it has ended already."""
    return bool(await tx.execute(END_NOTICE, the_id=notice.id, state=state.value, now=tx.now))


async def ran_on(tx: Questions) -> date | None:
    """Return the day on which all customers were last looked at."""
    found: date | None = await tx.value(RAN_ON)
    return found


async def note_run(tx: Writing, on: date) -> None:
    """Keep that all customers were looked at."""
    await tx.execute(SET_RAN_ON, on=on)
