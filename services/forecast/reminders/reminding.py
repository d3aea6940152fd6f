"""Reminds who has not handed in, beside the requests.

Every process looks; what makes a reminder one is its key in the database, so any number of them may look at once, and
any may die: what it wrote is written together with its events, and the others go on with what is left.
"""

import asyncio

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import Writing, reading, writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.service import Service
from services.forecast import events
from services.forecast.cycles.rules.definition import Cycle, Deadline
from services.forecast.reminders import store
from services.forecast.reminders.rules import turn_at
from services.forecast.reminders.store import Reminder

EVERY_SECONDS = 60.0
SEATS_AT_ONCE = 500


async def remind_of_forecasts(service: Service) -> None:
    """Look every minute who is to be reminded, until cancelled."""
    while True:
        try:
            await look(service)
        except (KeyaccountError, PostgresError, OSError) as error:
            structlog.get_logger().warning("reminders_wait", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def look(service: Service) -> int:
    """Remind everybody whose turn it is and who was not reminded of it yet; return how many were."""
    async with reading(service.database) as questions:
        cycles = await store.current_cycles(questions, service.today())
    reminded = 0
    for cycle in cycles:
        for deadline in cycle.levels_due:
            reminded += await _remind_level(service, cycle, deadline)
    if reminded:
        service.relay.published.set()
    return reminded


async def _remind_level(service: Service, cycle: Cycle, deadline: Deadline) -> int:
    days = turn_at(deadline.at, cycle.remind_before_days, cycle.remind_after_days, service.database.clock())
    if days is None:
        return 0
    reminded, found = 0, SEATS_AT_ONCE
    while found == SEATS_AT_ONCE:
        async with writing(service.database) as tx:
            told = await store.remind(
                tx, cycle.id, level=deadline.level, due_at=deadline.at, days=days, at_once=SEATS_AT_ONCE
            )
            for one in told:
                _publish(tx, one)
        found = len(told)
        reminded += found
    return reminded


def _publish(tx: Writing, one: Reminder) -> None:
    """Tell who holds the seat, and after the deadline also who is above (of a top: the head of its unit)."""
    data = {
        "reminder_id": str(one.id),
        "cycle_id": str(one.cycle_id),
        "seat_id": str(one.seat_id),
        "kind": one.kind.value,
        "days": one.days,
        "due_at": one.due_at.isoformat(),
        "to": [str(each) for each in (one.holder_id, one.superior_id) if each is not None],
    }
    tx.publish(events.REMINDED, one.seat_id, data)
