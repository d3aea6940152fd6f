"""Followers of the feeds: they read on from where they are, as consumers and machine clients do."""

import asyncio
from collections.abc import Callable

from tests.faults.calling import Caller
from tests.faults.history import Followed

SERVICES = ("team", "customer", "opportunity", "forecast")
AT_ONCE = 500
WAIT_SECONDS = 0.5
AGAIN_SECONDS = 0.05


async def follow(caller: Caller, service: str, going: Callable[[], bool]) -> None:
    """Read a feed until it is no longer to be gone on with, and then to its end."""
    line, position = caller.line(), 0
    while True:
        is_last = not going()
        path = f"/v1/{service}/events?after={position}&limit={AT_ONCE}&wait={WAIT_SECONDS}"
        answer, _, _ = await caller.read(line, caller.company.operations, path)
        events = answer.json()["items"] if answer is not None and answer.status == 200 else None
        for event in events or ():
            position = event["position"]
            version = event["data"].get("version")
            kept = Followed(service, position, event["id"], event["type"], event["subject"], version)
            caller.history.add(kept)
        if is_last and events is not None and not events:
            line.close()
            return
        if events is None:
            await asyncio.sleep(AGAIN_SECONDS)
