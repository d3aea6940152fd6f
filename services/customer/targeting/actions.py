"""What people do about targets, needs and key customers."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.customer import events
from services.customer.customers.actions import changing
from services.customer.customers.actions.people import check_may_change, decider_of
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.customers.rules.values import Tier
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerRow
from services.customer.potential import store as potential
from services.customer.targeting import rules, store
from services.customer.targeting.rules import Need, ProposalState
from services.customer.targeting.store import Assessment, Proposal, Target


async def choose(tx: Writing, viewer: Viewer, customer_id: UUID, period: str, why: str, *, today: date) -> Target:
    """Take a customer into the target set of a period; what its potential is then is kept with it.

    Raises:
        AlreadyTarget: it is in the set.
    """
    customer = await _lock(tx, viewer, customer_id, today=today)
    rules.check_kind(customer.kind)
    customer_id = customer.id
    if await store.is_target_in(tx, customer_id, period):
        raise rules.AlreadyTarget
    ranked = await potential.of_customer(tx, customer_id)
    target_id, score = new_id(), ranked.score if ranked else None
    made = await tx.value(
        store.INSERT_TARGET_IF_NEW, viewer=None, **_target(tx, target_id, customer_id, period, why=why, score=score)
    )
    if made is None:
        raise rules.AlreadyTarget
    tx.publish(events.CUSTOMER_TARGETED, customer_id, {"customer_id": customer_id, "period": period})
    return await tx.one(store.READ_TARGET, the_id=target_id)


def _target(
    tx: Writing, target_id: UUID, customer_id: UUID, period: str, *, why: str, score: Decimal | None
) -> dict[str, object]:
    return {
        "id": target_id,
        "customer_id": customer_id,
        "period": period,
        "why": why,
        "potential": score,
        "chosen_at": tx.now,
        "chosen_by": tx.actor_id,
        "on_behalf_of": tx.actor.on_behalf_of,
        "ended_at": None,
        "end_reason": None,
    }


async def end(tx: Writing, viewer: Viewer, customer_id: UUID, target_id: UUID, reason: str, *, today: date) -> Target:
    """Take a customer out of the target set."""
    customer_id = (await _lock(tx, viewer, customer_id, today=today)).id
    present = await store.lock_target(tx, customer_id, target_id)
    if present.ended_at is not None:
        raise rules.TargetEnded
    tx.publish(events.CUSTOMER_UNTARGETED, customer_id, {"customer_id": customer_id, "period": present.period})
    return await tx.one(store.END_TARGET, the_id=target_id, now=tx.now, why_ended=reason)


async def assess(
    tx: Writing, viewer: Viewer, customer_id: UUID, need: Need, *, today: date
) -> tuple[Assessment, Proposal | None]:
    """Keep what a customer needs; where that proposes a key customer, return the proposal too."""
    customer = await _lock(tx, viewer, customer_id, today=today)
    rules.check_kind(customer.kind)
    rules.check_need(need, today)
    customer_id = customer.id
    need_id = new_id()
    await tx.execute(
        store.INSERT_NEED,
        id=need_id,
        customer_id=customer_id,
        assessed_on=need.assessed_on,
        what=need.what,
        quantity=need.quantity,
        unit=need.unit,
        worth_amount=need.worth,
        worth_currency=need.currency,
        needed_by=need.needed_by,
        fit=need.fit,
        fit_reason=need.fit_reason,
        at=tx.now,
        assessed_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    tx.publish(events.NEED_ASSESSED, customer_id, {"customer_id": customer_id, "need_assessment_id": need_id})
    reasons = rules.reasons_to_propose(need, customer.tier, is_target=await store.is_target(tx, customer_id))
    proposal = await _propose(tx, viewer, customer_id, need_id, list(reasons)) if reasons else None
    return await tx.one(store.READ_NEED, the_id=need_id), proposal


async def decide(tx: Writing, viewer: Viewer, proposal_id: UUID, *, accept: bool, reason: str, today: date) -> Proposal:
    """Accept a proposal, which classifies the customer, or reject it; whoever proposes or looks after it does not."""
    seen = await store.get_proposal(tx, viewer, proposal_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    present = await store.lock_proposal(tx, viewer, proposal_id)
    decider = decider_of(viewer)
    if not decider.persons.isdisjoint({present.proposed_by, present.proposed_for}):
        raise OwnMatter("Somebody else decides on what you have proposed.")
    await changing.check_may_classify(tx, viewer, customer, today=today)
    rules.check_open(present.state)
    if accept:
        await changing.classify(tx, viewer, customer.id, Tier.KEY, reason, today=today)
    state = ProposalState.ACCEPTED if accept else ProposalState.REJECTED
    decided = await tx.one(
        store.DECIDE,
        the_id=proposal_id,
        state=state.value,
        reason=reason,
        decided_by=tx.actor_id,
        decided_for=tx.actor.on_behalf_of,
        now=tx.now,
    )
    tx.publish(events.KEY_CUSTOMER_DECIDED, customer.id, {"customer_id": customer.id, "state": state.value})
    return decided


async def _lock(tx: Writing, viewer: Viewer, customer_id: UUID, *, today: date) -> CustomerRow:
    customer = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    return customer


async def _propose(
    tx: Writing, viewer: Viewer, customer_id: UUID, need_id: UUID, reasons: list[str]
) -> Proposal | None:
    """Propose a key customer; nothing where it is proposed already, since one at a time is decided on."""
    if await store.is_proposed(tx, customer_id):
        return None
    proposal_id = new_id()
    made = await tx.value(
        store.INSERT_PROPOSAL_IF_NEW,
        id=proposal_id,
        customer_id=customer_id,
        need_assessment_id=need_id,
        reasons=reasons,
        state=ProposalState.PROPOSED.value,
        proposed_at=tx.now,
        proposed_by=viewer.person_id,
        proposed_for=viewer.on_behalf_of,
        reason=None,
        decided_at=None,
        decided_by=None,
        decided_for=None,
    )
    if made is None:
        return None
    tx.publish(events.KEY_CUSTOMER_PROPOSED, customer_id, {"customer_id": customer_id, "reasons": reasons})
    return await store.get_proposal(tx, viewer, proposal_id)
