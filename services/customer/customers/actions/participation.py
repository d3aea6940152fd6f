"""Taking over who takes part in an opportunity."""

from collections.abc import Sequence
from uuid import UUID

from servicekit.data.transactions import Writing
from services.customer.customers.store import participation


async def take_over_team(
    tx: Writing,
    opportunity_id: UUID,
    customer_id: UUID | None,
    *,
    principal_id: UUID,
    members: Sequence[UUID] | None,
) -> None:
    """Let principal and team members of an opportunity see its customer, and nobody else because of it.

    `members` is None where the event says nothing of the team: then it stays.
    """
    if members is None:
        members = await participation.members_of(tx, opportunity_id)
    await participation.forget(tx, opportunity_id)
    if customer_id is not None:
        await participation.keep(tx, opportunity_id, customer_id, principal_id, members)
