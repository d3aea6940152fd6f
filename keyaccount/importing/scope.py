"""Which columns a part of the mapping may name, and the tests of rows that it may state."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from keyaccount.importing.document import Document
from keyaccount.importing.files import Table
from keyaccount.importing.mapping import Conditional, Conditions, Test
from servicekit.values.sheets import Row

Path = tuple[str | int, ...]
Predicate = Callable[[Row], bool]


@dataclass(frozen=True)
class Scope:
    """The columns of one file and of what is joined to it, by their position in the joined row."""

    document: Document
    file: str
    columns: Mapping[str, int]

    @classmethod
    def of(cls, document: Document, table: Table) -> "Scope":
        """Return the scope of one file alone."""
        return cls(document, table.name, {name: index for index, name in enumerate(table.columns)})

    def joined(self, name: str, other: Sequence[str]) -> "Scope":
        """Return this scope with the columns of `other` behind it, named `<name>.<column>`."""
        width = len(self.columns)
        more = {f"{name}.{column}": width + index for index, column in enumerate(other)}
        return Scope(self.document, self.file, {**self.columns, **more})

    def index(self, column: str, path: Path) -> int:
        """Return the position of `column`; an unknown one is an error that says what there is."""
        if column in self.columns:
            return self.columns[column]
        near = difflib.get_close_matches(column, self.columns, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"its columns are {', '.join(self.columns) or 'none'}"
        raise self.document.invalid(path, f"{self.file} has no column '{column}'; {hint}")

    def predicate(self, conditional: Conditional, path: Path) -> Predicate | None:
        """Return the test that a row must pass, or `None` if every row does."""
        when = self._tests(conditional.when, (*path, "when"))
        unless = self._tests(conditional.unless, (*path, "unless"))
        if not when and not unless:
            return None
        return lambda row: all(test(row) for test in when) and not (unless and all(test(row) for test in unless))

    def _tests(self, conditions: Conditions, path: Path) -> list[Predicate]:
        return [_test(self.index(column, (*path, column)), test) for column, test in conditions.items()]


def _test(index: int, test: str | list[str] | Test) -> Predicate:
    if not isinstance(test, Test):
        allowed = frozenset([test] if isinstance(test, str) else test)
        return lambda row: row[index] in allowed
    if test.is_ is not None:
        wanted = test.is_ == "present"
        return lambda row: bool(row[index]) is wanted
    if test.not_ is not None:
        refused = frozenset([test.not_] if isinstance(test.not_, str) else test.not_)
        return lambda row: row[index] not in refused
    pattern = re.compile(test.matches or "")
    return lambda row: pattern.search(row[index]) is not None
