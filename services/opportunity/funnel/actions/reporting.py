"""The funnel of a scope as of a day: counts, amounts and health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orgchart.questions import check_known, subtree
from servicekit.data.transactions import Questions
from servicekit.values.dates import business_date, end_of_day
from servicekit.values.errors import NotVisible
from servicekit.values.rates import Rate, converting, factors, rates_of
from services.opportunity.baselines import store as baselines
from services.opportunity.baselines.rules import Baseline, Basis, in_force
from services.opportunity.calibration.rules.choosing import Used
from services.opportunity.calibration.store.calibrations import used as used_ahead_of
from services.opportunity.currencies.store import rates_into
from services.opportunity.definitions.rules import Definitions
from services.opportunity.definitions.store import up_to, up_to_date
from services.opportunity.funnel.rules import report
from services.opportunity.funnel.rules.health import Compared, days_compared, days_read
from services.opportunity.funnel.rules.measures import Past
from services.opportunity.funnel.rules.report import AsOfInFuture, FunnelReport
from services.opportunity.funnel.rules.standing import Standing
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
    compared = _compared(asked, await past.first_recorded(tx))
    days = days_read(compared)
    if asked.scope.kind in COUNTED and asked.as_of == this_day:
        found = await _today(tx, asked, days[1:])
        standings = [found.standing, *await _counted_on(tx, asked, days[1:], found.moment)]
        said = found.said
    else:
        standings = await _past_standings(tx, asked, days)
        said = await baselines.of_scope(tx, asked.scope, asked.basis, asked.as_of)
    known = dict(zip(days, standings, strict=True))
    definitions = await up_to_date(tx)
    now, previous = (_past(each, known, said, definitions) for each in compared)
    rates = await rates_into(tx, asked.currency, _currencies(now, previous), asked.as_of)
    return _report(asked, compared, now, previous, rates=rates, definitions=definitions, used=await _used(tx, asked))


async def report_at_once(tx: Questions, asked: Asked) -> FunnelReport | None:
    """Return today's funnel by one question, or None where its baseline or a rate is not at hand.

    The question sees one instant, and what is remembered of the past holds at that instant.
    """
    scope, whole = asked.scope, asked.scope.kind is not ScopeKind.PERSON
    if scope.kind not in COUNTED or asked.as_of != business_date(asked.now, asked.zone):
        return None
    all_days = days_read(days_compared(asked.as_of, date.min))[1:]
    found = await _today(tx, asked, all_days)
    revisions = dict(zip(all_days, found.moment.revisions, strict=True))
    compared = _compared(asked, found.first)
    days = days_read(compared)[1:]
    moment = Moment(found.moment.chart_version, tuple(revisions[day] for day in days))
    before = memory.remembered(tx.database, days, moment, person_id=scope.person_id, whole=whole)
    if before is None:
        return None
    known = dict(zip(days, before, strict=True)) | {asked.as_of: found.standing}
    definitions = await up_to(tx, found.funnel_version)
    now, previous = (_past(each, known, found.said, definitions) for each in compared)
    currencies = found.standing.currencies | {asked.currency}
    if not _currencies(now, previous) <= currencies:
        return None
    rates = rates_of(found.quotes, asked.currency, sorted(currencies), asked.as_of)
    return _report(
        asked,
        compared,
        now,
        previous,
        rates=rates,
        definitions=definitions,
        used=await _used(tx, asked),
    )


async def _past_standings(tx: Questions, asked: Asked, days: list[date]) -> list[Standing]:
    if asked.scope.kind not in COUNTED:
        return [await _reckoned_on(tx, asked, day) for day in days]
    if asked.scope.person_id is not None:
        await check_known(tx, asked.scope.person_id)
    return await _counted_on(tx, asked, days, await days_store.moment_of(tx, days))


async def _today(tx: Questions, asked: Asked, days: list[date]) -> Today:
    scope, currency, basis = asked.scope, asked.currency, asked.basis
    found = await today(
        tx, scope.kind.value, scope.person_id, day=asked.as_of, currency=currency, basis=basis, compared=days
    )
    if scope.person_id is not None and not found.known:
        raise NotVisible("person", scope.person_id)
    return found


async def _counted_on(tx: Questions, asked: Asked, days: Sequence[date], moment: Moment) -> list[Standing]:
    """Return what stood where at the end of each day, by the owners and the reporting line of that day."""
    whole = asked.scope.kind is not ScopeKind.PERSON
    return await memory.standings_on(tx, days, moment, person_id=asked.scope.person_id, whole=whole)


async def _used(tx: Questions, asked: Asked) -> Used | None:
    """Return the calibrated probabilities that counted at the end of the day, if any did."""
    return await used_ahead_of(tx, end_of_day(asked.as_of, asked.zone))


def _report(
    asked: Asked,
    compared: tuple[Compared, Compared | None],
    now: Past | None,
    previous: Past | None,
    *,
    rates: Mapping[str, Rate],
    definitions: Definitions,
    used: Used | None,
) -> FunnelReport:
    assert now is not None  # noqa: S101 (narrowing: the day that is asked for has always a standing)
    funnel = report.funnel_of(
        definitions, now, previous, rates=factors(rates), currency=asked.currency, basis=asked.basis, used=used
    )
    days = [comparison.day for comparison in compared[0].before]
    before = compared[1].day if compared[1] else None
    return FunnelReport(
        asked.scope,
        asked.as_of,
        asked.currency,
        asked.basis,
        funnel,
        converting(rates),
        days,
        before,
        used.calibration_id if used else None,
    )


def _compared(asked: Asked, first: datetime | None) -> tuple[Compared, Compared | None]:
    return days_compared(asked.as_of, business_date(first, asked.zone) if first else None)


def _past(
    compared: Compared | None, known: Mapping[date, Standing], said: Sequence[Baseline], definitions: Definitions
) -> Past | None:
    if compared is None:
        return None
    earlier = [(comparison, known[comparison.day]) for comparison in compared.before]
    return Past(known[compared.day], earlier, in_force(said, compared.day, definitions))


def _currencies(now: Past | None, previous: Past | None) -> set[str]:
    return {currency for one in (now, previous) if one for currency in one.currencies}


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
