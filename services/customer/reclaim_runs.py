"""Looks at all customers once a business day, beside the requests, for those that are neglected.

Several processes may do it at once, and one that dies is followed by another: each customer is judged under its lock.
"""

import asyncio
from uuid import UUID

import structlog

from servicekit.data.transactions import reading, writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.customer.reclaiming import actions, store
from services.customer.reclaiming.rules import Step, step_of

AT_ONCE = 500
EVERY_SECONDS = 60.0


async def reclaim_daily(service: Service) -> None:
    """Look at all customers on each new business day, until cancelled."""
    while True:
        try:
            async with reading(service.database) as questions:
                ran_on = await store.ran_on(questions)
            if ran_on is None or ran_on < service.today():
                await reclaim_neglected(service)
        except KeyaccountError as error:
            structlog.get_logger().warning("reclaiming_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def reclaim_neglected(service: Service) -> int:
    """Announce, withdraw and do what is due today; return about how many customers something was done."""
    today, done, after = service.today(), 0, UUID(int=0)
    while True:
        found, last = await _due_after(service, after)
        done += await _look_after(service, found)
        if last is None:
            break
        after = last
    while True:
        async with reading(service.database) as questions:
            left = await store.notices_of_nobody(questions, AT_ONCE)
        if not left:
            break
        done += await _look_after(service, [notice.customer_id for notice in left])
    async with writing(service.database) as tx:
        await store.note_run(tx, today)
    return done


async def _due_after(service: Service, after: UUID) -> tuple[list[UUID], UUID | None]:
    """Return some customers about which something is to be done, and where to go on; None at the end."""
    today, zone = service.today(), str(service.settings.time_zone)
    async with reading(service.database) as questions:
        in_force = await store.rules_on(questions, today)
        known = await store.some_facts(questions, after, AT_ONCE, zone)
        notices = await store.open_notices(questions, [facts.id for facts in known])
    found = [facts.id for facts in known if step_of(facts, notices.get(facts.id), in_force, today) is not Step.NOTHING]
    return found, known[-1].id if len(known) == AT_ONCE else None


async def _look_after(service: Service, ids: list[UUID]) -> int:
    if not ids:
        return 0
    today, zone = service.today(), str(service.settings.time_zone)
    async with writing(service.database) as tx:
        in_force = await store.rules_on(tx, today)
        done = await actions.look_after(tx, ids, in_force, zone, today=today)
    service.relay.published.set()
    return done
