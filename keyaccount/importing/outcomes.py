"""What became of each row: collected while sending, written for people and for programs."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from keyaccount.files import write_whole

OUTCOMES = ("created", "updated", "unchanged", "rejected")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("file", "line", "kind", "external_id", "outcome", "id", "reason")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row's outcome; `reason` says why not, or what was remarked."""

    file: str
    line: int
    kind: str
    external_id: str
    outcome: str
    id: str | None
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as one line of the JSON lines file has it."""
        return {name: getattr(self, name) for name in _COLUMNS}


@dataclass
class Outcomes:
    """All outcomes of an import, in the order in which they became known."""

    rows: list[Outcome] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of more outcomes."""
        self.rows.extend(outcomes)

    def counts(self, kinds: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return per kind how many had which outcome; others than the usual four only where there are any."""
        counted = Counter((row.kind, row.outcome) for row in self.rows)
        return {
            kind: {outcome: counted[kind, outcome] for outcome in OUTCOMES}
            | {outcome: n for (of, outcome), n in sorted(counted.items()) if of == kind and outcome not in OUTCOMES}
            for kind in dict.fromkeys(kinds)
        }

    def reasons(self, kind: str, outcome: str) -> list[tuple[str, int]]:
        """Return the commonest reasons for an outcome."""
        found = Counter(row.reason or "" for row in self.rows if row.kind == kind and row.outcome == outcome)
        return found.most_common(5)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write `outcomes.jsonl` and `outcomes.csv`, by file and line."""
        ordered = sorted(self.rows, key=lambda row: (row.file, row.line, row.kind))
        lines, table = folder / "outcomes.jsonl", folder / "outcomes.csv"
        write_whole(lines, "".join(orjson.dumps(row.as_dict()).decode() + "\n" for row in ordered))
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows([_cell(getattr(row, name)) for name in _COLUMNS] for row in ordered)
        write_whole(table, text.getvalue())
        return lines, table


def _cell(value: str | int | None) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
