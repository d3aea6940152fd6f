"""Paged lists: an order that every page continues by one row comparison, so page 1,000 costs what page 1 costs.

A nullable key sorts its nulls last in both directions, by a flag in front of it; it needs an index on the
same expressions: `(key IS NULL), coalesce(key, filler), id`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    union,
)
from sqlalchemy.types import TypeEngine

from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import BindsViewer, Questions
from servicekit.values.errors import Malformed

T = TypeVar("T")

MOST_ITEMS = 500
COUNTED_TO = 10_000
REMEMBERED_SHAPES = 500

READERS: Mapping[type, Callable[[str], Any]] = {
    str: str,
    int: int,
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
}


class SortUnknown(Malformed):
    """The list cannot be sorted by that."""

    code = "sort_unknown"


@dataclass(frozen=True)
class SortKey:
    """A column (or expression) that a list can be sorted by; `filler` stands for null where it may be null."""

    column: ColumnElement[Any]
    filler: Any = None

    @property
    def nullable(self) -> bool:
        """Whether nulls sort last by a flag."""
        return self.filler is not None

    @property
    def type(self) -> TypeEngine[Any]:
        """The SQL type."""
        return self.column.type

    def read(self, text: str) -> Any:
        """Return the value that a cursor holds as text."""
        return READERS[self.type.python_type](text)


@dataclass(frozen=True)
class Order:
    """A sort key, its direction, and the id that breaks ties in the same direction."""

    name: str
    key: SortKey
    identifier: ColumnElement[Any]
    descending: bool

    def _parts(self) -> list[ColumnElement[Any]]:
        if not self.key.nullable:
            return [self.key.column, self.identifier]
        column = self.key.column
        flag = column.isnot(None) if self.descending else column.is_(None)
        return [flag, func.coalesce(column, _literal(self.key.filler, self.key.type)), self.identifier]

    def by(self) -> list[ColumnElement[Any]]:
        """Return what to ORDER BY."""
        return [part.desc() if self.descending else part.asc() for part in self._parts()]

    def after(self) -> ColumnElement[bool]:
        """Return the condition that continues after the binds `after_value` and `after_id` (and `after_flag`)."""
        binds: list[ColumnElement[Any]] = [
            bindparam("after_value", type_=self.key.type),
            bindparam("after_id", type_=self.identifier.type),
        ]
        if self.key.nullable:
            binds.insert(0, bindparam("after_flag", type_=Boolean()))
        mine, theirs = tuple_(*self._parts()), tuple_(*binds)
        return mine < theirs if self.descending else mine > theirs


def order_of(sort: str | None, keys: Mapping[str, SortKey], identifier: ColumnElement[Any], default: str) -> Order:
    """Return the order that `sort` names: a key, with `-` in front for the largest first.

    Raises:
        SortUnknown: there is no such key.
    """
    wanted = sort or default
    name = wanted.removeprefix("-")
    if name not in keys:
        raise SortUnknown(
            f"sort takes one of {', '.join(sorted(keys))}, with - in front to reverse.", field="query:sort"
        )
    return Order(name, keys[name], identifier, wanted.startswith("-"))


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for: its order, where it continues, how many."""

    order: Order
    limit: int
    continues_at: Sequence[str | None] | None = None
    with_total: bool = False

    @property
    def is_continued(self) -> bool:
        """Whether it continues after an earlier page."""
        return self.continues_at is not None

    @property
    def shape(self) -> tuple[str, bool, bool]:
        """What tells one compiled statement from another."""
        return (self.order.name, self.order.descending, self.is_continued)

    @property
    def binds(self) -> dict[str, Any]:
        """The binds of `limit` (one more than asked, to see whether there is more) and of where it continues."""
        binds: dict[str, Any] = {"limit": self.limit + 1}
        if self.continues_at is not None:
            value, identifier = self.continues_at
            key = self.order.key
            binds["after_id"] = READERS[self.order.identifier.type.python_type](str(identifier))
            binds["after_value"] = key.filler if value is None else key.read(value)
            binds["after_flag"] = (value is None) != self.order.descending
        return binds

    def slice(self, rows: Sequence[T], total: int | None = None) -> "Slice[T]":
        """Return the page's rows and where the next one continues; rows have `id` and the sort key's name."""
        items = list(rows[: self.limit])
        more = len(rows) > self.limit
        position = None
        if more:
            last: Any = items[-1]
            value = getattr(last, self.order.name)
            position = (None if value is None else _text(value), str(last.id))
        return Slice(items, position, total)


