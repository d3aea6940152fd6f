"""Deciding on proposed changes, and confirming what is known."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions import changing
from services.customer.customers.actions.people import check_may_change, decider_of, superiors_of
from services.customer.customers.actions.publishing import publish
from services.customer.customers.store import records, sources, writes
from services.customer.customers.store.records import CustomerDetail
from services.customer.events import CUSTOMER_CHANGE_DECIDED, CUSTOMER_UPDATED
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.supplements.actions.learning import known_of, patch_of
from services.customer.supplements.rules import deciding
from services.customer.supplements.rules.comparing import IDENTIFIER
from services.customer.supplements.rules.deciding import (
    ChangeDecision,
    ChangeState,
    FieldUnknown,
    ProposalDecided,
    ProposalOutdated,
)
from services.customer.supplements.store import ages, proposals
from services.customer.supplements.store.proposals import From, ProposedChange

BY_HAND = From("confirmation")


async def decide(
    tx: Writing, viewer: Viewer, change_id: UUID, decision: ChangeDecision, reason: str | None, *, today: date
) -> ProposedChange:
    """Accept or reject a proposed change.

    Raises:
        ProposalDecided: somebody has decided already.
        ProposalOutdated: the value is another by now than the proposal saw.
    """
    seen = await proposals.get(tx, viewer, change_id)
    customer = await records.lock(tx, viewer, seen.customer_id)
    superiors = await superiors_of(tx, customer.account_manager_id, today)
    deciding.check_proposal(decider_of(viewer), customer.account_manager_id, superiors)
    change = await proposals.lock(tx, change_id)
    if change.state != ChangeState.OPEN:
        raise ProposalDecided(change.state)
    if decision is ChangeDecision.ACCEPT:
        await _accept(tx, viewer, change, today=today)
    state = ChangeState.ACCEPTED if decision is ChangeDecision.ACCEPT else ChangeState.REJECTED
    await proposals.decide(tx, change_id, state.value, reason)
    told = {"id": change.customer_id, "proposed_change_id": change_id, "field": change.field, "state": state.value}
    tx.publish(CUSTOMER_CHANGE_DECIDED, change.customer_id, told)
    return await proposals.get(tx, viewer, change_id)


async def _accept(tx: Writing, viewer: Viewer, change: ProposedChange, *, today: date) -> None:
    present = await records.read(tx, change.customer_id)
    async with sources.noted(tx, change.customer_id, change.source, change.source_id):
        if change.field.startswith(IDENTIFIER):
            await _replace_identifier(tx, viewer, present, change, today=today)
        elif known_of(present).fields.get(change.field) != change.present:
            raise ProposalOutdated
        else:
            await changing.lay_over(tx, viewer, present, patch_of({change.field: change.proposed}), today=today)
    await publish(tx, CUSTOMER_UPDATED, change.customer_id)


async def _replace_identifier(
    tx: Writing, viewer: Viewer, present: CustomerDetail, change: ProposedChange, *, today: date
) -> None:
    scheme = change.field.removeprefix(IDENTIFIER)
    former = [
        one
        for one in present.identifiers
        if (one["scheme"], one["value"], one["ended_on"]) == (scheme, change.present, None)
    ]
    if not former:
        raise ProposalOutdated
    for one in former:
        await tx.execute(writes.END_IDENTIFIER, the_id=present.id, part_id=UUID(one["id"]), on=today)
    new = Identifier(Scheme(scheme), change.proposed, verified=True)
    await writes.insert_identifier(tx, viewer, present.id, new)
    await writes.refresh_search_text(tx, present.id, present.legal_name)
    await tx.execute(writes.TOUCH_CUSTOMER, the_id=present.id, now=tx.now)


async def confirm(
    tx: Writing, viewer: Viewer, customer_id: UUID, fields: Sequence[str], *, today: date
) -> tuple[UUID, dict[str, str]]:
    """Say that fields still hold, and return of whom, and when each was last written or confirmed."""
    present = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, present, today=today)
    known = await ages.confirmed_of(tx, present.id)
    for name in fields:
        if name not in known:
            raise FieldUnknown(name)
    await ages.confirm(tx, present.id, fields, BY_HAND)
    return present.id, await ages.confirmed_of(tx, present.id)
