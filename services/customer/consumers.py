"""What the service does on the events of others: who takes part in an opportunity sees its customer."""

from uuid import UUID

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consumer, Event
from services.customer.customers.actions.participation import take_over_team

OPPORTUNITY_EVENTS = (
    "opportunity.created",
    "opportunity.updated",
    "opportunity.stage_changed",
    "opportunity.won",
    "opportunity.lost",
    "opportunity.reopened",
    "opportunity.principal_changed",
    "opportunity.sales_team_changed",
)


async def on_opportunity(tx: Writing, event: Event) -> None:
    """Every event of an opportunity carries its customer, principal owner and sales team."""
    customer_id = event.data.get("customer_id")
    team = event.data.get("sales_team")
    await take_over_team(
        tx,
        event.aggregate_id,
        UUID(customer_id) if customer_id else None,
        principal_id=UUID(event.data["principal_id"]),
        members=None if team is None else [UUID(member["person_id"]) for member in team],
    )


CONSUMERS = [Consumer("opportunity", dict.fromkeys(OPPORTUNITY_EVENTS, on_opportunity))]
