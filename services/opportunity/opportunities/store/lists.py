"""Lists of opportunities: the union of the legs by which a viewer sees them, each with its own index and limit.

One OR over the legs would use no index. Whoever sees more than their own gets a plan for the values at hand: a plan for
any value expects a tenth of everything and walks it, in search of the fifty rows or of the one in ten thousand.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import JSONB

from orgchart.scope import VIEWER_ID, subtree_of_viewer
from orgchart.viewer import Viewer
from servicekit.data.lists import COUNTED_TO, Slice, SortKey, Window
from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Reading
from services.opportunity.opportunities.store.rows import Opportunity, columns
from services.opportunity.opportunities.tables import NO_AMOUNT, NO_CLOSE, NO_SCORE, opportunity, sales_team_member
from services.opportunity.scopes.reach import Breadth, Reach
from services.opportunity.shapes import Shapes
from services.opportunity.vocabulary import DIMENSIONS, State

SORTS = {
    "created_at": SortKey(opportunity.c.created_at),
    "expected_close": SortKey(opportunity.c.expected_close, NO_CLOSE),
    "amount": SortKey(opportunity.c.amount, NO_AMOUNT),
    "score": SortKey(opportunity.c.score, NO_SCORE),
} | {name: SortKey(opportunity.c[name], NO_SCORE) for name in DIMENSIONS}
SORTING = (SORTS, opportunity.c.id, "-created_at")
_o = opportunity.c
_is_outdated = (_o.assessed_at < bindparam("fresh_from", type_=DateTime(timezone=True))) | (
    _o.age_known & (_o.assessed_at < _o.stage_since)
)


def _at_least(name: str) -> ColumnElement[bool]:
    """Return the condition in the form of the index by which the same is sorted."""
    column = _o[name]
    return column.isnot(None) & (
        func.coalesce(column, literal_column(str(NO_SCORE), Integer())) >= bindparam(f"{name}_gte", type_=Integer())
    )


def _is_ageing(bind: str) -> ColumnElement[bool]:
    """Return whether one stands too long in its stage; the bind holds the limit of each stage of each version."""
    limit = bindparam(bind, type_=JSONB())[func.concat(_o.funnel_version, ":", _o.stage)].astext
    too_long = _o.stage_since < cast(limit, DateTime(timezone=True))
    return (_o.state == literal_column("'open'")) & _o.age_known & func.coalesce(too_long, literal(value=False))


def _is_stalled(bind: str) -> ColumnElement[bool]:
    """Return whether nothing was done lately; where no activity is known the last change of stage or terms counts."""
    before = bindparam(bind, type_=JSONB())
    idle = _o.last_activity_on < cast(before["day"].astext, Date())
    unchanged = func.greatest(_o.stage_since, _o.terms_since) < cast(before["instant"].astext, DateTime(timezone=True))
    return (_o.state == literal_column("'open'")) & func.coalesce(idle, unchanged)


FILTERS = {
    "stage": _o.stage == any_(bindparam("stage", type_=ARRAY(Text()))),
    "is_open": _o.state == literal_column("'open'"),
    "state": _o.state == any_(bindparam("state", type_=ARRAY(Text()))),
    "principal_id": _o.principal_id == bindparam("principal_id", type_=Uuid()),
    "customer_id": _o.customer_id == any_(bindparam("customer_id", type_=ARRAY(Uuid()))),
    "product_line_id": _o.product_ids.overlap(bindparam("product_line_id", type_=ARRAY(Uuid()))),
    "amount_gte": _o.amount >= bindparam("amount_gte", type_=Numeric()),
    "amount_lte": _o.amount <= bindparam("amount_lte", type_=Numeric()),
    "expected_close_gte": _o.expected_close >= bindparam("expected_close_gte", type_=Date()),
    "expected_close_lt": _o.expected_close < bindparam("expected_close_lt", type_=Date()),
    "currency": _o.currency == bindparam("currency", type_=Text()),
    "origin": _o.origin == bindparam("origin", type_=Text()),
    "external_system": _o.external_system == bindparam("external_system", type_=Text()),
    "external_id": _o.external_id == bindparam("external_id", type_=Text()),
    "without_customer": _o.customer_id.is_(None) == bindparam("without_customer"),
    "search": _o.search_name.like(bindparam("search", type_=Text())),
    "score_gte": _o.score >= bindparam("score_gte", type_=Integer()),
    "score_lte": _o.score <= bindparam("score_lte", type_=Integer()),
    "assessed_value": _o.assessed_value == any_(bindparam("assessed_value", type_=ARRAY(Text()))),
    "is_assessed": _o.score.isnot(None),
    "is_not_assessed": _o.score.is_(None),
    "ageing": _is_ageing("ageing"),
    "not_ageing": not_(_is_ageing("not_ageing")),
    "stalled": _is_stalled("stalled"),
    "not_stalled": not_(_is_stalled("not_stalled")),
    "outdated": _is_outdated == bindparam("outdated"),
    **{f"{name}_gte": _at_least(name) for name in DIMENSIONS},
}
_lists: Shapes[Opportunity] = Shapes()
_counts: Shapes[Any] = Shapes()
_PEOPLE = bindparam("viewer_people", type_=ARRAY(Uuid()))
Names = frozenset[str]


def _conditions(filters: Names) -> list[Any]:
    return [FILTERS[name] for name in sorted(filters)]


def _ids(filters: Names, window: Window | None) -> Select[Any]:
    """Return the query of ids under the filters, of the window's part in its order, or of what is counted."""
    query = select(_o.id).where(*_conditions(filters))
    if window is None:
        return query.limit(COUNTED_TO + 1)
    if window.is_continued:
        query = query.where(window.order.after())
    return query.order_by(*window.order.by()).limit(bindparam("limit"))


