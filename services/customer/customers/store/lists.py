"""The list of customers: a leg for each way in which the viewer may see a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.transactions import Questions
from services.customer.customers.rules.describing import search_query
from services.customer.customers.store.records import ROW_COLUMNS, CustomerRow
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import customer
from services.customer.matching.rules.places import normalise_city, normalise_country

_c = customer.c
_SEARCH = bindparam("search", type_=Text())
"""The query folded, its Chinese characters apart (`search_query`)."""

_BEFORE, _AFTER = literal_column("'% '", Text()), literal_column("'%'", Text())
_RELEVANCE = cast(func.word_similarity(_SEARCH, _c.search_text) * 1000, Integer)
_NO_RELEVANCE = literal_column("0", Integer())

SORTS: Mapping[str, SortKey] = {"name": SortKey(_c.name_key), "created_at": SortKey(_c.created_at)}
SORTS_OF_SEARCH: Mapping[str, SortKey] = {**SORTS, "relevance": SortKey(_RELEVANCE)}
"""Relevance is how much of the query is found in names and identifiers, from 0 to 1000."""

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "kind": _c.kind == bindparam("kind", type_=Text()),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "country": _c.country == bindparam("country", type_=Text()),
    "city": _c.city_key == bindparam("city", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "unassigned": _c.account_manager_id.is_(None),
    "assigned": _c.account_manager_id.isnot(None),
    "parent_id": _c.parent_id == bindparam("parent_id", type_=Uuid()),
    "external_system": _c.external_system == bindparam("external_system", type_=Text()),
    "external_id": _c.external_id == bindparam("external_id", type_=Text()),
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


def _listing(conditions: list[ColumnElement[bool]], *, is_search: bool) -> Listing[ListedCustomer]:
    relevance: ColumnElement[int] = _RELEVANCE if is_search else _NO_RELEVANCE
    columns: Select[Any] = select(*ROW_COLUMNS, _c.name_key.label("name"), relevance.label("relevance"))
    return Listing(
        *[columns.where(condition) for condition in conditions],
        into=ListedCustomer,
        filters=FILTERS,
        keys=SORTS_OF_SEARCH if is_search else SORTS,
        identifier=_c.id,
        default="-relevance" if is_search else "name",
    )


_LISTINGS = {
    (sees_all, is_search): _listing([true()] if sees_all else legs(), is_search=is_search)
    for sees_all in (False, True)
    for is_search in (False, True)
}


def listing(viewer: Viewer, *, is_search: bool) -> Listing[ListedCustomer]:
    """Return the list of all customers, or of those that the viewer sees."""
    return _LISTINGS[viewer.sees_all, is_search]


async def list_customers(
    tx: Questions, viewer: Viewer, given: Mapping[str, object], window: Window
) -> Slice[ListedCustomer]:
    """Return a page of the customers that the viewer sees, through the `FILTERS` that are given."""
    return await listing(viewer, is_search="search" in given).page(tx, window, given, viewer=viewer)


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
    if "search" in given:
        given["search"] = search_query(given["search"])
    return given
