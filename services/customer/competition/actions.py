"""What people write about the competition at a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.customer import events
from services.customer.competition import rules, store
from services.customer.competition.rules import Assessed, Stance
from services.customer.competition.store import Assessment, Strategy
from services.customer.customers.actions.people import check_may_change
from services.customer.customers.store import records


@dataclass(frozen=True, slots=True)
class Written:
    """A version of the strategy, upon which version it is written."""

    upon: int
    stance: Stance
    strategy: str
    competitor_ids: Sequence[UUID]


async def assess(tx: Writing, viewer: Viewer, customer_id: UUID, assessed: Assessed, *, today: date) -> Assessment:
    """Keep how strong we are against a competitor; the assessment before is superseded, and stays as it is."""
    customer = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    rules.check_assessed(assessed, today)
    customer_id = customer.id
    await _check_competitors(tx, [assessed.competitor_id])
    latest = await tx.value(store.LATEST, customer_id=customer_id, competitor_id=assessed.competitor_id)
    assessment_id = new_id()
    criteria = [
        {"criterion": one.criterion, "ours": one.ours, "theirs": one.theirs, "evidence": one.evidence}
        for one in assessed.criteria
    ]
    await tx.execute(
        store.INSERT_ASSESSMENT,
        id=assessment_id,
        customer_id=customer_id,
        competitor_id=assessed.competitor_id,
        supersedes_id=latest,
        assessed_on=assessed.assessed_on,
        criteria=criteria,
        at=tx.now,
        assessed_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    told = {"customer_id": customer_id, "competitor_id": assessed.competitor_id}
    tx.publish(events.COMPETITION_ASSESSED, customer_id, told)
    return await tx.one(store.READ_ASSESSMENT, the_id=assessment_id)


async def write_strategy(tx: Writing, viewer: Viewer, customer_id: UUID, written: Written, *, today: date) -> Strategy:
    """Add a version of the competitive strategy upon the present one.

    Raises:
        StrategyChanged: somebody has added one in between.
    """
    customer = await records.lock(tx, viewer, customer_id)
    await check_may_change(tx, viewer, customer, today=today)
    await _check_competitors(tx, written.competitor_ids)
    customer_id = customer.id
    present = int(await tx.value(store.PRESENT_NUMBER, customer_id=customer_id))
    rules.check_upon(present, written.upon)
    strategy_id = new_id()
    await tx.execute(
        store.INSERT_STRATEGY,
        id=strategy_id,
        customer_id=customer_id,
        number=present + 1,
        stance=written.stance.value,
        strategy=written.strategy,
        competitor_ids=[str(one) for one in written.competitor_ids],
        at=tx.now,
        written_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
    )
    tx.publish(events.COMPETITIVE_STRATEGY_WRITTEN, customer_id, {"customer_id": customer_id, "number": present + 1})
    return await tx.one(store.READ_STRATEGY, the_id=strategy_id)


async def _check_competitors(tx: Writing, ids: Sequence[UUID]) -> None:
    """Raise `UnknownCompetitor` unless each is one: the customer is locked, so no two writers supersede one alike."""
    known = await store.kinds_of(tx, ids)
    for one in ids:
        rules.check_competitor(known.get(one))
