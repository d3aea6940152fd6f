"""The list of customers: a leg for each way in which the viewer may see a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.sql.elements import Grouping

from orgchart.viewer import Viewer
from servicekit.data.lists import COUNTED_TO, Order, Slice, SortKey, Window
from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Reading
from services.customer.customers.rules.describing import search_query
from services.customer.customers.store import identity
from services.customer.customers.store.records import ROW_COLUMNS, CustomerRow
from services.customer.customers.store.scope import PEOPLE, legs
from services.customer.customers.tables import customer
from services.customer.matching.rules.places import normalise_city, normalise_country

Shape = tuple[str, bool, bool]
"""Sort key, whether descending, whether continued."""

_c = customer.c
_LIMIT = bindparam("limit", type_=Integer())
_SEARCH = bindparam("search", type_=Text())
"""The query folded, its Chinese characters apart (`search_query`)."""

_BEFORE, _AFTER = literal_column("'% '", Text()), literal_column("'%'", Text())
_RELEVANCE = cast(func.word_similarity(_SEARCH, _c.search_text) * 1000, Integer)
_NO_RELEVANCE = literal_column("0", Integer())

SORTS: Mapping[str, SortKey] = {"name": SortKey(_c.name_key), "created_at": SortKey(_c.created_at)}
SORTS_OF_SEARCH: Mapping[str, SortKey] = {**SORTS, "relevance": SortKey(_RELEVANCE)}
"""Relevance is how much of the query is found in names and identifiers, from 0 to 1000."""

_SYSTEM, _EXTERNAL_ID = bindparam("external_system", type_=Text()), bindparam("external_id", type_=Text())
_REFERENCE: Any = Grouping(bindparam("external_reference", type_=ARRAY(Text())))
"""System and id: together they are one company's."""

_referred_to = customer.alias("referred_to")
_r = _referred_to.c


