"""Reckons the potential of customers in the background: of new ones at once, of all once a day."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from asyncpg.exceptions import PostgresError

from servicekit.data.transactions import Questions, reading, writing
from servicekit.values.rates import factors
from servicekit.web.service import Service
from services.customer.opportunity_facts.store import rates_into
from services.customer.potential import store
from services.customer.potential.rules import Facts, Potential, popular_lines, potential
from services.customer.potential.store import Company, Sales

CHUNK = 500
EVERY_SECONDS = 10.0
YEAR = timedelta(days=365)
REMEMBERED = timedelta(minutes=10)
"""For so long what industries buy is remembered: it takes a look at every opportunity."""

IN_FLIGHT = timedelta(minutes=10)
"""A customer is seen by others so long after its `created_at` at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What all customers are reckoned by until an instant: the day, what money is worth, what industries buy."""

    today: date
    until: datetime
    factors: Mapping[str, Decimal]
    popular: Mapping[str, frozenset[str]] = field(default_factory=dict)


async def reckon_potential(service: Service) -> None:
    """Reckon whatever is due, as long as the process lives."""
    reckoning = Reckoning(service)
    while True:
        try:
            await reckoning.reckon_due()
        except (PostgresError, OSError) as error:
            structlog.get_logger().warning("potential_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


class Reckoning:
    """Reckons for one process: it remembers what industries buy, and since when it has seen every new customer."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._since = datetime.min.replace(tzinfo=UTC)
        self._known: Known | None = None

    async def reckon_due(self) -> int:
        """Reckon customers that are due until none is; return how many there were."""
        service, done = self._service, 0
        today, began = service.today(), service.database.clock()
        while True:
            async with reading(service.database) as tx:
                ids = await store.due(tx, today, self._since, CHUNK)
                if not ids:
                    self._since = began - IN_FLIGHT
                    return done
                known = await self._known_now(tx, today)
                reckoned = await _reckon(tx, ids, known)
            async with writing(service.database) as tx:
                await store.keep(tx, reckoned, today)
            done += len(ids)

    async def _known_now(self, tx: Questions, today: date) -> Known:
        now = self._service.database.clock()
        if self._known is None or self._known.today != today or self._known.until <= now:
            self._known = await _known(tx, self._service.settings.reporting_currency, today, now + REMEMBERED)
        return self._known


async def _known(tx: Questions, currency: str, today: date, until: datetime) -> Known:
    buyers, by_line = await store.industries(tx)
    popular = {industry: popular_lines(buyers[industry], lines) for industry, lines in by_line.items()}
    return Known(today, until, factors(await rates_into(tx, currency, today)), popular)


async def _reckon(tx: Questions, ids: Sequence[UUID], known: Known) -> dict[UUID, Potential]:
    """Reckon a chunk, by four questions for all of it."""
    companies = await tx.all(store.COMPANIES, ids=list(ids))
    sales: dict[UUID, list[Sales]] = {}
    for one in await store.sales_of(tx, ids, known.today - YEAR, known.today - 2 * YEAR):
        sales.setdefault(one.customer_id, []).append(one)
    lines: dict[UUID, set[str]] = {}
    for customer_id, line in await tx.all(store.LINES, ids=list(ids)):
        lines.setdefault(customer_id, set()).add(str(line))
    last = {row[0]: row[1] for row in await tx.all(store.LAST_ACTIVITY, ids=list(ids))}
    return {
        company.id: potential(
            _facts(company, sales.get(company.id, ()), lines.get(company.id, set()), last.get(company.id), known),
            known.today,
        )
        for company in companies
    }


def _facts(
    company: Company, sales: Sequence[Sales], bought: set[str], last_activity: date | None, known: Known
) -> Facts:
    converted = [(one, known.factors[one.currency]) for one in sales if one.currency in known.factors]
    revenue_factor = known.factors.get(company.annual_revenue_currency or "")
    has_revenue = company.annual_revenue is not None and revenue_factor is not None
    return Facts(
        tier=company.tier,
        employees=company.employees,
        revenue=(company.annual_revenue or Decimal(0)) * (revenue_factor or Decimal(0)) if has_revenue else None,
        won_last_year=sum((one.won_last_year * factor for one, factor in converted), Decimal(0)),
        won_year_before=sum((one.won_year_before * factor for one, factor in converted), Decimal(0)),
        pipeline=sum((one.pipeline * factor for one, factor in converted), Decimal(0)),
        bought=bought,
        popular=known.popular.get(company.industry or "", frozenset()),
        last_activity=last_activity,
        unconverted=len(converted) < len(sales),
    )
