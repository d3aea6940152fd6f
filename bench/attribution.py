"""Which layer of a service a stack belongs to: what the innermost frame is in that some layer owns.

What C code takes (uvloop, httptools, pydantic's core, asyncpg's protocol) counts for the Python that it was called
from, or that it calls next.
"""

import re
from collections.abc import Iterable
from types import CodeType, FrameType

SERVER = "server"
FRAMEWORK = "framework"
STATEMENTS = "statements"
LOGS = "logs, metrics, traces"
ROUTER = "router: dispatch, start and end of the transaction"
SIGN_IN = "sign-in"
SCOPE = "scope"
FORM = "validation and serialisation"
KEPT = "idempotency, outbox (Python)"
OWN = "the service's own code"
BESIDE = "beside requests: relay, counters, followers, jobs"

OF_THE_FLOOR = (SERVER, FRAMEWORK, STATEMENTS)
"""What the floor does as well, where it is measured and not reckoned."""
ABOVE_THE_FLOOR = (SIGN_IN, SCOPE, FORM, KEPT, LOGS, ROUTER, OWN, BESIDE)

_OWNERS = tuple(
    (layer, re.compile(pattern))
    for layer, pattern in (
        (LOGS, r"/servicekit/(web/(requests|metrics)|run/(logs|metrics|tracing|telemetry))\.py$|/structlog/"),
        (SCOPE, r"/orgchart/(scope|reach)\.py$|/services/\w+/\w+/reach\.py$|/servicekit/web/scopes\.py$"),
        (SIGN_IN, r"/orgchart/|/servicekit/(tokens/|peers/tokens\.py|web/callers\.py)"),
        (FORM, r"/servicekit/web/(solving|bodies|depth|schemas|pages|etags)\.py$|/schemas(/\w+)?\.py$|/pydantic/"),
        (KEPT, r"/servicekit/(data/(idempotency|outbox|actors)|events/[\w/]+)\.py$"),
        (STATEMENTS, r"/servicekit/data/|/asyncpg/"),
        (ROUTER, r"/servicekit/(web|values|run)/"),
        (OWN, r"/services/"),
        (FRAMEWORK, r"/(fastapi|starlette)/"),
        (SERVER, r"/(uvicorn|uvloop|asyncio|httptools)/"),
    )
)
_BACKGROUND = {"_kept_running"}
_SCOPE_NAMES = {"binds", "sees_all", "acts_as"}
"""Of `orgchart.viewer`: what a statement is scoped by."""


def owner_of(filename: str, function: str) -> str | None:
    """Return the layer that a piece of code belongs to; None where that depends on who has called it."""
    if filename.endswith("/orgchart/viewer.py") and function in _SCOPE_NAMES:
        return SCOPE
    return next((layer for layer, pattern in _OWNERS if pattern.search(filename)), None)


class Stacks:
    """Says of stacks which layer they belong to, and counts them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._owners: dict[int, tuple[CodeType, str | None]] = {}
        """By identity: two functions that read alike are equal, in whatever files they stand."""

    def count(self, frame: FrameType | None) -> None:
        """Count a stack by its innermost frame."""
        layer = self._layer(frame)
        self.counts[layer] = self.counts.get(layer, 0) + 1

    def _layer(self, frame: FrameType | None) -> str:
        found: str | None = None
        while frame is not None:
            code = frame.f_code
            if code.co_name in _BACKGROUND:
                return BESIDE
            if found is None:
                if id(code) not in self._owners:
                    self._owners[id(code)] = code, owner_of(code.co_filename, code.co_name)
                found = self._owners[id(code)][1]
            frame = frame.f_back
        return found or SERVER


def shares(counts: dict[str, int], layers: Iterable[str]) -> dict[str, float]:
    """Return which part of all that was counted each layer has."""
    total = sum(counts.values()) or 1
    return {layer: counts.get(layer, 0) / total for layer in layers}
