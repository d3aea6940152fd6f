"""The funnel of a scope as of a day: counts, amounts and health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orgchart.questions import person_of, subtree
from servicekit.data.transactions import Questions
from servicekit.values.dates import business_date, end_of_day
from servicekit.values.errors import NotVisible
from servicekit.values.rates import Rate, factors, rates_of
from services.opportunity.currencies.store import rates_into
from services.opportunity.definitions.rules import CURRENT
from services.opportunity.funnel.rules import health, report
from services.opportunity.funnel.rules.report import (
    AsOfInFuture,
    Basis,
    FunnelReport,
    Standing,
)
from services.opportunity.funnel.store import days as days_store
from services.opportunity.funnel.store import memory, past
from services.opportunity.funnel.store.counters import standing_of
from services.opportunity.funnel.store.days import Moment
from services.opportunity.funnel.store.today import Today, today
from services.opportunity.products.store import products_below
from services.opportunity.scopes.rules import Scope, ScopeKind

COUNTED = frozenset({ScopeKind.EVERYTHING, ScopeKind.PERSON, ScopeKind.SUBTREE})
"""The scopes that counters are kept of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a funnel, authorised."""

    scope: Scope
    as_of: date
    currency: str
    basis: Basis
    zone: ZoneInfo
    now: datetime


async def report_funnel(tx: Questions, asked: Asked) -> FunnelReport:
    """Return the funnel of a scope as of a day, today by the counters and a past day by the checkpoint before it."""
    this_day = business_date(asked.now, asked.zone)
    if asked.as_of > this_day:
        raise AsOfInFuture
    days = _days_compared(asked, await past.first_recorded(tx))
    if asked.scope.kind in COUNTED and asked.as_of == this_day:
        found = await _today(tx, asked, days)
        now, before = found.standing, await _counted_on(tx, asked, days, found.moment)
    elif asked.scope.kind in COUNTED:
        await _check_known(tx, asked.scope)
        all_days = [asked.as_of, *days]
        now, *before = await _counted_on(tx, asked, all_days, await days_store.moment_of(tx, all_days))
    else:
        now, *before = [await _reckoned_on(tx, asked, day) for day in [asked.as_of, *days]]
    rates = await rates_into(tx, asked.currency, _currencies(now, before), asked.as_of)
    return _report(asked, now, before, days, rates)


async def report_at_once(tx: Questions, asked: Asked) -> FunnelReport | None:
    """Return today's funnel by one question, or None where its baseline or a rate is not at hand.

    The question sees one instant, and what is remembered of the past holds at that instant.
    """
    scope, whole = asked.scope, asked.scope.kind is not ScopeKind.PERSON
    if scope.kind not in COUNTED or asked.as_of != business_date(asked.now, asked.zone):
        return None
    compared = [comparison.day for comparison in health.baseline_days(asked.as_of)]
    found = await _today(tx, asked, compared)
    days = _days_compared(asked, found.first)
    moment = Moment(found.moment.chart_version, found.moment.revisions[: len(days)])
    before = memory.remembered(tx.database, days, moment, person_id=scope.person_id, whole=whole)
    if before is None:
        return None
    currencies = found.standing.currencies | {asked.currency}
    if not _currencies(found.standing, before) <= currencies:
        return None
    rates = rates_of(found.quotes, asked.currency, sorted(currencies), asked.as_of)
    return _report(asked, found.standing, before, days, rates)


async def _today(tx: Questions, asked: Asked, days: list[date]) -> Today:
    scope = asked.scope
    found = await today(tx, scope.kind.value, scope.person_id, day=asked.as_of, currency=asked.currency, compared=days)
    if scope.person_id is not None and not found.known:
        raise NotVisible("person", scope.person_id)
    return found


async def _counted_on(tx: Questions, asked: Asked, days: Sequence[date], moment: Moment) -> list[Standing]:
    """Return what stood where at the end of each day, by the owners and the reporting line of that day."""
    whole = asked.scope.kind is not ScopeKind.PERSON
    return await memory.standings_on(tx, days, moment, person_id=asked.scope.person_id, whole=whole)


async def _check_known(tx: Questions, scope: Scope) -> None:
    if scope.person_id is not None and await person_of(tx, scope.person_id) is None:
        raise NotVisible("person", scope.person_id)


def _report(
    asked: Asked, now: Standing, before: Sequence[Standing], days: Sequence[date], rates: Mapping[str, Rate]
) -> FunnelReport:
    funnel = report.funnel_of(CURRENT, now, before, rates=factors(rates), currency=asked.currency, basis=asked.basis)
    used = [rate for rate in rates.values() if rate.date is not None]
    return FunnelReport(asked.scope, asked.as_of, asked.currency, asked.basis, funnel, used, days)


def _days_compared(asked: Asked, first: datetime | None) -> list[date]:
    recorded = business_date(first, asked.zone) if first else None
    return report.days_compared(health.days_with_history(health.baseline_days(asked.as_of), recorded))


def _currencies(now: Standing, before: Sequence[Standing]) -> set[str]:
    return now.currencies.union(*(one.currencies for one in before))


async def _reckoned_on(tx: Questions, asked: Asked, day: date) -> Standing:
    """Return what stood where for a customer or a product line at the end of a day."""
    scope, until = asked.scope, end_of_day(day, asked.zone)
    if scope.kind is ScopeKind.CUSTOMER:
        return standing_of(day, await past.of_customers(tx, list(scope.customer_ids), until))
    assert scope.product_line_id is not None  # noqa: S101 (narrowing: `authorise` has seen to it)
    found = await past.of_products(tx, await products_below(tx, scope.product_line_id), until)
    if scope.person_id is not None:
        people = set(await subtree(tx, scope.person_id, day))
        found = [counts for counts in found if counts.person_id in people]
    return standing_of(day, found)
