"""Asks the assignment rules, beside the requests, about customers that nobody looks after yet.

What was made while `team` was away, or in bulk, is given to somebody here, and what no rule covered when others come
into force. Several processes may do it at once: a customer is given away only as long as nobody looks after it.
"""

import asyncio

import structlog

from servicekit.data.transactions import reading, writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.customer.clients.team import AssignmentRules
from services.customer.customers.actions import assigning
from services.customer.customers.store import unassigned
from services.customer.customers.store.unassigned import ASKING, Waiting
from services.customer.rulings.rules import Ruling, Rulings

AT_ONCE = 200
EVERY_SECONDS = 5.0


async def assign_waiting(service: Service) -> None:
    """Ask about what waits, until cancelled."""
    while True:
        try:
            if await assign_step(service):
                continue
        except KeyaccountError as error:
            structlog.get_logger().warning("assigning_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def assign_step(service: Service) -> int:
    """Ask about some customers that wait; return how many are settled by it."""
    async with reading(service.database) as questions:
        if not await unassigned.is_any(questions, ASKING):
            return 0
    rules = AssignmentRules(service.peers["team"])
    number = (await rules.rulings([])).number
    reasons = ASKING if number is not None else (assigning.NOT_ASKED,)
    async with reading(service.database) as questions:
        waiting = await unassigned.not_checked(questions, reasons, number or 1, limit=AT_ONCE)
    if not waiting:
        return 0
    found = await rules.rulings([unassigned.attributes_of(one) for one in waiting])
    async with writing(service.database) as tx:
        settled = await assigning.take_out(tx, waiting, rulings_for(waiting, found))
    service.relay.published.set()
    return settled


def rulings_for(waiting: list[Waiting], found: Rulings) -> list[Ruling]:
    """Return what the rules say; where none are in force, whoever entered a customer looks after it."""
    if found.number is not None:
        return found.of
    return [Ruling(one.fallback_id, None, None) for one in waiting]
