"""What follows from an outcome: a customer is made, or one that is known learns what it did not know."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions import creating
from services.customer.customers.actions.creating import Beginning
from services.customer.intakes.actions.checking import Described
from services.customer.intakes.rules.values import Outcome, Verdict
from services.customer.intakes.store.records import IntakeRow


@dataclass(frozen=True, slots=True)
class Arrived:
    """An intake whose outcome is to follow; `acting_for` is whoever entered it, or in whose name it was."""

    intake_id: UUID
    acting_for: UUID | None
    described: Described


async def follow(
    tx: Writing, viewer: Viewer, arrived: Arrived, verdict: Verdict, *, today: date
) -> tuple[Outcome, UUID | None]:
    """Do what the uniqueness check says, and return what became of the intake, and of which customer it is."""
    if verdict.outcome is Outcome.NEW:
        return Outcome.NEW, await make(tx, viewer, arrived, Beginning(entered_by=arrived.acting_for), today=today)
    if verdict.outcome is Outcome.MATCHED and verdict.customer_id is not None:
        await supplement(tx, viewer, arrived, verdict.customer_id, today=today)
        return Outcome.MATCHED, verdict.customer_id
    return Outcome.REVIEW, None


async def make(
    tx: Writing,
    viewer: Viewer,
    arrived: Arrived,
    beginning: Beginning,
    *,
    today: date,
    parent_id: UUID | None = None,
) -> UUID:
    """Make the customer that the intake tells of.

    Raises:
        CustomerExists: its name in its place, or one of its identifiers, is another customer's.
    """
    described = arrived.described
    company = replace(described.company, parent_id=parent_id)
    async with tx.savepoint():
        made = await creating.create(
            tx, viewer, company, today=today, keeps_unverified=described.keeps_unverified, beginning=beginning
        )
    return made.id


async def supplement(tx: Writing, viewer: Viewer, arrived: Arrived, customer_id: UUID, *, today: date) -> None:
    """Let a customer that is locked learn what the intake says and it does not know."""


def state_of(row: IntakeRow) -> dict[str, Any]:
    """Return what every event of an intake carries."""
    return {
        "id": row.id,
        "version": row.version,
        "source": row.source,
        "channel_id": row.channel_id,
        "outcome": row.outcome,
        "customer_id": row.customer_id,
        "acting_for": row.acting_for,
    }
