"""Statements: SQLAlchemy Core writes the SQL once, asyncpg runs it many times."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar, overload

from sqlalchemy.dialects.postgresql import asyncpg as dialect_module
from sqlalchemy.sql import ClauseElement

T = TypeVar("T")
Row = Any
"""An asyncpg record: a value per column, by position and by name."""

DIALECT = dialect_module.dialect()  # type: ignore[no-untyped-call]


@dataclasses.dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """Compiled SQL with the names of its binds in order; `make` turns a row into a value."""

    sql: str
    names: tuple[str, ...]
    defaults: Mapping[str, object]
    make: Callable[[Row], T]

    def arguments(self, binds: Mapping[str, object]) -> list[object]:
        """Return the values in the order of the placeholders; a missing one is a KeyError."""
        return [binds[name] if name in binds else self.defaults[name] for name in self.names]


@overload
def prepared(statement: ClauseElement) -> Statement[Row]: ...
@overload
def prepared(statement: ClauseElement, into: type[T]) -> Statement[T]: ...
def prepared(statement: ClauseElement, into: type[Any] | None = None) -> Statement[Any]:
    """Compile a statement; its rows become `into`, a dataclass with a field per column.

    Raises:
        TypeError: the columns of the statement are not the fields of the dataclass.
    """
    compiled: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    defaults = {name: value for name, value in compiled.params.items() if not _is_open(compiled, name)}
    columns = [entry.keyname for entry in compiled._result_columns]  # noqa: SLF001 (no public name for it)
    make = _maker(into, columns) if into is not None else _as_it_is
    return Statement(str(compiled.string), tuple(compiled.positiontup or ()), defaults, make)


def _is_open(compiled: Any, name: str) -> bool:
    bind = compiled.binds.get(name)
    return bind is not None and bool(bind.required)


def _as_it_is(row: Row) -> Row:
    return row


def _maker(into: Any, columns: Sequence[str]) -> Callable[[Row], Any]:
    fields = [field.name for field in dataclasses.fields(into)]
    if sorted(fields) != sorted(columns):
        raise TypeError(f"{into.__name__} has fields {sorted(fields)}, the statement columns {sorted(columns)}.")
    if fields == list(columns):
        return lambda row: into(*row)
    if len(fields) == 1:
        return lambda row: into(row[0])
    pick = itemgetter(*[columns.index(field) for field in fields])
    return lambda row: into(*pick(row))
