"""Questions about the whole base: each is one statement, so that its parts agree."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)

from orgchart.scope import VIEWER_ID
from orgchart.viewer import Viewer
from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Reading
from services.customer.base.rules import Asked, Counted, Grouping, Ranked
from services.customer.customers.store.identity import named, of_survivor, survivor
from services.customer.customers.store.scope import PEOPLE, legs, parts_of_viewer
from services.customer.customers.tables import customer, opportunity_team
from services.customer.opportunity_facts.tables import opportunity_fact

_c, _f = customer.c, opportunity_fact.c
KEYS: Mapping[Grouping, ColumnElement[Any]] = {
    Grouping.TIER: _c.tier,
    Grouping.COUNTRY: _c.country,
    Grouping.INDUSTRY: _c.industry,
    Grouping.ACCOUNT_MANAGER: cast(_c.account_manager_id, Text),
    Grouping.KIND: _c.kind,
}
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "kind": _c.kind == bindparam("kind", type_=Text()),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "country": _c.country == bindparam("country", type_=Text()),
    "industry": _c.industry == bindparam("industry", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
}
_START, _END = bindparam("start", type_=Date()), bindparam("end", type_=Date())
_WON = (_f.state == "won") & (_f.decided_on >= _START) & (_f.decided_on < _END)

_rates = (
    func.unnest(bindparam("currencies", type_=ARRAY(Text())), bindparam("factors", type_=ARRAY(Numeric())))
    .table_valued(column("currency", Text()), column("factor", Numeric()))
    .render_derived(name="rates")
)


class Form(StrEnum):
    """How the rows are found that a viewer's figures are of: what is quick for few people is slow for thousands."""

    EVERYTHING = "everything"
    FEW = "few"
    MANY = "many"


MOST_FEW = 40
"""Up to so many people below the viewer their rows are looked up; above, all rows are passed, and theirs kept."""


def form_of(viewer: Viewer, people: Sequence[UUID]) -> Form:
    """Return the form for a viewer, who sees what these people see."""
    if viewer.sees_all:
        return Form.EVERYTHING
    return Form.FEW if len(people) <= MOST_FEW else Form.MANY


_taken_part = parts_of_viewer(opportunity_team.c.customer_id).subquery("parts")
_taken = (
    select(survivor(named).label("customer_id"))
    .join(_taken_part, _taken_part.c.customer_id == named.c.id)
    .distinct()
    .subquery("taken")
)
_own = select(opportunity_team.c.opportunity_id).where(opportunity_team.c.person_id == VIEWER_ID)


def customers_seen(query: Select[Any], form: Form, whole: FromClause = customer) -> Select[Any]:
    """Return a query of customers as the viewer sees them, without those merged; `whole` is what it is from."""
    query = query.where(_c.merged_into_id.is_(None))
    if form is Form.MANY:
        own, entered, _ = legs()
        is_seen = or_(own, entered, _taken.c.customer_id.isnot(None))
        return query.select_from(whole.outerjoin(_taken, _taken.c.customer_id == _c.id)).where(is_seen)
    query = query.select_from(whole)
    if form is Form.EVERYTHING:
        return query
    return query.where(_c.id.in_(union(*(select(_c.id).where(leg) for leg in legs()))))


def _opportunities(query: Select[Any], names: Sequence[str], form: Form, *, converted: bool = False) -> Select[Any]:
    """Return a query of opportunities and their customers as the viewer sees them, through filters of customers.

    Who takes part in one opportunity of a customer sees the customer, and none of its other opportunities.
    """
    whole = opportunity_fact.join(named, named.c.id == _f.customer_id).join(customer, _c.id == survivor(named))
    query = query.select_from(whole.join(_rates, _rates.c.currency == _f.currency) if converted else whole)
    query = query.where(*[FILTERS[name] for name in names])
    if form is Form.EVERYTHING:
        return query
    below = any_(PEOPLE)
    if form is Form.MANY:
        return query.where(or_(_c.account_manager_id == below, _f.principal_id == below, _f.opportunity_id.in_(_own)))
    looked_after = of_survivor(select(_f.opportunity_id).select_from(opportunity_fact), _f.customer_id)
    looked_after = looked_after.where(_c.account_manager_id == below)
    taken_part = parts_of_viewer(opportunity_team.c.opportunity_id).subquery("taken_part")
    return query.where(_f.opportunity_id.in_(union(looked_after, select(taken_part.c.opportunity_id))))


