"""The gateway's line per request: made in one step and written several at a time.

Through structlog, with a write of its own, a line was a tenth of what a request costs.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from servicekit.run import logs

WAIT_SECONDS = 0.02
"""So long a line waits at most for others; what breaks is written at once by structlog."""

MOST_WAITING = 200


class AccessLog:
    """Lines as `servicekit.run.logs` gives them, in JSON, at the level INFO."""

    def __init__(self, service: str, write: Callable[[bytes], object] | None = None) -> None:
        self._service = service
        self._write = _to_standard_output if write is None else write
        self._waiting: list[bytes] = []
        self._shown = logs.shows_requests

    def note(self, **said: Any) -> None:
        """Write a line soon; nothing where INFO is not shown."""
        if not self._shown:
            return
        line = said | {"event": "request", "service": self._service, "level": "info", "timestamp": datetime.now(UTC)}
        self._waiting.append(orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)
        elif len(self._waiting) >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write(b"".join(waiting))


def _to_standard_output(lines: bytes) -> None:
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
