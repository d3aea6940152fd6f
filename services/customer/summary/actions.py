"""Putting together what is known of a customer."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.values.dates import start_of_day
from servicekit.values.rates import factors
from services.customer.base.actions import basis_of
from services.customer.base.rules import Basis, Segmentation, segmentation
from services.customer.classification.actions.gaps import outdated_before
from services.customer.classification.rules.deciding import Gap
from services.customer.classification.rules.deciding import gaps_of as classification_gaps
from services.customer.classification.store import schemes
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerDetail
from services.customer.opportunity_facts.store import rates_into
from services.customer.summary import rules, store
from services.customer.summary.rules import Facts, SummaryGap
from services.customer.summary.store import Activities, Deal

MOST_OPEN, MOST_PEOPLE = 20, 50
OLD_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Summary:
    """What this service knows of a customer, for whoever asks."""

    customer: CustomerDetail
    contacts: int
    team: list[UUID]
    opportunities: Segmentation
    basis: Basis
    open: list[Deal]
    activities: Activities
    gaps: list[SummaryGap]
    missing_fields: list[str]
    classification_gaps: list[Gap]


async def summarise(
    tx: Questions, viewer: Viewer, customer_id: UUID, *, today: date, zone: ZoneInfo, currency: str
) -> Summary:
    """Return what is known of a customer that the viewer sees."""
    found = await records.get(tx, viewer, customer_id)
    customer_id = found.id
    counted = await store.count_opportunities(tx, viewer, customer_id)
    rates = await rates_into(tx, currency, today)
    by_state = segmentation(counted, factors(rates), currency, len(counted))
    activities = await store.activities_of(tx, viewer, customer_id, today)
    contacts = await store.count_contacts(tx, customer_id)
    kept = await schemes.in_force(tx, today)
    latest = await store.latest_evaluation(tx, customer_id)
    verified = [one for one in found.identifiers if one["verified"] and one["ended_on"] is None]
    facts = Facts(
        found.account_manager_id,
        found.tier,
        contacts,
        len(verified),
        sum(one.count for one in counted if one.state == "open"),
        activities.planned,
        activities.overdue,
        found.updated_at,
    )
    known = [name for name in rules.FIELDS if getattr(found, _SOURCES.get(name, name)) is not None]
    return Summary(
        customer=found,
        contacts=contacts,
        team=await store.list_team(tx, viewer, customer_id, MOST_PEOPLE),
        opportunities=by_state,
        basis=basis_of(rates, counted, by_state.unconverted, currency),
        open=await store.list_open(tx, viewer, customer_id, MOST_OPEN),
        activities=activities,
        gaps=rules.gaps_of(facts, start_of_day(today - OLD_AFTER, zone)),
        missing_fields=rules.missing_fields(known),
        classification_gaps=classification_gaps(
            latest, kept.number, outdated_before(kept.outdated_after_days, today, zone)
        ),
    )


_SOURCES = {"annual_revenue": "revenue_amount"}
