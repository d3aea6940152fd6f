"""How often and how many at once: buckets of tokens per client, in memory, bounded."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_CLIENTS = 20_000
"""Of each policy; beyond them those are forgotten who have not come for longest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, what is left, and in how many seconds there is more (whole, rounded up)."""

    passes: bool
    left: int
    seconds: int


class Buckets:
    """One policy: each client has `burst` requests at once and gets `per_second` more.

    A bucket is the one instant at which it will be full again (the generic cell rate algorithm), so whoever has
    been away for long is the same as who never came. Two generations keep the table bounded without a search.
    """

    def __init__(self, name: str, per_second: float, burst: float, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._interval = 1 / per_second
        self._span = burst / per_second
        self._now = now
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self.policy = f'"{name}";q={math.floor(burst)};w={math.ceil(self._span)}'.encode()
        self.refused = 0

    def take(self, client: str, tokens: float = 1.0) -> Verdict:
        """Take a token of a client's if there is one."""
        now = self._now()
        full_at = self._full_at(client, now)
        after = full_at + tokens * self._interval
        excess = after - now - self._span
        if excess > 1e-9:  # noqa: PLR2004 (rounding)
            self.refused += 1
            return Verdict(False, 0, math.ceil(excess))
        if len(self._young) >= MOST_CLIENTS:
            self._old, self._young = self._young, {}
        self._young[client] = after
        return Verdict(True, int((-excess) / self._interval + 1e-9), math.ceil(after - now))

    def look(self, client: str) -> Verdict:
        """Say whether a client has a token, and take none."""
        now = self._now()
        excess = self._full_at(client, now) + self._interval - now - self._span
        return Verdict(excess <= 1e-9, max(0, int(-excess / self._interval)), max(0, math.ceil(excess)))  # noqa: PLR2004

    def _full_at(self, client: str, now: float) -> float:
        known = self._young.get(client)
        if known is None:
            known = self._old.get(client, now)
        return max(now, known)
