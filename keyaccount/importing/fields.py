"""Fields of a record, with the entries of their lists, compiled into one function from row to item."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keyaccount.importing.entries import Children, Entries, in_order
from keyaccount.importing.kinds import FieldType, Holds, Kind, Many
from keyaccount.importing.mapping import Entry, FieldNode, Value
from keyaccount.importing.problems import RowRefused
from keyaccount.importing.scope import Path, Scope
from keyaccount.importing.values import Compiler, ValueOf
from servicekit.values.sheets import Row

ItemOf = Callable[[Row], dict[str, Any]]
EntriesOf = Callable[[Row], Entries]


def compile_item(
    compiler: Compiler,
    kind: Kind,
    fields: Mapping[str, FieldNode],
    scope: Scope,
    path: Path,
) -> ItemOf:
    """Compile all fields of a record; empty ones are left out, a required one that is empty refuses the row."""
    for name in sorted(kind.required - fields.keys()):
        raise compiler.document.invalid(path, f"the field '{name}' is needed for this kind")
    compiled = _compile_fields(compiler, kind.fields, fields, scope, path)
    required = kind.required

    def item_of(row: Row) -> dict[str, Any]:
        item = _filled(compiled, row)
        if not item.keys() >= required:
            raise RowRefused(f"{' and '.join(sorted(required - item.keys()))}: empty, and it must not be")
        return item

    return item_of


def _filled(compiled: Mapping[str, ValueOf], row: Row) -> dict[str, Any]:
    item = {}
    for name, value_of in compiled.items():
        try:
            value = value_of(row)
        except RowRefused as refusal:
            raise RowRefused(f"{name}: {refusal.reason}") from None
        if value is not None:
            item[name] = value
    return item


def _compile_fields(
    compiler: Compiler,
    known: Mapping[str, FieldType],
    fields: Mapping[str, FieldNode],
    scope: Scope,
    path: Path,
) -> dict[str, ValueOf]:
    compiled: dict[str, ValueOf] = {}
    for name, node in fields.items():
        place = (*path, name)
        if name not in known:
            message = f"there is no field '{name}' here; the fields are {', '.join(known)}"
            raise compiler.document.invalid(place, message)
        compiled[name] = _compile_field(compiler, known[name], node, scope, place)
    return compiled


def _compile_field(compiler: Compiler, holds: FieldType, node: FieldNode, scope: Scope, path: Path) -> ValueOf:
    if isinstance(node, Value):
        return compiler.value(node, holds, scope, path)
    if isinstance(node, list):
        if not isinstance(holds, Many):
            raise compiler.document.invalid(path, "this field holds one value, not a list of entries")
        entries = [_compile_entry(compiler, holds, entry, scope, (*path, number)) for number, entry in enumerate(node)]
        return lambda row: _joined(entries, row)
    if holds is not Holds.NAMED_TEXTS:
        raise compiler.document.invalid(path, "say where the value comes from: column, text, value or first")
    return compiler.named(node, scope, path)


def _joined(entries: Sequence[EntriesOf], row: Row) -> Entries:
    found = Entries()
    for entries_of in entries:
        found.join(entries_of(row))
    return found


def _compile_entry(compiler: Compiler, holds: Many, entry: Entry, scope: Scope, path: Path) -> EntriesOf:
    if entry.each is None:
        compiled = _compile_fields(compiler, holds.fields, entry.fields, scope, path)
        condition = scope.predicate(entry, path)
        return lambda row: Entries([_filled(compiled, row)] if condition is None or condition(row) else [])
    if entry.each not in compiler.tables:
        raise compiler.document.invalid((*path, "each"), f"there is no file '{entry.each}' in `files`")
    table = compiler.tables[entry.each]
    inner = Scope.of(compiler.document, table)
    compiled = _compile_fields(compiler, holds.fields, entry.fields, inner, path)
    condition = inner.predicate(entry, path)
    matching = (*path, "matching")
    keys = [inner.index(their, (*matching, their)) for their in entry.matching]
    ours = [scope.index(our, (*matching, their)) for their, our in entry.matching.items()]
    children = Children.of(table, keys, ours, condition)
    compiler.strays.watched.append(children)
    order, newest_first = entry.in_order, entry.newest_first
    if order is not None and holds.fields[order] not in {Holds.DATE, Holds.INSTANT}:
        raise compiler.document.invalid((*path, "in_order"), f"'{order}' holds no date or instant to sort by")

    def entries_of(row: Row) -> Entries:
        rows = children.of_row(row)
        made = Entries(
            [_child(compiled, table.name, line, cells) for line, cells in rows],
            [f"{table.name}:{line}" for line, _ in rows],
        )
        return made if order is None else in_order(made, order, compiler.zone, newest_first=newest_first)

    return entries_of


def _child(compiled: Mapping[str, ValueOf], file: str, line: int, cells: Row) -> dict[str, Any]:
    try:
        return _filled(compiled, cells)
    except RowRefused as refusal:
        raise RowRefused(f"{file}:{line}: {refusal.reason}") from None
