"""Turns the parts of approved plans into planned activities, in the background and each once."""

import asyncio

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import writing
from servicekit.web.service import Service
from services.customer.activities.actions import plan_for
from services.customer.activities.rules import ActivityKind, TypedActivity
from services.customer.portfolio_plans import store
from services.customer.portfolio_plans.rules import days_of_coverage
from services.customer.portfolio_plans.store import Due

CHUNK = 50
EVERY_SECONDS = 5.0


async def cover(service: Service) -> None:
    """Plan whatever is due, as long as the process lives."""
    while True:
        try:
            while await cover_due(service):
                pass
        except (PostgresError, OSError) as error:
            structlog.get_logger().warning("coverage_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def cover_due(service: Service) -> int:
    """Plan the visits of some customers in one transaction; return of how many."""
    async with writing(service.database) as tx:
        due = await tx.all(store.DUE, limit=CHUNK)
        for one in due:
            for typed in _visits(one):
                await plan_for(tx, typed, one.approved_by)
            await tx.execute(
                store.COVERED, plan_id=one.plan_id, customer=one.customer_id, now=tx.now, made=one.coverage
            )
    if due:
        service.relay.published.set()
    return len(due)


def _visits(due: Due) -> list[TypedActivity]:
    return [
        TypedActivity(
            customer_id=due.survivor_id,
            kind=ActivityKind.VISIT,
            subject=due.name,
            planned_on=day,
            done_on=None,
            outcome=None,
            owner_id=due.account_manager_id,
            opportunity_id=None,
            contact_ids=(),
        )
        for day in days_of_coverage(due.in_force_from, due.until_date, due.coverage)
    ]