@lru_cache(maxsize=256)
def _segments(by: Grouping, names: tuple[str, ...], form: Form) -> Statement[Counted]:
    key, nothing = KEYS[by].label("key"), literal_column("0", Integer())
    customers = customers_seen(
        select(
            key,
            cast(null(), Text).label("state"),
            cast(null(), Text).label("currency"),
            func.count().label("count"),
            cast(nothing, Numeric).label("amount"),
            nothing.label("unknown_amount"),
            nothing.label("simulated_count"),
        ).where(*[FILTERS[name] for name in names]),
        form,
    ).group_by(key)
    opportunities = _opportunities(
        select(
            key,
            _f.state,
            _f.currency,
            func.count().label("count"),
            func.coalesce(func.sum(_f.amount), 0).label("amount"),
            func.count().filter(_f.amount.is_(None)).label("unknown_amount"),
            func.count().filter(_f.is_simulated).label("simulated_count"),
        ).where(or_(_f.state == "open", _WON)),
        names,
        form,
    ).group_by(key, _f.state, _f.currency)
    return prepared(union_all(customers, opportunities), into=Counted)


async def count_segments(tx: Reading, viewer: Viewer, asked: Asked, by: Grouping) -> list[Counted]:
    """Return what each group of the base has: customers, what is open, what was won in the period."""
    statement = _segments(by, tuple(sorted(asked.filters)), form_of(viewer, asked.people))
    return await tx.all_planned(statement, viewer=viewer, **_binds(asked))


def _binds(asked: Asked) -> dict[str, Any]:
    period = {"start": asked.period.start, "end": asked.period.end}
    return {**asked.filters, **period, "viewer_people": list(asked.people)}


_TOP = bindparam("top", type_=Integer())


@lru_cache(maxsize=256)
def _ranking(names: tuple[str, ...], form: Form) -> Statement[Ranked]:
    """Rank customers by what was won with them; return the top, each tenth, and where 80 % are reached."""
    sums: Any = select(_c.id.label("customer_id"), func.sum(_f.amount * _rates.c.factor).label("amount")).where(_WON)
    won = _opportunities(sums.where(_f.amount.isnot(None)), names, form, converted=True)
    bought = won.group_by(_c.id).subquery("bought")
    order = (bought.c.amount.desc(), bought.c.customer_id)
    ranked = select(
        bought.c.customer_id,
        func.row_number().over(order_by=order).label("place"),
        bought.c.amount,
        func.sum(bought.c.amount).over(order_by=order, rows=(None, 0)).label("cumulated"),
        func.count().over().label("customers"),
        func.sum(bought.c.amount).over().label("total"),
        func.sum(bought.c.amount * bought.c.amount).over().label("squares"),
    ).subquery("ranked")
    r = ranked.c
    tenths = [r.place == cast(func.ceil(r.customers * literal(tenth) / 10.0), Integer) for tenth in range(1, 11)]
    four_fifths = (r.cumulated >= r.total * 0.8) & (r.cumulated - r.amount < r.total * 0.8)
    told = select(ranked, _c.legal_name, _c.tier).join(customer, _c.id == r.customer_id)
    return prepared(told.where(or_(r.place <= _TOP, *tenths, four_fifths)).order_by(r.place), into=Ranked)


async def rank_customers(
    tx: Reading, viewer: Viewer, asked: Asked, factors: Mapping[str, Decimal], top: int
) -> list[Ranked]:
    """Return the places of customers, by what was won in the period, that concentration is told from."""
    rates = {"currencies": list(factors), "factors": list(factors.values()), "top": top}
    statement = _ranking(tuple(sorted(asked.filters)), form_of(viewer, asked.people))
    return await tx.all_planned(statement, viewer=viewer, **_binds(asked), **rates)