def _referred(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return whom those stand for that another system knows by an id."""
    return select(identity.survivor(_referred_to)).where(*conditions).correlate_except(_referred_to).scalar_subquery()


FILTERS: Mapping[str, ColumnElement[bool]] = {
    "kind": _c.kind == bindparam("kind", type_=Text()),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "country": _c.country == bindparam("country", type_=Text()),
    "city": _c.city_key == bindparam("city", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "unassigned": _c.account_manager_id.is_(None),
    "assigned": _c.account_manager_id.isnot(None),
    "parent_id": identity.is_of(_c.parent_id, bindparam("parent_id", type_=Uuid())),
    "external_system": _c.external_system == _SYSTEM,
    "external_id": _c.id == any_(func.array(_referred(_r.external_id == _EXTERNAL_ID), type_=ARRAY(Uuid()))),
    "external_reference": _c.id
    == any_(
        func.array(_referred(_r.external_system == _REFERENCE[1], _r.external_id == _REFERENCE[2]), type_=ARRAY(Uuid()))
    ),
    "search": or_(
        _c.search_text.like(_BEFORE + _SEARCH + _AFTER),
        _c.search_text.like(_BEFORE + func.replace(_SEARCH, " ", "") + _AFTER),
        _SEARCH.op("<%", is_comparison=True)(_c.search_text),
    ),
}


@dataclass(frozen=True, slots=True)
class ListedCustomer(CustomerRow):
    """A customer in a list; `name` and `relevance` are what it can be sorted by."""

    name: str
    relevance: int


FEW = 40
"""Up to so many people a list asks each one's index; above, it walks one index and looks who is among them."""


def sorting(*, is_search: bool) -> tuple[Mapping[str, SortKey], ColumnElement[Any], str]:
    """Return what the list can be sorted by, what breaks ties, and how it is sorted unless asked otherwise."""
    return (SORTS_OF_SEARCH, _c.id, "-relevance") if is_search else (SORTS, _c.id, "name")


async def list_customers(
    tx: Reading, viewer: Viewer, people: Sequence[UUID], given: Mapping[str, Any], window: Window
) -> Slice[ListedCustomer]:
    """Return a page of the customers that the viewer sees, through the `FILTERS` that are given.

    `people` are the viewer and everybody below them. Where one value of a filter may be rare and another not, the plan
    is made for the values at hand: a plan for any value walks the whole order in search of one row in ten thousand.
    """
    is_few = not viewer.sees_all and len(people) <= FEW and "search" not in given
    form = "everything" if viewer.sees_all else "few" if is_few else "many"
    names, binds = tuple(sorted(given)), {**given, **window.binds, "viewer_people": list(people)}
    statement = _page(form, names, window.shape)
    is_planned = form == "many" or (form == "everything" and bool(names))
    ask = tx.all_planned if is_planned else tx.all
    rows = await ask(statement, viewer=viewer, **binds)
    total = await tx.value(_count(form, names), viewer=viewer, **binds) if window.with_total else None
    return window.slice(rows, total)


@lru_cache(maxsize=512)
def _page(form: str, filters: tuple[str, ...], shape: Shape) -> Statement[ListedCustomer]:
    order = _order(shape)
    relevance: ColumnElement[int] = _RELEVANCE if "search" in filters else _NO_RELEVANCE
    listed: Select[Any] = select(*ROW_COLUMNS, _c.name_key.label("name"), relevance.label("relevance"))
    if form == "everything":
        listed = _part(listed, filters, shape)
    else:
        seen = _seen(form, filters, shape)
        listed = listed.join(seen, seen.c.id == _c.id).order_by(*order.by()).limit(_LIMIT)
    return prepared(listed, into=ListedCustomer)


@lru_cache(maxsize=256)
def _count(form: str, filters: tuple[str, ...]) -> Statement[Any]:
    found = _part(select(_c.id), filters, None).subquery() if form == "everything" else _seen(form, filters, None)
    return prepared(select(func.count()).select_from(select(found.c.id).limit(COUNTED_TO + 1).subquery()))


def _order(shape: Shape) -> Order:
    sort, descending, _ = shape
    return Order(sort, SORTS_OF_SEARCH[sort], _c.id, descending)


def _part(query: Select[Any], filters: tuple[str, ...], shape: Shape | None) -> Select[Any]:
    """Return the query under the filters: the window's part in its order, or without a shape what is counted.

    Whoever was merged is not listed: the survivor is, once.
    """
    query = query.where(_c.merged_into_id.is_(None), *[FILTERS[name] for name in filters])
    if shape is None:
        return query.limit(COUNTED_TO + 1)
    order = _order(shape)
    if shape[2]:
        query = query.where(order.after())
    return query.order_by(*order.by()).limit(_LIMIT)


def _seen(form: str, filters: tuple[str, ...], shape: Shape | None) -> FromClause:
    """Return the ids of what each leg sees, each ordered and limited by itself."""
    own, entered, part = legs()
    if form == "few":
        parts = [
            _of_each(_c.account_manager_id, filters, shape),
            _of_each(_c.created_by, filters, shape, _c.account_manager_id.is_(None)),
            _part(select(_c.id).where(part), filters, shape),
        ]
    else:
        parts = [_part(select(_c.id).where(leg), filters, shape) for leg in (own, entered, part)]
    return union(*[select(query.subquery().c.id) for query in parts]).subquery("seen")


def _of_each(
    owner: ColumnElement[Any], filters: tuple[str, ...], shape: Shape | None, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Return the leg that asks the index of each person below the viewer."""
    people = func.unnest(PEOPLE).table_valued("id").render_derived("people")
    theirs = _part(select(_c.id).where(owner == people.c.id, *conditions), filters, shape).lateral("theirs")
    return select(theirs.c.id).select_from(people.join(theirs, true()))


def filters_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `FILTERS` that a query names, with what they compare with."""
    given = dict(sent)
    unassigned = given.pop("unassigned", None)
    if unassigned is not None:
        given["unassigned" if unassigned else "assigned"] = True
    if "city" in given:
        given["city"] = normalise_city(given["city"])
    if "country" in given:
        given["country"] = normalise_country(given["country"], "query:country")
    if {"external_system", "external_id"} <= given.keys():
        given["external_reference"] = [given.pop("external_system"), given.pop("external_id")]
    if "search" in given:
        given["search"] = search_query(given["search"])
    return given
