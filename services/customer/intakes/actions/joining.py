"""What follows from an outcome: a customer is made, or one that is known learns what it did not know."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions import creating
from services.customer.customers.actions.creating import Beginning
from services.customer.customers.rules.values import NameKind, TypedCustomer, TypedName
from services.customer.customers.store import sources
from services.customer.intakes.actions.checking import Described
from services.customer.intakes.rules.values import Outcome, Source, Verdict
from services.customer.intakes.store.records import IntakeRow
from services.customer.supplements.actions import learning
from services.customer.supplements.rules.comparing import ATTRIBUTE, FIELDS, Told, as_value
from services.customer.supplements.store.proposals import From


@dataclass(frozen=True, slots=True)
class Arrived:
    """An intake whose outcome is to follow; `acting_for` is whoever entered it, or in whose name it was."""

    intake_id: UUID
    acting_for: UUID | None
    source: Source
    described: Described


async def follow(
    tx: Writing, viewer: Viewer, arrived: Arrived, verdict: Verdict, *, today: date
) -> tuple[Outcome, UUID | None]:
    """Do what the uniqueness check says, and return what became of the intake, and of which customer it is."""
    if verdict.outcome is Outcome.NEW:
        return Outcome.NEW, await make(tx, viewer, arrived, today=today)
    if verdict.outcome is Outcome.MATCHED and verdict.customer_id is not None:
        await supplement(tx, viewer, arrived, verdict.customer_id, today=today)
        return Outcome.MATCHED, verdict.customer_id
    return Outcome.REVIEW, None


async def make(
    tx: Writing,
    viewer: Viewer,
    arrived: Arrived,
    *,
    today: date,
    discriminator: str = "",
    parent_id: UUID | None = None,
) -> UUID:
    """Make the customer that the intake tells of; it waits for the assignment rules in the queue.

    They are not asked here: people take turns by being asked for, and most intakes are of known companies.

    Raises:
        CustomerExists: its name in its place, or one of its identifiers, is another customer's.
    """
    described = arrived.described
    company = replace(described.company, parent_id=parent_id)
    beginning = Beginning(discriminator, arrived.acting_for, arrived.source.value)
    async with tx.savepoint():
        made = await creating.create(
            tx, viewer, company, today=today, keeps_unverified=described.keeps_unverified, beginning=beginning
        )
        await sources.note_all(tx, made.id, "intake", str(arrived.intake_id))
    return made.id


async def supplement(tx: Writing, viewer: Viewer, arrived: Arrived, customer_id: UUID, *, today: date) -> None:
    """Let a customer that is locked learn what the intake says and it does not know."""
    company, described = arrived.described.company, arrived.described
    legal = TypedName(NameKind.OTHER, company.legal_name)
    told = Told(
        fields=_fields_of(company),
        names=(legal, *company.other_names),
        identifiers=described.identifiers,
        addresses=company.addresses,
    )
    await learning.learn(tx, viewer, customer_id, told, From("intake", str(arrived.intake_id)), today=today)


def _fields_of(company: TypedCustomer) -> dict[str, Any]:
    """Return what an intake says in plain fields; another spelling of the name becomes one of the other names."""
    plain = {name: as_value(getattr(company, name)) for name in FIELDS if name != "legal_name"}
    told = {name: value for name, value in plain.items() if value is not None}
    return told | {f"{ATTRIBUTE}{name}": value for name, value in company.attributes.items()}


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
