"""How the plans of a year stand, customer by customer: also of customers that have none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.money import Money
from services.customer.account_plans.rules import MISSING, UNFINISHED, Target, target_of
from services.customer.account_plans.tables import (
    account_plan,
    account_plan_measure,
    account_plan_submission,
    account_plan_year,
)
from services.customer.activities.tables import activity
from services.customer.customers.store.identity import named, survivor
from services.customer.customers.store.scope import PEOPLE
from services.customer.customers.tables import customer
from services.customer.opportunity_facts.tables import opportunity_fact

_c, _p, _m, _y = customer.c, account_plan.c, account_plan_measure.c, account_plan_year.c
_s, _f, _a = account_plan_submission.c, opportunity_fact.c, activity.c
_YEAR = bindparam("year", type_=Integer())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_FROM, _UNTIL = bindparam("from_date", type_=Date()), bindparam("until_date", type_=Date())
_TODAY = bindparam("today", type_=Date())


@dataclass(frozen=True, slots=True)
class PlanYear:
    """By when the plans of a year are due, and of customers of which tiers."""

    id: UUID
    year: int
    due_on: date
    tiers: list[str]
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer and its plan, if it has one; `name` is what the list is sorted by."""

    id: UUID
    name: str
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    plan_id: UUID | None
    state: str
    submission: int | None
    in_force: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How a plan in force is carried out, beside what it aims at."""

    target: Money | None = None
    won: Sequence[Money] = ()
    measures: int = 0
    measures_done: int = 0
    measures_overdue: int = 0
    activities_done: int = 0
    activities_overdue: int = 0


_state = func.coalesce(_p.state, literal_column(f"'{MISSING}'", Text()))
_other, _other_named = account_plan.alias("other"), customer.alias("other_named")
_first = ~(
    select(_other.c.id)
    .join(_other_named, _other_named.c.id == _other.c.customer_id)
    .where(
        _other.c.year == _p.year,
        survivor(_other_named) == survivor(named),
        tuple_(_other_named.c.merged_into_id.isnot(None), _other.c.id)
        < tuple_(named.c.merged_into_id.isnot(None), _p.id),
    )
    .exists()
)
"""Of two plans of one year, whose customers were merged, the survivor's own stands."""

_planned = account_plan.join(named, named.c.id == _p.customer_id)
_joined = and_(survivor(named) == _c.id, _p.year == _YEAR, or_(named.c.id == _c.id, _first))
_ought = or_(and_(_c.kind == "customer", _c.tier == any_(bindparam("tiers", type_=ARRAY(Text())))), _p.id.isnot(None))
_standings = (
    select(
        *(_c.id, _c.name_key.label("name"), _c.legal_name, _c.tier, _c.account_manager_id, _p.id.label("plan_id")),
        *(_state.label("state"), _p.submission, _p.in_force),
    )
    .select_from(customer.outerjoin(_planned, _joined))
    .where(_ought, _c.merged_into_id.is_(None))
)
_unfinished = or_(*[_state == literal_column(f"'{state}'", Text()) for state in sorted(UNFINISHED)])
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "state": _state == bindparam("state", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "unfinished": _unfinished,
    "finished": not_(_unfinished),
    "never": false(),
}
_OWN = (
    _c.account_manager_id == any_(PEOPLE),
    and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE)),
)


def _listing(*conditions: ColumnElement[bool]) -> Listing[Standing]:
    return Listing(
        *[_standings.where(condition) for condition in conditions],
        into=Standing,
        filters=FILTERS,
        keys={"name": SortKey(_c.name_key)},
        identifier=_c.id,
        default="name",
    )


_ALL, _SEEN = _listing(true()), _listing(*_OWN)


def listing(viewer: Viewer) -> Listing[Standing]:
    """Return how all plans stand, or those for customers that the viewer looks after."""
    return _ALL if viewer.sees_all else _SEEN


def _counting(*conditions: ColumnElement[bool]) -> Select[Any, Any]:
    return _standings.where(or_(*conditions)).with_only_columns(_state, func.count()).group_by(_state)