def _each(owner: Any, filters: Names, window: Window | None) -> Select[Any]:
    """Return the leg that asks the index of each person in the viewer's subtree."""
    people = subtree_of_viewer().subquery("people")
    query = _ids(filters, window).where(owner == people.c.id)
    if window is None:
        theirs = query.lateral("theirs")
        return select(theirs.c.id).select_from(people.join(theirs, true()))
    keys = [key.element.label(f"key_{place}") for place, key in enumerate(window.order.by())]
    theirs = query.add_columns(*keys).lateral("theirs")
    order = [theirs.c[key.name].desc() if window.order.descending else theirs.c[key.name] for key in keys]
    return select(theirs.c.id).select_from(people.join(theirs, true())).order_by(*order).limit(bindparam("limit"))


def _together(owner: Any, filters: Names, window: Window | None) -> Select[Any]:
    """Return the leg that walks one order and looks who is among the many people seen."""
    return _ids(filters, window).where(owner == any_(_PEOPLE))


def _hashed(owner: Any, filters: Names, window: Window | None) -> Select[Any]:
    """Return the leg that walks one order and looks in a table made of the multitude seen.

    As an array the planner would look up each of them in its statistics (7 ms for 2,000), and as a join it would ask
    the index of each; IS TRUE keeps it from seeing a join.
    """
    return _ids(filters, window).where(owner.in_(select(func.unnest(_PEOPLE))).is_(true()))


def _without(owner: Any, filters: Names, window: Window | None) -> Select[Any]:
    """Return the leg that walks one order and leaves out the few people not seen."""
    return _ids(filters, window).where(owner != all_(_PEOPLE))


def _team(filters: Names, window: Window | None) -> Select[Any]:
    """Return the leg of the sales teams in which the viewer takes part now."""
    member = sales_team_member.c
    return (
        _ids(filters, window)
        .join_from(opportunity, sales_team_member, member.opportunity_id == _o.id)
        .where(member.person_id == VIEWER_ID, member.until_at.is_(None))
    )


_LEG_BY_BREADTH = {
    Breadth.FEW: _each,
    Breadth.MANY: _together,
    Breadth.MULTITUDE: _hashed,
    Breadth.MOST: _without,
}


def _legs(breadth: Breadth, filters: Names, window: Window | None) -> FromClause:
    leg = _LEG_BY_BREADTH[breadth]
    legs = [
        leg(_o.principal_id, filters, window),
        leg(_o.account_manager_id, filters, window),
        _team(filters, window),
    ]
    return union(*(select(part.subquery().c.id) for part in legs)).subquery("seen")


def _listed(breadth: Breadth, filters: Names, window: Window) -> Statement[Opportunity]:
    query = columns()
    if breadth is Breadth.EVERYTHING:
        query = query.where(*_conditions(filters))
        if window.is_continued:
            query = query.where(window.order.after())
    else:
        seen = _legs(breadth, filters, window)
        query = query.join(seen, seen.c.id == _o.id)
    return prepared(query.order_by(*window.order.by()).limit(bindparam("limit")), into=Opportunity)


def _counted(breadth: Breadth, filters: Names) -> Statement[Any]:
    if breadth is Breadth.EVERYTHING:
        seen: FromClause = _ids(filters, None).subquery()
    else:
        seen = select(_legs(breadth, filters, None).c.id).limit(COUNTED_TO + 1).subquery()
    return prepared(select(func.count(literal_column("1"))).select_from(seen))


async def list_opportunities(
    tx: Reading, viewer: Viewer, reach: Reach, window: Window, filters: Mapping[str, Any], *, fresh_from: datetime
) -> Slice[Opportunity]:
    """Return a page of the opportunities that the viewer may see; assessed before `fresh_from` is outdated."""
    filters = _with_literals(filters)
    names = frozenset(filters)
    statement = _lists.statement((reach.breadth, names, window.shape), lambda: _listed(reach.breadth, names, window))
    binds: dict[str, Any] = {**viewer.binds, **filters, **window.binds}
    binds |= {"viewer_people": reach.people, "fresh_from": fresh_from}
    ask = tx.all if len(reach.people) == 1 else tx.all_planned
    rows = await ask(statement, viewer=None, **binds)
    total = None
    if window.with_total:
        counting = _counts.statement((reach.breadth, names), lambda: _counted(reach.breadth, names))
        total = await tx.value(counting, viewer=None, **binds)
    return window.slice(rows, total)


def _with_literals(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Say "open" and "not assessed" as literals: that is how the planner knows which index will do."""
    found = dict(filters)
    if list(found.get("state", ())) == [State.OPEN]:
        found = {name: value for name, value in found.items() if name != "state"} | {"is_open": True}
    if "without_assessment" in found:
        found["is_not_assessed" if found.pop("without_assessment") else "is_assessed"] = True
    return found
