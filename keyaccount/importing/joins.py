"""Rows of other files beside each row, found by equal cells."""

from collections.abc import Mapping

from keyaccount.importing.document import Document
from keyaccount.importing.files import Table
from keyaccount.importing.mapping import Join
from keyaccount.importing.problems import FileUnreadable
from keyaccount.importing.scope import Path, Scope
from servicekit.values.sheets import Row


def joined(
    document: Document, table: Table, joins: Mapping[str, Join], tables: Mapping[str, Table], path: Path
) -> tuple[Scope, list[tuple[int, Row]]]:
    """Return the columns and rows of `table` with every join beside them; where nothing matches, empty cells."""
    scope, rows = Scope.of(document, table), table.rows
    for name, join in joins.items():
        place = (*path, name)
        if join.file not in tables:
            raise document.invalid((*place, "file"), f"there is no file '{join.file}' in `files`")
        other = tables[join.file]
        ours = [scope.index(our, (*place, "matching", their)) for their, our in join.matching.items()]
        found = _by_key(document, other, join, place)
        nothing = ("",) * len(other.columns)
        rows = [(line, row + found.get(tuple(row[index] for index in ours), nothing)) for line, row in rows]
        scope = scope.joined(name, other.columns)
    return scope, rows


def _by_key(document: Document, other: Table, join: Join, path: Path) -> dict[Row, Row]:
    theirs = Scope.of(document, other)
    keys = [theirs.index(column, (*path, "matching", column)) for column in join.matching]
    condition = theirs.predicate(join, path)
    found: dict[Row, Row] = {}
    for line, row in other.rows:
        if condition is None or condition(row):
            key = tuple(row[index] for index in keys)
            if found.setdefault(key, row) is not row:
                raise FileUnreadable(
                    f"{other.name}:{line}: a second row with {', '.join(join.matching)} = {', '.join(key)}. "
                    f"A join takes one row: narrow it with `when:` in the mapping, or mend the file."
                )
    return found
