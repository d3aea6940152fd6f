"""Reads the peer's feed again where the base is older than its facts.

What came before the facts were kept is laid beneath what came since: the highest version stays. Who sees a customer is
not touched by it, or a team of long ago would see it again for a while.
"""

import asyncio

import structlog

from servicekit.data.transactions import reading, writing
from servicekit.events.consumers import Event, event_of
from servicekit.peers.client import Peer
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.customer.clients.opportunity import exchange_rates, product_lines
from services.customer.consumers import FACT_HANDLERS
from services.customer.opportunity_facts import store

AT_ONCE = 200
RETRY_SECONDS = 2.0


async def recall_facts(service: Service) -> None:
    """Read the feed again up to its end, if that is needed and was not done."""
    while True:
        try:
            if not await recall_step(service):
                return
        except KeyaccountError as error:
            structlog.get_logger().warning("recall_waits", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def recall_step(service: Service) -> bool:
    """Lay the next old events beneath the facts; return whether there may be more."""
    async with reading(service.database) as questions:
        recall = await store.find_recall(questions)
    if recall is None or recall.finished:
        return False
    peer = service.peers["opportunity"]
    lines, rates = (await product_lines(peer), await exchange_rates(peer)) if recall.position == 0 else ([], [])
    events = await _events_after(peer, recall.position)
    async with writing(service.database) as tx:
        if await store.lock_recall(tx) != recall:
            return True  # another process of this service has done it meanwhile
        await store.keep_product_lines(tx, lines)
        await store.keep_rates(tx, rates)
        for event in events:
            handler = FACT_HANDLERS.get(event.type)
            if handler is not None:
                await handler(tx, event)
        position = events[-1].position if events else recall.position
        await store.move_recall(tx, position, finished=len(events) < AT_ONCE)
    return len(events) == AT_ONCE


async def _events_after(peer: Peer, position: int) -> list[Event]:
    question = {"after": position, "limit": AT_ONCE, "wait": 0}
    answer = await peer.follow("/v1/opportunity/events", question, timeout_seconds=5)
    return [event_of(item) for item in answer["items"]]
