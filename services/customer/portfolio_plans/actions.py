"""What people do with portfolio plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.questions import subtree
from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.rates import factors
from servicekit.values.versions import check_version
from services.customer import events
from services.customer.customers.actions.people import decider_of, superiors_of
from services.customer.customers.rules.approving import check_approval
from services.customer.customers.store.identity import survivors_of
from services.customer.opportunity_facts.store import rates_into
from services.customer.portfolio_plans import rules, store
from services.customer.portfolio_plans.rules import Basis, Candidate, PortfolioState, TierTarget
from services.customer.portfolio_plans.store import CustomerOfTier, Plan
from services.customer.potential.store import sales_of

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Described:
    """What a plan says."""

    name: str
    from_date: date
    until_date: date
    currency: str
    targets: Sequence[TierTarget]


async def create(tx: Writing, viewer: Viewer, described: Described) -> Plan:
    """Draft a plan for the customers of oneself and one's people."""
    owner = decider_of(viewer).authority
    return await _insert(tx, viewer, owner, described, revises=None, reason=None)


async def change(
    tx: Writing, viewer: Viewer, plan_id: UUID, expected_version: int, described: Described, *, today: date
) -> Plan:
    """Say a draft anew; its targets are to be shared out again."""
    present = await _lock_draft(tx, viewer, plan_id, today=today)
    check_version(present.version, expected_version)
    _check(described)
    changed = await store.write(
        tx,
        present,
        name=described.name,
        from_date=described.from_date,
        until_date=described.until_date,
        currency=described.currency,
        targets=store.kept_targets(described.targets),
        allocation=None,
        written_by=viewer.person_id,
    )
    return _told(tx, events.PORTFOLIO_PLAN_UPDATED, changed)


async def allocate(tx: Writing, viewer: Viewer, plan_id: UUID, fixed: Mapping[UUID, Decimal], *, today: date) -> Plan:
    """Share a draft's targets out to all customers of its owner's people; the parts make the targets exactly."""
    present = await _lock_draft(tx, viewer, plan_id, today=today)
    targets = present.said
    people = await subtree(tx, present.owner_id)
    found = await tx.all(store.CUSTOMERS, people=people, tiers=[one.tier for one in targets])
    if len(found) > rules.MOST_CUSTOMERS:
        raise rules.TooManyCustomers
    candidates = await _weighed(tx, found, targets, present.currency, today)
    stands_for = await survivors_of(tx, list(fixed))
    meant = {stands_for[one]: amount for one, amount in fixed.items()}
    shares = rules.share_out(targets, candidates, meant, present.currency)
    number = present.allocations_made + 1
    await store.insert_allocation(tx, plan_id, number, shares)
    allocated = await store.write(tx, present, allocation=number, allocations_made=number, written_by=viewer.person_id)
    return _told(tx, events.PORTFOLIO_PLAN_UPDATED, allocated)


async def approve(tx: Writing, viewer: Viewer, plan_id: UUID, in_force_from: date, *, today: date) -> Plan:
    """Approve a draft, in force from a day; the plan that it revises ends then.

    Raises:
        PortfolioOverlaps: another plan of the owner is in force in that time.
    """
    present = await store.lock(tx, viewer, plan_id)
    concerned = [one for one in (present.owner_id, present.written_by) if one]
    check_approval(decider_of(viewer), concerned, await superiors_of(tx, present.owner_id, today))
    if present.state != PortfolioState.DRAFT:
        raise rules.PortfolioNotDraft
    if present.allocation is None:
        raise rules.PortfolioNotAllocated
    rules.check_in_force_from(in_force_from, present.from_date, present.until_date)
    if present.revises_id is not None:
        await _end(tx, present.revises_id, in_force_from)
    approved = await store.write(
        tx,
        present,
        state=PortfolioState.APPROVED.value,
        in_force_from=in_force_from,
        ends_on=present.until_date,
        approved_at=tx.now,
        approved_by=tx.actor_id,
        approved_for=tx.actor.on_behalf_of,
    )
    await tx.execute(store.BEGIN_COVERAGE, the_id=plan_id, number=present.allocation)
    return _told(tx, events.PORTFOLIO_PLAN_APPROVED, approved)