COUNT_ALL, COUNT_SEEN = prepared(_counting(true())), prepared(_counting(*_OWN))
YEAR = prepared(
    select(*(_y[name] for name in PlanYear.__dataclass_fields__))
    .where(_y.year == _YEAR)
    .order_by(_y.id.desc())
    .limit(1),
    into=PlanYear,
)
YEARS = Listing(
    select(*(_y[name] for name in PlanYear.__dataclass_fields__)),
    into=PlanYear,
    filters={"year": _y.year == _YEAR},
    keys={"at": SortKey(_y.at)},
    identifier=_y.id,
    default="-at",
)
INSERT_YEAR = prepared(insert(account_plan_year))
IN_FORCE = prepared(
    select(_p.id, _s.content)
    .join(account_plan_submission, and_(_s.plan_id == _p.id, _s.number == _p.in_force))
    .where(_p.id == any_(_IDS))
)
MEASURES = prepared(
    select(
        _m.plan_id,
        func.count(),
        func.count().filter(_m.done_on.isnot(None)),
        func.count().filter(and_(_m.done_on.is_(None), _m.due_on < _TODAY)),
    )
    .where(_m.plan_id == any_(_IDS), _m.is_in_force)
    .group_by(_m.plan_id)
)
WON = prepared(
    select(survivor(named), _f.currency, func.sum(_f.amount))
    .select_from(opportunity_fact.join(named, named.c.id == _f.customer_id))
    .where(
        survivor(named) == any_(_IDS),
        _f.state == "won",
        _f.decided_on >= _FROM,
        _f.decided_on < _UNTIL,
        _f.amount.isnot(None),
    )
    .group_by(survivor(named), _f.currency)
    .order_by(survivor(named), _f.currency)
)
_open = and_(_a.done_on.is_(None), _a.cancelled_on.is_(None))
ACTIVITIES = prepared(
    select(
        survivor(named),
        func.count().filter(_a.done_on.isnot(None)),
        func.count().filter(and_(_open, _a.planned_on < _TODAY)),
    )
    .select_from(activity.join(named, named.c.id == _a.customer_id))
    .where(survivor(named) == any_(_IDS), _a.day >= _FROM, _a.day < _UNTIL)
    .group_by(survivor(named))
)


async def year_of(tx: Questions, year: int) -> PlanYear | None:
    """Return what was said last of a year, or None."""
    return await tx.first(YEAR, year=year)


async def append_year(tx: Writing, year: int, due_on: date, tiers: Sequence[str]) -> None:
    """Keep by when the plans of a year are due."""
    await tx.execute(
        INSERT_YEAR,
        id=new_id(),
        year=year,
        due_on=due_on,
        tiers=list(tiers),
        at=tx.now,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )


async def counts(
    tx: Questions, viewer: Viewer, people: Sequence[UUID], year: int, tiers: Sequence[str]
) -> dict[str, int]:
    """Return how many plans stand in each state, missing ones included."""
    statement = COUNT_ALL if viewer.sees_all else COUNT_SEEN
    rows = await tx.all(statement, viewer=viewer, viewer_people=list(people), year=year, tiers=list(tiers))
    return {row[0]: row[1] for row in rows}


async def figures_of(tx: Questions, listed: Sequence[Standing], year: int, today: date) -> dict[UUID, Figures]:
    """Return how plans are carried out, by customer; each question is asked once for all of them."""
    if not listed:
        return {}
    ids, plan_ids = [one.id for one in listed], [one.plan_id for one in listed if one.plan_id]
    period: dict[str, Any] = {"from_date": date(year, 1, 1), "until_date": date(year + 1, 1, 1)}
    measures = {row[0]: row for row in await tx.all(MEASURES, ids=plan_ids, today=today)}
    activities = {row[0]: row for row in await tx.all(ACTIVITIES, ids=ids, today=today, **period)}
    contents = {row[0]: row[1] for row in await tx.all(IN_FORCE, ids=plan_ids)}
    won: dict[UUID, list[Money]] = {}
    for customer_id, currency, amount in await tx.all(WON, ids=ids, **period):
        won.setdefault(customer_id, []).append(Money(amount, currency))
    return {
        one.id: Figures(
            _target(year, contents.get(one.plan_id)),
            won.get(one.id, ()),
            *(measures[one.plan_id][1:] if one.plan_id in measures else (0, 0, 0)),
            *(activities[one.id][1:] if one.id in activities else (0, 0)),
        )
        for one in listed
    }


def _target(year: int, content: Mapping[str, Any] | None) -> Money | None:
    if content is None:
        return None
    amount = target_of(year, [Target(one["period"], Decimal(one["amount"])) for one in content["targets"]])
    return None if amount is None else Money(amount, content["currency"])
