"""What a portfolio plan has brought, against what it was to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.values.money import Money, round_money
from servicekit.values.rates import factors
from services.customer.opportunity_facts.store import rates_into
from services.customer.portfolio_plans import rules, store


@dataclass(frozen=True, slots=True)
class TierProgress:
    """How far a tier has come."""

    tier: str
    customers: int
    target: Money
    won: Money
    coverage: int
    done: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan has come; each sum is of its tiers, as they are shown."""

    id: UUID
    version: int
    as_of: date
    target: Money
    won: Money
    unconverted: list[str]
    activities_planned: int
    customers_to_plan: int
    tiers: Sequence[TierProgress]


async def progress(tx: Questions, viewer: Viewer, plan_id: UUID, today: date) -> Progress:
    """Return what a plan has brought up to today, in the time in which it is, or is meant to be, in force.

    Raises:
        PortfolioNotAllocated: its targets are not shared out.
    """
    plan = await store.get(tx, viewer, plan_id)
    if plan.allocation is None:
        raise rules.PortfolioNotAllocated
    days = {"from_date": plan.in_force_from or plan.from_date, "until_date": plan.ends_on or plan.until_date}
    standings, won, done = await store.standings(tx, plan, days)
    worth = factors(await rates_into(tx, plan.currency, today))
    brought: dict[str, Decimal] = {}
    for tier, currency, amount in won:
        brought[tier] = brought.get(tier, Decimal(0)) + amount * worth.get(currency, Decimal(0))
    by_tier = {one.tier: one for one in standings}
    tiers = [
        TierProgress(
            one.tier,
            by_tier[one.tier].customers,
            Money(round_money(by_tier[one.tier].target, plan.currency), plan.currency),
            Money(round_money(brought.get(one.tier, Decimal(0)), plan.currency), plan.currency),
            by_tier[one.tier].coverage,
            done.get(one.tier, 0),
        )
        for one in plan.said
        if one.tier in by_tier
    ]
    planned, waiting = await tx.one(store.PLANNED, the_id=plan_id)
    return Progress(
        plan.id,
        plan.version,
        today,
        Money(sum((one.target.amount for one in tiers), Decimal(0)), plan.currency),
        Money(sum((one.won.amount for one in tiers), Decimal(0)), plan.currency),
        sorted({currency for _, currency, _ in won} - worth.keys()),
        planned,
        waiting,
        tiers,
    )
