"""A circuit breaker: whoever does not answer is not asked again by everybody, each waiting in vain.

Closed it costs a look at an attribute. It opens on failures in a row, or on one wait in which nothing at all was
heard. Opened, one caller at a time asks after the other's health, shortly; an answer closes it.
"""

import time
from collections.abc import Awaitable, Callable, Iterator

from servicekit.run.metrics import Figure

FAILURES = 3
"""In a row, with nothing heard in between."""

PAUSE_SECONDS = 0.25
"""Between two questions after the health of who does not answer."""

TRIAL_SECONDS = 0.2
"""How long such a question may take: with its overhead a caller is answered within 300 ms."""


class Breaker:
    """What one process knows of another's being there."""

    __slots__ = ("_failures", "_now", "_try_at", "_trying", "heard_at", "is_open", "refused", "times_opened")

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._try_at = 0.0
        self._trying = False
        self.heard_at = 0.0
        self.is_open = False
        self.times_opened = 0
        self.refused = 0

    @property
    def state(self) -> str:
        """Closed, open, or half-open while somebody asks."""
        if not self.is_open:
            return "closed"
        return "half_open" if self._trying else "open"

    def heard(self) -> None:
        """Note that an answer came, whatever it said."""
        self.heard_at = self._now()
        self._failures = 0
        self.is_open = False

    def failed(self) -> None:
        """Note that it could not be reached, broke off, or says that it cannot work."""
        self._failures += 1
        if self._failures >= FAILURES:
            self.open()

    def waited_in_vain(self, since: float) -> None:
        """Note a wait that ended without an answer; one that was merely slow has answered others meanwhile."""
        if self.heard_at < since:
            self.open()

    def open(self) -> None:
        """Let nobody through before its health has been seen."""
        if not self.is_open:
            self.is_open = True
            self.times_opened += 1
        self._try_at = self._now() + PAUSE_SECONDS

    async def lets_through(self, is_well: Callable[[], Awaitable[bool]]) -> bool:
        """Whether a call may go on; while it is open one caller at a time finds out by `is_well`."""
        if not self.is_open:
            return True
        if self._trying or self._now() < self._try_at:
            self.refused += 1
            return False
        self._trying = True
        try:
            well = await is_well()
        finally:
            self._trying = False
            self._try_at = self._now() + PAUSE_SECONDS
        if well:
            self.heard()
        else:
            self.refused += 1
        return well

    def figures(self, peer: str) -> Iterator[Figure]:
        """Yield how it stands, and how often it opened and refused, for the one whom it guards."""
        labels = {"peer": peer}
        yield Figure("keyaccount_breaker_open", "1 while calls to the peer are refused.", self.is_open, labels)
        yield Figure("keyaccount_breaker_opened_total", "How often it opened.", self.times_opened, labels)
        yield Figure("keyaccount_breaker_refused_total", "Calls refused while open.", self.refused, labels)
