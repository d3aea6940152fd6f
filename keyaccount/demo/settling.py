"""Waiting until the services have told each other what was loaded."""

import asyncio
import time
from collections.abc import Iterable

from keyaccount.api_client import ApiClient
from keyaccount.problems import Unable

_QUIET_TIMES = 2
_PAUSE_SECONDS = 0.3
_LONGEST_SECONDS = 60.0


async def settled(machine: ApiClient, services: Iterable[str]) -> None:
    """Return when each of `services` has read the feeds of its peers to their ends, twice in a row.

    Raises:
        Unable: it took too long; the message says who waits for whom.
    """
    wanted = list(services)
    deadline = time.monotonic() + _LONGEST_SECONDS
    quiet, seen = 0, ""
    while quiet < _QUIET_TIMES:
        behind = await _behind(machine, wanted)
        quiet = 0 if behind else quiet + 1
        seen = behind or seen
        if time.monotonic() > deadline:
            raise Unable(f"The services have not told each other everything within a minute: {seen}.")
        await asyncio.sleep(_PAUSE_SECONDS)


async def _behind(machine: ApiClient, services: list[str]) -> str:
    health = await machine.get("/health")
    for service in services:
        report = health["services"][service].get("report") or {}
        for peer, position in report.get("following", {}).items():
            more = await machine.get(f"/v1/{peer}/events", {"after": position, "limit": 1})
            if more["items"]:
                return f"{service} is at event {position} of {peer}"
        if not report:
            return f"{service} does not answer"
    return ""
