"""What was asked and what came of it: one line per call, read, fault and followed event, kept as it happens."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO


class Outcome(StrEnum):
    """What is known of a call in the end; a try whose answer never came is unknown, and is sent again with its key."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNRESOLVED = "unresolved"


@dataclass(slots=True)
class Call:
    """A request with an effect, all its tries included. `began` and `ended` are seconds since 1970.

    `mark` is what its effect is recognised by: a word or an amount that no other call has.
    """

    number: int
    operation: str
    person: str
    path: str
    key: str
    subject: str | None
    mark: str
    body: Any
    began: float
    ended: float = 0.0
    tries: list[str] = field(default_factory=list)
    outcome: Outcome = Outcome.UNRESOLVED
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def was_unknown(self) -> bool:
        """Whether an answer never came to one of the tries."""
        return any(tried in UNKNOWN for tried in self.tries)


UNKNOWN = frozenset({"lost", "500", "502", "503 database", "504"})
"""Tries of which the caller cannot say whether they were carried out."""


@dataclass(slots=True)
class Read:
    """What a person got to see: the ids in an answer, or that there was none of `sought`."""

    person: str
    kind: str
    sought: str | None
    began: float
    ended: float
    seen: list[str]


@dataclass(slots=True)
class Fault:
    """Something broken on purpose; `back_seconds` from then until the first good answer through the gateway."""

    kind: str
    target: str
    at: float
    is_kill: bool
    back_seconds: float | None = None


@dataclass(slots=True)
class Followed:
    """An event as a follower of the feed met it."""

    service: str
    position: int
    id: str
    type: str
    aggregate: str
    version: int | None


@dataclass(slots=True)
class Delivered:
    """An event as a webhook's receiver got it, with a right signature; it may come again under the same id."""

    service: str
    position: int
    id: str
    type: str
    aggregate: str
    at: float


@dataclass(slots=True)
class Waited:
    """How long an answer took while a service was down: of the others', or of what said that it is down."""

    down: str
    asked: str
    status: int
    seconds: float


Entry = Call | Read | Fault | Followed | Delivered | Waited
_KINDS = {kind.__name__.lower(): kind for kind in (Call, Read, Fault, Followed, Delivered, Waited)}


@dataclass
class History:
    """Everything that happened, in memory and, as lines of JSON, in a file."""

    calls: list[Call] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    waited: list[Waited] = field(default_factory=list)
    singles: int = 0
    items: int = 0
    file: TextIO | None = None
    _grown: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def writes(self) -> int:
        """How many writes are acknowledged, each item of a batch being one."""
        return self.singles + self.items

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return sum(fault.is_kill for fault in self.faults)

    async def reaches(self, writes: float) -> None:
        """Wait until so many writes are acknowledged."""
        while self.writes < writes:
            self._grown.clear()
            await self._grown.wait()

    def number(self) -> int:
        """Return the number of the next call."""
        return next(self._numbers)

    def add(self, entry: Entry) -> None:
        """Keep an entry that is complete."""
        if isinstance(entry, Call):
            self.calls.append(entry)
            if entry.outcome is Outcome.ACKNOWLEDGED:
                self._count(entry)
        elif isinstance(entry, Read):
            self.reads.append(entry)
        elif isinstance(entry, Fault):
            self.faults.append(entry)
        elif isinstance(entry, Followed):
            self.followed.append(entry)
        elif isinstance(entry, Delivered):
            self.delivered.append(entry)
        else:
            self.waited.append(entry)
        if self.file is not None:
            self.file.write(json.dumps({"entry": type(entry).__name__.lower(), **asdict(entry)}) + "\n")

    def _count(self, call: Call) -> None:
        if "items" in call.answer:
            self.items += sum(item["outcome"] in {"created", "updated"} for item in call.answer["items"])
        else:
            self.singles += 1
        self._grown.set()


def read_history(path: Path) -> History:
    """Read back what was kept in a file."""
    history = History()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            values = json.loads(line)
            kind = _KINDS[values.pop("entry")]
            if kind is Call:
                values["outcome"] = Outcome(values["outcome"])
            history.add(kind(**values))
    return history
