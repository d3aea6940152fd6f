"""Questions about one customer, as far as the viewer sees what belongs to it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, any_, bindparam, func, or_, select

from orgchart.scope import VIEWER_SEES_ALL
from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.activities.tables import activity
from services.customer.base.rules import Counted
from services.customer.classification.rules.deciding import Latest, Verdict
from services.customer.classification.tables import classification
from services.customer.customers.rules.values import Tier
from services.customer.customers.store.identity import group_array, named, survivor
from services.customer.customers.store.scope import is_below_viewer, is_looked_after, viewer_takes_part
from services.customer.customers.tables import customer, opportunity_team
from services.customer.opportunity_facts.tables import opportunity_fact
from services.customer.relationships.tables import contact

_c, _f, _a, _l = customer.c, opportunity_fact.c, activity.c, classification.c
_ID = bindparam("customer_id", type_=Uuid())
_TODAY = bindparam("today", type_=Date())


@dataclass(frozen=True, slots=True)
class Deal:
    """An open opportunity."""

    id: UUID
    name: str
    principal_id: UUID
    stage: str
    amount: Decimal | None
    currency: str
    expected_close: date | None


@dataclass(frozen=True, slots=True)
class Activities:
    """What was and will be done: None where nothing was, or is planned, or where the viewer does not look after it."""

    last_done_on: date | None
    next_planned_on: date | None
    planned: int
    overdue: int


_sees = or_(
    VIEWER_SEES_ALL,
    is_below_viewer(_c.account_manager_id),
    viewer_takes_part(opportunity_team.c.opportunity_id == _f.opportunity_id),
)
_seen = opportunity_fact.join(named, named.c.id == _f.customer_id).join(customer, _c.id == survivor(named))
COUNTED = prepared(
    select(
        _f.state.label("key"),
        _f.state,
        _f.currency,
        func.count().label("count"),
        func.coalesce(func.sum(_f.amount), 0).label("amount"),
        func.count().filter(_f.amount.is_(None)).label("unknown_amount"),
        func.count().filter(_f.is_simulated).label("simulated_count"),
    )
    .select_from(_seen)
    .where(_c.id == _ID, _sees)
    .group_by(_f.state, _f.currency),
    into=Counted,
)
DEALS = prepared(
    select(_f.opportunity_id.label("id"), _f.name, _f.principal_id, _f.stage, _f.amount, _f.currency, _f.expected_close)
    .select_from(_seen)
    .where(_c.id == _ID, _f.state == "open", _sees)
    .order_by(_f.expected_close.asc().nulls_last(), _f.opportunity_id)
    .limit(bindparam("most")),
    into=Deal,
)
_member = opportunity_team.alias("member")
TEAM = prepared(
    select(_member.c.person_id)
    .select_from(_seen.join(_member, _member.c.opportunity_id == _f.opportunity_id))
    .where(_c.id == _ID, _f.state == "open", _sees)
    .distinct()
    .order_by(_member.c.person_id)
    .limit(bindparam("most"))
)
_is_planned = and_(_a.done_on.is_(None), _a.cancelled_on.is_(None))
ACTIVITIES = prepared(
    select(
        func.max(_a.done_on).label("last_done_on"),
        func.min(_a.planned_on).filter(_is_planned, _a.planned_on >= _TODAY).label("next_planned_on"),
        func.count().filter(_is_planned, _a.planned_on >= _TODAY).label("planned"),
        func.count().filter(_is_planned, _a.planned_on < _TODAY).label("overdue"),
    )
    .select_from(activity.join(named, named.c.id == _a.customer_id).join(customer, _c.id == survivor(named)))
    .where(_c.id == _ID, is_looked_after()),
    into=Activities,
)
CONTACTS = prepared(
    select(func.count())
    .select_from(contact)
    .where(
        *(contact.c.customer_id == any_(group_array(_ID)), contact.c.merged_into_id.is_(None)),
        *(~contact.c.has_left, contact.c.erased_at.is_(None)),
    )
)
LATEST = prepared(select(_l.scheme_number, _l.evaluated_at, _l.tier, _l.verdict).where(_l.customer_id == _ID))


async def count_opportunities(tx: Questions, viewer: Viewer, customer_id: UUID) -> list[Counted]:
    """Return how many opportunities of a customer the viewer sees, by state and currency."""
    return await tx.all(COUNTED, viewer=viewer, customer_id=customer_id)


async def list_open(tx: Questions, viewer: Viewer, customer_id: UUID, most: int) -> list[Deal]:
    """Return the open opportunities of a customer that the viewer sees, the first to close first."""
    return await tx.all(DEALS, viewer=viewer, customer_id=customer_id, most=most)


async def list_team(tx: Questions, viewer: Viewer, customer_id: UUID, most: int) -> list[UUID]:
    """Return who takes part in the open opportunities of a customer that the viewer sees."""
    return [row[0] for row in await tx.all(TEAM, viewer=viewer, customer_id=customer_id, most=most)]


async def activities_of(tx: Questions, viewer: Viewer, customer_id: UUID, today: date) -> Activities:
    """Return what was and will be done with a customer that the viewer looks after."""
    return await tx.one(ACTIVITIES, viewer=viewer, customer_id=customer_id, today=today)


async def count_contacts(tx: Questions, customer_id: UUID) -> int:
    """Return how many contacts a customer has."""
    found: int = await tx.value(CONTACTS, customer_id=customer_id)
    return found


async def latest_evaluation(tx: Questions, customer_id: UUID) -> Latest | None:
    """Return the latest evaluation of a customer, or None."""
    row = await tx.first(LATEST, customer_id=customer_id)
    if row is None:
        return None
    tier, verdict = (Tier(row["tier"]) if row["tier"] else None), (Verdict(row["verdict"]) if row["verdict"] else None)
    return Latest(row["scheme_number"], row["evaluated_at"], tier, verdict)
