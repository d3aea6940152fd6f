"""Rows of another file as entries of a list: which belong to a row, in which order, and which belong to none."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from keyaccount.importing.files import Table
from keyaccount.importing.scope import Predicate
from servicekit.values.sheets import Row

_DAY = len("2026-01-31")


class Entries(list[dict[str, Any]]):
    """Entries of a list, each with the file and line it is made of, empty where that is the record's own."""

    def __init__(self, entries: Sequence[dict[str, Any]] = (), places: Sequence[str] = ()) -> None:
        super().__init__(entries)
        self.places = list(places) or [""] * len(self)

    def join(self, other: "Entries") -> None:
        """Put another list's entries behind these."""
        self.extend(other)
        self.places.extend(other.places)


def place_of(item: Mapping[str, Any], pointer: str) -> str:
    """Return the file and line of the entry that a JSON pointer into an item leads into, else nothing."""
    steps = pointer.split("/")
    entries = item.get(steps[1]) if len(steps) > 2 else None  # noqa: PLR2004 (a list, and a place in it)
    if isinstance(entries, Entries) and steps[2].isdecimal() and int(steps[2]) < len(entries.places):
        return entries.places[int(steps[2])]
    return ""


def in_order(entries: Entries, name: str, zone: ZoneInfo, *, newest_first: bool) -> Entries:
    """Return entries by their instant; equal ones stay in the order of their rows (turned round where newest first).

    A date without a time comes after what has one on that day, as the API reads it.
    """

    def key(pair: tuple[dict[str, Any], str]) -> tuple[str, bool, str]:
        text = str(pair[0].get(name, ""))
        if len(text) <= _DAY:
            return text, True, ""
        moment = datetime.fromisoformat(text)
        return moment.astimezone(zone).date().isoformat(), False, text

    pairs = list(zip(entries, entries.places, strict=True))
    pairs = sorted(reversed(pairs) if newest_first else pairs, key=key)
    return Entries([entry for entry, _ in pairs], [place for _, place in pairs])


@dataclass
class Children:
    """The rows of a file by the cells that say to whom they belong."""

    table: Table
    ours: list[int]
    by_key: dict[Row, list[tuple[int, Row]]]

    @classmethod
    def of(cls, table: Table, theirs: list[int], ours: list[int], condition: Predicate | None) -> "Children":
        """Gather the rows that meet the condition."""
        by_key: dict[Row, list[tuple[int, Row]]] = defaultdict(list)
        for line, cells in table.rows:
            if condition is None or condition(cells):
                by_key[tuple(cells[index] for index in theirs)].append((line, cells))
        return cls(table, ours, by_key)

    def of_row(self, row: Row) -> Sequence[tuple[int, Row]]:
        """Return the rows that belong to a row."""
        return self.by_key.get(tuple(row[index] for index in self.ours), ())


@dataclass
class Strays:
    """Watches which rows of other files belong to a row of ours; the others are refused, each by name."""

    watched: list[Children] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    _found: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _asked: dict[str, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    _broken: dict[str, Sequence[tuple[int, str]]] = field(default_factory=dict)

    def look(self, kind: str, rows: Sequence[tuple[int, Row]]) -> None:
        """Take note of what belongs to these rows, the ones that the mapping leaves out among them."""
        for children in self.watched:
            name = children.table.name
            self.kinds.setdefault(name, kind)
            self._broken[name] = children.table.broken
            keys = {tuple(row[index] for index in children.ours) for _, row in rows}
            for key, belonging in children.by_key.items():
                self._asked[name].update((line, key) for line, _ in belonging)
                if key in keys:
                    self._found[name].update(line for line, _ in belonging)
        self.watched = []

    def refused(self, file_of: Callable[[str], str]) -> Iterator[tuple[str, str, int, str, str]]:
        """Yield kind, file, line, id and reason of each row that belongs to nothing, or cannot be read."""
        for name, asked in self._asked.items():
            kind = self.kinds[name]
            for line, reason in self._broken[name]:
                yield kind, name, line, "", reason
            for line in sorted(asked.keys() - self._found[name]):
                key = ", ".join(asked[line])
                yield kind, name, line, key, f"no row of {file_of(kind)} has '{key}', to which this would belong"
