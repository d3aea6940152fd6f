"""Until when an answer is waited for: what is left of it travels from caller to callee, in milliseconds."""

import math
import time
from contextvars import ContextVar

HEADER = "deadline-ms"
LONGEST_DIGITS = 8

answer_due: ContextVar[float] = ContextVar("answer_due", default=math.inf)
"""When nobody waits any longer for what is under way (`time.monotonic()`); infinite outside of a request."""


def seconds_left() -> float:
    """Return how long the answer is still waited for; not above 0 once nobody does."""
    return answer_due.get() - time.monotonic()


def due_after(milliseconds: bytes) -> float:
    """Return when the answer is due that a caller waits for so long; infinite where they do not say it well."""
    if len(milliseconds) <= LONGEST_DIGITS and milliseconds.isdigit():
        return time.monotonic() + int(milliseconds) / 1000
    return math.inf
