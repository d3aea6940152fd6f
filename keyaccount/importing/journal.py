"""The memory of an import: which chunks are done and what became of them, so that `--resume` goes on from there."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from keyaccount.importing.mapping import ImportMapping

ItemOutcome = tuple[str, str | None, str | None]
"""Outcome, id, reason."""


def digest_of(mapping: Path, described: ImportMapping, folder: Path, base_url: str) -> str:
    """Return what identifies an import: the same mapping, the same files with the same content, the same instance."""
    hasher = hashlib.sha256(mapping.read_bytes())
    hasher.update(f"\0{base_url}\0{folder.resolve()}".encode())
    for name in sorted({file.path for file in described.files.values()}):
        path = folder / name
        hasher.update(f"\0{name}\0".encode())
        if path.is_file():
            hasher.update(hashlib.sha256(path.read_bytes()).digest())
    return hasher.hexdigest()[:16]


@dataclass
class Journal:
    """One run's file of finished chunks; every line is written whole before the next chunk counts as done."""

    path: Path
    run: str
    done: dict[str, list[ItemOutcome]] = field(default_factory=dict)

    @classmethod
    def begin(cls, path: Path) -> "Journal":
        """Start a new run and forget an earlier one."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        journal = cls(path, uuid4().hex)
        path.write_bytes(orjson.dumps({"run": journal.run}) + b"\n")
        return journal

    @classmethod
    def resume(cls, path: Path) -> "Journal":
        """Go on with the last run; without one, start a new one."""
        if not path.exists():
            return cls.begin(path)
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
        if not lines:
            return cls.begin(path)
        journal = cls(path, lines[0]["run"])
        journal.done = {line["chunk"]: [tuple(one) for one in line["outcomes"]] for line in lines[1:]}
        _drop_half_line(path)
        return journal

    def finish(self, chunk: str, outcomes: Iterable[ItemOutcome]) -> None:
        """Remember a chunk as done."""
        kept: list[ItemOutcome] = list(outcomes)
        self.done[chunk] = kept
        entry: dict[str, Any] = {"chunk": chunk, "outcomes": kept}
        with self.path.open("ab") as file:
            file.write(orjson.dumps(entry) + b"\n")

    def key(self, chunk: str, body: bytes) -> str:
        """Return the idempotency key of a chunk: the same for a repetition within this run, another in the next."""
        return hashlib.sha256(f"{self.run}/{chunk}/".encode() + hashlib.sha256(body).digest()).hexdigest()[:40]


def _drop_half_line(path: Path) -> None:
    """Cut off what a killed run left of its last line."""
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        path.write_bytes(content[: content.rfind(b"\n") + 1])
