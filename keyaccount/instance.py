"""Which instance lives in a data folder: one at a time, known by its lock, found again by its record.

A pid alone proves nothing, it may be another program's by now; here a process is ours when its start time agrees too.
"""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from keyaccount.files import write_whole
from keyaccount.problems import Unable

RECORD = "instance.json"
_LOCK = "instance.lock"
_PATIENCE_SECONDS = 60.0
_CHILD_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """A process that cannot be mistaken for another one with the same pid."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Running":
        """Return the process that has `pid` now."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:  # over already: no process will ever agree with this
            return cls(pid, 0.0)

    def process(self) -> psutil.Process | None:
        """Return the process while it lives."""
        try:
            found = psutil.Process(self.pid)
            agrees = abs(found.create_time() - self.started) < 1 and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return found if agrees else None


@dataclass
class Record:
    """What an instance writes down of itself: its own process, its port, and its children by name."""

    path: Path
    port: int
    owner: Running
    children: dict[str, Running] = field(default_factory=dict)

    def note_child(self, name: str, pid: int) -> None:
        """Write down a child, so that a later start finds it when we were killed."""
        self.children[name] = Running.of(pid)
        self.write()

    def write(self) -> None:
        """Write the record."""
        content = {
            "port": self.port,
            "owner": vars(self.owner),
            "children": {name: vars(child) for name, child in self.children.items()},
        }
        write_whole(self.path, json.dumps(content, indent=2) + "\n")


@contextmanager
def held(home: Path, port: int) -> Iterator[Record]:
    """Hold the data folder; stop what a killed holder left running.

    Raises:
        Unable: somebody else holds it.
    """
    with _lock(home) as taken:
        record = _read(home)
        if not taken:
            where = f" at http://127.0.0.1:{record.port} (process {record.owner.pid})" if record else ""
            message = f"An instance is running in {home} already{where}; `keyaccount down` stops it."
            raise Unable(message)
        if record:
            stop_children(record)
        record = Record(home / RECORD, port, Running.of(os.getpid()))
        record.write()
        try:
            yield record
        finally:
            record.path.unlink(missing_ok=True)


def stop_from_elsewhere(home: Path) -> bool:
    """Stop the instance in `home`, orderly, and what a killed one left running; whether there was anything.

    Raises:
        Unable: it did not stop in time.
    """
    if not (home / _LOCK).exists():
        return False
    with _lock(home) as taken:
        record = _read(home)
        if taken:
            return record is not None and stop_children(record)
    if record and (owner := record.owner.process()):
        owner.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with _lock(home) as taken:
            if taken:
                return True
        time.sleep(0.1)
    message = (
        f"The instance in {home} did not stop within {_PATIENCE_SECONDS:.0f} seconds; its logs are in {home}/logs."
    )
    raise Unable(message)


def running_instance(home: Path) -> Record | None:
    """Return the record of the instance that holds `home` now."""
    if not (home / _LOCK).exists():
        return None
    with _lock(home) as taken:
        return None if taken else _read(home)


def stop_children(record: Record) -> bool:
    """End the processes that a killed holder left; whether there were any."""
    living = [process for child in record.children.values() if (process := child.process())]
    for process in living:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(living, timeout=_CHILD_PATIENCE_SECONDS)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_CHILD_PATIENCE_SECONDS)
    return bool(living)


@contextmanager
def _lock(home: Path) -> Iterator[bool]:
    """Try to take the lock of `home`; the system lets it go when its holder dies, however that dies."""
    with (home / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _read(home: Path) -> Record | None:
    try:
        content = json.loads((home / RECORD).read_text(encoding="utf-8"))
        children = {name: Running(**child) for name, child in content["children"].items()}
        return Record(home / RECORD, content["port"], Running(**content["owner"]), children)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
