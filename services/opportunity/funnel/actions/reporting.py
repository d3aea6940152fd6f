"""The funnel of a scope as of a day: counts, amounts and health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orgchart.questions import person_of, subtree
from orgchart.viewer import FINANCE, MARKETING, Viewer
from servicekit.data.transactions import Questions
from servicekit.values.dates import business_date, end_of_day
from servicekit.values.errors import NotVisible
from services.opportunity.currencies.rules import factors
from services.opportunity.currencies.store import rates_into
from services.opportunity.customers.store import customers_of
from services.opportunity.definitions.rules import CURRENT
from services.opportunity.funnel.rules import health, report
from services.opportunity.funnel.rules.figures import Group
from services.opportunity.funnel.rules.report import (
    AsOfInFuture,
    Basis,
    FunnelReport,
    Scope,
    ScopeIncomplete,
    ScopeKind,
    Standing,
)
from services.opportunity.funnel.store import counters, memory, past
from services.opportunity.funnel.store.counters import Counts
from services.opportunity.funnel.store.past import Moment
from services.opportunity.opportunities.reach import Breadth, Reach
from services.opportunity.products.store import get_line, products_below
from services.opportunity.refusals import MayNotDo


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a funnel, authorised."""

    scope: Scope
    as_of: date
    currency: str
    basis: Basis
    zone: ZoneInfo
    now: datetime


async def authorise(tx: Questions, viewer: Viewer, reach: Reach, scope: Scope) -> Scope:
    """Return the scope as the viewer may have it; what they may not see is as if it were not there."""
    everything = reach.breadth is Breadth.EVERYTHING or viewer.has_role(MARKETING, FINANCE)
    if scope.kind is ScopeKind.EVERYTHING and not everything:
        raise MayNotDo("You see your own line: ask for scope=subtree or scope=person.")
    if scope.kind in {ScopeKind.PERSON, ScopeKind.SUBTREE}:
        person_id = scope.person_id or viewer.acts_as
        if person_id is None:
            raise ScopeIncomplete("person_id")
        if not (everything or reach.includes(person_id)) or await person_of(tx, person_id) is None:
            raise NotVisible("person", person_id)
        return Scope(scope.kind, person_id)
    if scope.kind is ScopeKind.CUSTOMER:
        return await _customer_scope(tx, reach, scope, everything=everything)
    if scope.kind is ScopeKind.PRODUCT_LINE:
        if scope.product_line_id is None:
            raise ScopeIncomplete("product_line_id")
        await get_line(tx, scope.product_line_id)
        return Scope(scope.kind, None if everything else viewer.acts_as, None, scope.product_line_id)
    return Scope(scope.kind)


async def _customer_scope(tx: Questions, reach: Reach, scope: Scope, *, everything: bool) -> Scope:
    if scope.customer_id is None:
        raise ScopeIncomplete("customer_id")
    customer = (await customers_of(tx, [scope.customer_id])).get(scope.customer_id)
    if customer is None or not (everything or reach.includes(customer.account_manager_id)):
        raise NotVisible("customer", scope.customer_id)
    below = await past.customers_below(tx, scope.customer_id)
    seen = [each for each, manager_id in below if everything or reach.includes(manager_id)]
    return Scope(scope.kind, None, scope.customer_id, customer_ids=tuple(seen))


async def report_funnel(tx: Questions, asked: Asked) -> FunnelReport:
    """Return the funnel of a scope as of a day, today by the counters and a past day from the histories."""
    today = business_date(asked.now, asked.zone)
    if asked.as_of > today:
        raise AsOfInFuture
    moment = await memory.moment_of(tx)
    if asked.as_of == today:
        now = await _present(tx, asked, moment)
    else:
        now = await _on(tx, asked, asked.as_of, moment)
    first = await past.first_recorded(tx)
    recorded = business_date(first, asked.zone) if first else None
    days = report.days_compared(health.days_with_history(health.baseline_days(asked.as_of), recorded))
    before = [_standing(day, await _on(tx, asked, day, moment)) for day in days]
    standing = _standing(asked.as_of, now)
    currencies = {group.currency for one in (standing, *before) for _, group in one.groups}
    rates = await rates_into(tx, asked.currency, currencies, asked.as_of)
    funnel = report.funnel_of(
        CURRENT, standing, before, rates=factors(rates), currency=asked.currency, basis=asked.basis
    )
    used = [rate for rate in rates.values() if rate.date is not None]
    return FunnelReport(asked.scope, asked.as_of, asked.currency, asked.basis, funnel, used, days)


async def _present(tx: Questions, asked: Asked, moment: Moment) -> list[Counts]:
    scope = asked.scope
    if scope.kind in {ScopeKind.CUSTOMER, ScopeKind.PRODUCT_LINE}:
        return await _on(tx, asked, asked.as_of, moment)
    return await counters.present_counts(tx, scope.kind.value, scope.person_id)


async def _on(tx: Questions, asked: Asked, day: date, moment: Moment) -> list[Counts]:
    """Return the counts of the scope at the end of a day, by the owners and the reporting line of that day."""
    scope, until = asked.scope, end_of_day(day, asked.zone)
    if scope.kind is ScopeKind.CUSTOMER and scope.customer_id:
        return await past.of_customers(tx, list(scope.customer_ids), until)
    if scope.kind is ScopeKind.PRODUCT_LINE and scope.product_line_id:
        found = await past.of_products(tx, await products_below(tx, scope.product_line_id), until)
        if scope.person_id is None:
            return found
        people = set(await subtree(tx, scope.person_id, day))
        return [counts for counts in found if counts.person_id in people]
    whole = scope.kind is not ScopeKind.PERSON
    return await memory.counts_on(tx, day, until, moment, person_id=scope.person_id, whole=whole)


def _standing(day: date, found: Sequence[Counts]) -> Standing:
    return Standing(
        day,
        [
            (one.quarter, Group(one.place, one.currency, one.count, one.amount, one.unknown_amount, one.simulated))
            for one in found
        ],
    )
