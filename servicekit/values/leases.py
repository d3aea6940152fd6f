"""Leases that tell whose they are, so that a process that starts can take over at once what its predecessor held.

A lease is an id that begins with a mark of the process. Whoever starts the processes gives each a name that no other
has at the same time; where nobody does, a lease is any id, and what a dead process held waits until it ends.
"""

import secrets
from hashlib import sha256
from uuid import UUID

_HALF = 8


class Leases:
    """The leases of one process; `process` is its name, empty where it has none."""

    def __init__(self, process: str = "") -> None:
        self._mark = sha256(process.encode()).digest()[:_HALF] if process else None

    def new(self) -> UUID:
        """Return a lease that nobody has had."""
        mark = secrets.token_bytes(_HALF) if self._mark is None else self._mark
        return UUID(bytes=mark + secrets.token_bytes(_HALF))

    @property
    def own(self) -> tuple[UUID, UUID] | None:
        """Return the first and the last lease that are this process's, and its predecessors'; None without a name."""
        if self._mark is None:
            return None
        return UUID(bytes=self._mark + bytes(_HALF)), UUID(bytes=self._mark + b"\xff" * _HALF)
