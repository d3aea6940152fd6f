"""What processes hold of their own while something is done: looked at all the time, the most is kept."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY_SECONDS = 0.02
_ANONYMOUS = "RssAnon:"


@dataclass
class Peak:
    """Bytes that processes held together before, and at the most since: no files, nothing that they share."""

    before: int
    most: int

    @property
    def growth_mb(self) -> float:
        """How much more than before it was at the most, in MB (10^6 bytes)."""
        return round((self.most - self.before) / 1e6, 1)


def with_children(pid: int) -> list[int]:
    """Return a process and those below it."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def held(pids: Sequence[int]) -> int:
    """Return what processes hold of their own; one that has ended holds nothing."""
    return sum(_anonymous(pid) for pid in pids)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the CPU time that processes have taken."""
    spent = [psutil.Process(pid).cpu_times() for pid in pids if psutil.pid_exists(pid)]
    return sum(one.user + one.system for one in spent)


@contextmanager
def watched(*groups: Sequence[int]) -> Iterator[list[Peak]]:
    """Look at groups of processes for the length of the block."""
    peaks = [Peak(now, now) for now in map(held, groups)]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(_EVERY_SECONDS):
            for peak, group in zip(peaks, groups, strict=True):
                peak.most = max(peak.most, held(group))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peaks
    finally:
        is_over.set()
        looking.join()


def _anonymous(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = next((line for line in status.splitlines() if line.startswith(_ANONYMOUS)), f"{_ANONYMOUS} 0 kB")
    return int(found.split()[1]) * 1024
