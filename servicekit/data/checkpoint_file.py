"""The second record of checkpoints: a file beside the database, so that one that is deleted there is missed.

A line is a checkpoint, or says that the database was restored to the state of an older one (`{"restored_to": n}`,
signed too): the checkpoints above `n` that stand before it do not count any more.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from servicekit.data.checkpoints import FORMAT, Checkpoint

_TAIL_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the file says."""

    number: int
    digest: bytes
    is_restoration: bool
    content: bytes
    signature: bytes


def checkpoint_line(checkpoint: Checkpoint) -> bytes:
    """Return the line of a checkpoint."""
    content = checkpoint.content().decode()
    said = {"content": content, "digest": checkpoint.digest().hex(), "signature": checkpoint.signature.hex()}
    return orjson.dumps(said) + b"\n"


def restoration(service: str, number: int, at: str) -> bytes:
    """Return what is signed of a line that says that the database was restored to the state of checkpoint `number`."""
    return orjson.dumps({"format": FORMAT, "service": service, "restored_to": number, "at": at})


def restoration_line(content: bytes, signature: bytes) -> bytes:
    """Return the line of a restoration."""
    return orjson.dumps({"content": content.decode(), "digest": "", "signature": signature.hex()}) + b"\n"


class CheckpointFile:
    """A service's checkpoints in a file to which lines are only added."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Line | None:
        """Return the last whole line."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - _TAIL_BYTES))
            lines = [line for line in file.read().split(b"\n") if line]
        return _read(lines[-1]) if lines else None

    def add(self, lines: Sequence[bytes]) -> None:
        """Add lines, so that they survive a power cut."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, b"".join(lines))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def catch_up(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Add those checkpoints that follow the file's last; another process may be at it too."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            last = self.last()
            known = last.number if last else 0
            lines = [checkpoint_line(checkpoint) for checkpoint in checkpoints if checkpoint.number > known]
            if lines:
                self.add(lines)

    def size(self) -> int | None:
        """Return how many bytes the file has now; None if there is none."""
        return self.path.stat().st_size if self.path.exists() else None

    def lines(self, size: int) -> Iterator[Line]:
        """Yield every line of the first `size` bytes."""
        with self.path.open("rb") as file:
            for line in file:
                if size <= 0:
                    return
                size -= len(line)
                yield _read(line)

    def in_force(self, size: int) -> Iterator[Line]:
        """Yield the lines that count: neither restorations, nor what a later one of them went back behind."""
        restorations = [(place, line.number) for place, line in enumerate(self.lines(size)) if line.is_restoration]
        for place, line in enumerate(self.lines(size)):
            undone = any(place < later and number < line.number for later, number in restorations)
            if not line.is_restoration and not undone:
                yield line


def _read(line: bytes) -> Line:
    """Read a line; one that cannot be read counts as one that says nothing true."""
    try:
        said: dict[str, Any] = orjson.loads(line)
        content = said["content"].encode()
        told: dict[str, Any] = orjson.loads(content)
        is_restoration = "restored_to" in told
        number = int(told["restored_to" if is_restoration else "number"])
        digest, signature = bytes.fromhex(said["digest"]), bytes.fromhex(said["signature"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Line(-1, b"", is_restoration=False, content=line, signature=b"")
    return Line(number, digest, is_restoration, content, signature)