async def revise(tx: Writing, viewer: Viewer, plan_id: UUID, reason: str, *, today: date) -> Plan:
    """Draft a revision of an approved plan, which stays in force until the revision is approved."""
    present = await store.lock(tx, viewer, plan_id)
    await _check_may_work(tx, viewer, present, today=today)
    if present.state != PortfolioState.APPROVED:
        raise rules.PortfolioNotApproved
    described = Described(present.name, present.from_date, present.until_date, present.currency, present.said)
    return await _insert(tx, viewer, present.owner_id, described, revises=plan_id, reason=reason)


async def _insert(
    tx: Writing, viewer: Viewer, owner: UUID, described: Described, *, revises: UUID | None, reason: str | None
) -> Plan:
    _check(described)
    plan_id = new_id()
    empty = dict.fromkeys(("allocation", "in_force_from", "ends_on", "approved_at", "approved_by", "approved_for"))
    values: dict[str, Any] = {
        "id": plan_id,
        "version": 1,
        "name": described.name,
        "owner_id": owner,
        "from_date": described.from_date,
        "until_date": described.until_date,
        "currency": described.currency,
        "targets": store.kept_targets(described.targets),
        "state": PortfolioState.DRAFT.value,
        "allocations_made": 0,
        "revises_id": revises,
        "reason": reason,
        "written_by": viewer.person_id,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await tx.execute(store.INSERT, **empty, **values)
    return _told(tx, events.PORTFOLIO_PLAN_CREATED, await tx.one(store.LOCK_DIRECTLY, the_id=plan_id))


async def _end(tx: Writing, plan_id: UUID, on: date) -> None:
    """Let a plan end on the day its revision comes into force; one that had not begun by then never was."""
    former = await tx.one(store.LOCK_DIRECTLY, the_id=plan_id)
    if former.state != PortfolioState.APPROVED:
        raise rules.PortfolioNotApproved
    began = former.in_force_from is not None and former.in_force_from < on
    state = PortfolioState.APPROVED if began else PortfolioState.SUPERSEDED
    await store.write(tx, former, state=state.value, ends_on=min(on, former.until_date) if began else former.ends_on)


async def _weighed(
    tx: Writing, found: Sequence[CustomerOfTier], targets: Sequence[TierTarget], currency: str, today: date
) -> list[Candidate]:
    bases = {one.tier: one.basis for one in targets}
    won = await _won(tx, found, currency, today) if Basis.WON in bases.values() else {}

    def weight(one: CustomerOfTier) -> Decimal:
        match bases[one.tier]:
            case Basis.EQUAL:
                return Decimal(1)
            case Basis.POTENTIAL:
                return one.score or Decimal(0)
            case Basis.WON:
                return won.get(one.id, Decimal(0))

    return [Candidate(one.id, one.tier, one.account_manager_id, weight(one)) for one in found]


async def _won(tx: Writing, found: Sequence[CustomerOfTier], currency: str, today: date) -> dict[UUID, Decimal]:
    """Return what was won in the last year, by today's rates; what has no rate counts nothing."""
    worth = factors(await rates_into(tx, currency, today))
    won: dict[UUID, Decimal] = {}
    for one in await sales_of(tx, [each.id for each in found], today - YEAR, today - 2 * YEAR):
        factor = worth.get(one.currency, Decimal(0))
        won[one.customer_id] = won.get(one.customer_id, Decimal(0)) + one.won_last_year * factor
    return won


def _check(described: Described) -> None:
    rules.check_days(described.from_date, described.until_date)
    rules.check_targets(described.targets, described.currency)


async def _lock_draft(tx: Writing, viewer: Viewer, plan_id: UUID, *, today: date) -> Plan:
    present = await store.lock(tx, viewer, plan_id)
    await _check_may_work(tx, viewer, present, today=today)
    if present.state != PortfolioState.DRAFT:
        raise rules.PortfolioNotDraft
    return present


async def _check_may_work(tx: Writing, viewer: Viewer, present: Plan, *, today: date) -> None:
    superiors = await superiors_of(tx, present.owner_id, today)
    rules.check_may_work(decider_of(viewer), present.owner_id, superiors)


def _told(tx: Writing, event_type: str, plan: Plan) -> Plan:
    told = ("id", "version", "owner_id", "from_date", "until_date", "state", "in_force_from", "ends_on", "revises_id")
    tx.publish(event_type, plan.id, {name: getattr(plan, name) for name in told})
    return plan
