"""Which records the files hold, and what became of each: the answer to every reference."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from keyaccount.importing.conversion import loosely
from keyaccount.importing.problems import RowRefused


@dataclass(frozen=True, slots=True)
class Named:
    """What identifies a record across systems: its kind and its id in the system it comes from."""

    kind: str
    system: str
    id: str


class Reference:
    """A field's value until the id of the record it refers to is known (orjson asks `Ids.written` for it)."""

    __slots__ = ("target",)

    def __init__(self, kind: str, system: str, identifier: str) -> None:
        self.target = Named(kind, system, identifier)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other.target == self.target

    def __hash__(self) -> int:
        return hash(self.target)


@dataclass
class Planned:
    """A record as it will be sent, with where it comes from; `refused` says why it will not be."""

    kind: str
    file: str
    line: int
    id: str
    item: dict[str, Any]
    references: tuple[Named, ...]
    note: str | None = None
    refused: str | None = None


@dataclass
class Catalogue:
    """The planned records by kind and external id; references are checked against it before anything is sent."""

    system: str
    planned: dict[str, dict[str, Planned]] = field(default_factory=lambda: defaultdict(dict))
    _loose: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, record: Planned) -> None:
        """Remember a record; what comes later can refer to it."""
        self.planned[record.kind][record.id] = record
        self._loose[record.kind][loosely(record.id)].append(record.id)

    def get(self, named: Named) -> Planned | None:
        """Return the planned record of that name, if the files hold one."""
        return self.planned[named.kind].get(named.id) if named.system == self.system else None

    def find(self, kind: str, text: str) -> str:
        """Return the id that `text` means: itself, or the only one that differs in spaces and case alone."""
        if text in self.planned[kind]:
            return text
        alike = self._loose[kind].get(loosely(text), [])
        if len(alike) > 1:
            raise RowRefused(f"'{text}' may mean any of the {kind} {', '.join(alike)}: write it as one of them")
        return alike[0] if alike else text
