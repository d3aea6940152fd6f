"""Statements as they were recorded, with marks in the place of what a repetition needs afresh."""

import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OWN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Stands for the id that the service made: the same number is the same id."""

    number: int


@dataclass(frozen=True, slots=True)
class FreshClaim:
    """Stands for the digest of an idempotency key."""


@dataclass(frozen=True, slots=True)
class FreshText:
    """Stands for a text that nobody has used, between these two: what another system calls a new thing."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FreshNumbers:
    """Stands for so many numbers, ascending, that nobody else has: whose turn it is."""

    count: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement with its arguments, or (`many`) with a list of arguments; `claim` is the digest in its text."""

    sql: str
    args: tuple[Any, ...]
    many: bool = False
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What one request asks, in order."""

    asked: tuple[Asked, ...]
    fresh: int = 0

    @property
    def shape(self) -> tuple[str, ...]:
        """The statements without what differs from one request to the next."""
        return tuple(f"{len(one.args) if one.many else ''} {_OWN.sub('…', one.sql)}" for one in self.asked)


@dataclass(frozen=True)
class Recording:
    """The scripts of an operation, all of one shape; `status` and `detail` tell why there are none."""

    operation: str
    scripts: Sequence[Script]
    apart: bool = False
    failure: str = ""

    def of_slot(self, slot: int, slots: int) -> range:
        """Return the numbers of the scripts that a connection repeats."""
        each = len(self.scripts) // slots
        return range(slot * each, (slot + 1) * each) if self.apart and each else range(len(self.scripts))


def write_recordings(path: Path, recordings: Mapping[str, Recording]) -> None:
    """Keep recordings for the process that repeats them."""
    path.write_bytes(pickle.dumps(dict(recordings)))


def read_recordings(path: Path) -> dict[str, Recording]:
    """Return what was kept."""
    kept: dict[str, Recording] = pickle.loads(path.read_bytes())  # noqa: S301 (written by our own parent)
    return kept
