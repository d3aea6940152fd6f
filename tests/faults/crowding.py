"""How much of the machine others took while something ran: times that are promised hold where it is free."""

import os
import time
from dataclasses import dataclass, field

import psutil

CORES = os.cpu_count() or 1
FREE_SHARE = 0.5
"""So much of the cores others may have taken of a machine that counts as free."""


@dataclass(frozen=True)
class Crowd:
    """`others` is how many cores were kept busy by processes that are not ours, on average."""

    others: float

    @property
    def is_free(self) -> bool:
        """Whether what took long is ours to answer for."""
        return self.others <= FREE_SHARE * CORES

    def __str__(self) -> str:
        return f"others kept {self.others:.1f} of {CORES} cores busy"


def _busy() -> float:
    """Return the seconds that the cores were not idle; what a virtual machine was not given counts as taken."""
    told = psutil.cpu_times()
    return sum(told) - sum(getattr(told, name, 0.0) for name in ("idle", "iowait", "guest", "guest_nice"))


def _own() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


@dataclass
class Watch:
    """Compares what the machine did from now on with what this process and its children did.

    A child counts when it has been waited for, with those that it has waited for.
    """

    _began: float = field(default_factory=time.monotonic)
    _busy: float = field(default_factory=_busy)
    _own: float = field(default_factory=_own)

    def crowd(self) -> Crowd:
        """Return how crowded it has been."""
        seconds = max(time.monotonic() - self._began, 0.01)
        return Crowd(max(0.0, (_busy() - self._busy) - (_own() - self._own)) / seconds)
