"""Taking over who takes part in an opportunity."""

from collections.abc import Sequence
from uuid import UUID

from servicekit.data.transactions import Writing
from services.customer.customers.store import participation
from services.customer.customers.store.participation import Participant


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
    present = await participation.team_of(tx, opportunity_id)
    if members is None:
        members = [one.person_id for one in present if not one.is_principal]
    people = dict.fromkeys(members, False) | {principal_id: True}
    team = {Participant(person, customer_id, principal) for person, principal in people.items()}
    if team != set(present):
        await participation.replace(tx, opportunity_id, team)