@dataclass(frozen=True)
class Slice(Generic[T]):
    """A page of rows, and the position of the last one if there is more."""

    items: list[T]
    position: tuple[str | None, str] | None
    total: int | None = None


class Listing(Generic[T]):
    """What a list selects, filters and sorts by: one compiled statement per shape, at most so many remembered.

    `legs` are the queries whose union the list is: one per reason to see a row, each ordered and limited by itself
    (an OR across reasons uses no index). `filters` are conditions with a bind of their own name; `keys` are what
    it can be sorted by. Every leg selects the sort keys and `id` under their names.
    """

    def __init__(
        self,
        *legs: Select[*tuple[Any, ...]],
        into: type[T],
        filters: Mapping[str, ColumnElement[bool]],
        keys: Mapping[str, SortKey],
        identifier: ColumnElement[Any],
        default: str,
    ) -> None:
        self.sorting = (keys, identifier, default)
        self.filters = filters
        self._legs = legs
        self._into = into
        self._pages: dict[Any, Statement[T]] = {}
        self._totals: dict[Any, Statement[Any]] = {}

    async def page(
        self,
        tx: Questions,
        window: Window,
        given: Mapping[str, object],
        *,
        viewer: BindsViewer | None = None,
        **binds: object,
    ) -> Slice[T]:
        """Return the rows of a window through the filters that are given, and how many there are if asked for.

        `binds` are what the legs themselves need.
        """
        names = tuple(sorted(given))
        statement = _remembered(self._pages, (names, window.shape), lambda: self._page(names, window))
        rows = await tx.all(statement, viewer=viewer, **window.binds, **given, **binds)
        total = None
        if window.with_total:
            counting = _remembered(self._totals, names, lambda: self._total(names))
            total = await tx.value(counting, viewer=viewer, **given, **binds)
        return window.slice(rows, total)

    def _filtered(self, names: Sequence[str]) -> list[Select[*tuple[Any, ...]]]:
        return [leg.where(*[self.filters[name] for name in names]) for leg in self._legs]

    def _page(self, names: Sequence[str], window: Window) -> Statement[T]:
        order, limit = window.order, bindparam("limit", type_=Integer())
        after = [order.after()] if window.is_continued else []
        legs = [leg.where(*after).order_by(*order.by()).limit(limit) for leg in self._filtered(names)]
        if len(legs) == 1:
            return prepared(legs[0], into=self._into)
        whole = union(*legs).subquery("whole")
        outer = Order(order.name, SortKey(whole.c[order.name], order.key.filler), whole.c.id, order.descending)
        return prepared(select(whole).order_by(*outer.by()).limit(limit), into=self._into)

    def _total(self, names: Sequence[str]) -> Statement[Any]:
        legs = [leg.with_only_columns(self.sorting[1]).limit(COUNTED_TO + 1) for leg in self._filtered(names)]
        some = legs[0].subquery("some") if len(legs) == 1 else union(*legs).subquery("some")
        return prepared(select(func.count()).select_from(some))


def _remembered(statements: dict[Any, Statement[Any]], shape: Any, compiled: Callable[[], Statement[Any]]) -> Any:
    found = statements.get(shape)
    if found is None:
        if len(statements) >= REMEMBERED_SHAPES:
            statements.clear()
        found = statements[shape] = compiled()
    return found


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _literal(filler: Any, sql_type: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a constant that an index on the same expression is found by (a bind would hide it)."""
    text = str(filler).replace("'", "''")
    return cast(literal_column(f"'{text}'"), sql_type)
