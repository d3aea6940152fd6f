"""What the service does on the events of others.

Who takes part in an opportunity sees its customer; what the opportunity is about is kept for figures of the customer.
"""

from datetime import datetime
from uuid import UUID

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consumer, Event, Handler
from services.customer.clients.opportunity import (
    told_of_opportunity,
    told_of_product,
    told_of_product_line,
    told_of_rate,
)
from services.customer.customers.actions.participation import take_over_team
from services.customer.opportunity_facts import store as facts

OPPORTUNITY_EVENTS = (
    "opportunity.created",
    "opportunity.updated",
    "opportunity.stage_changed",
    "opportunity.won",
    "opportunity.lost",
    "opportunity.reopened",
    "opportunity.principal_changed",
    "opportunity.assessed",
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


async def _keep_fact(tx: Writing, event: Event) -> None:
    await facts.keep_opportunity(tx, told_of_opportunity(event.data), datetime.fromisoformat(event.at))


async def _keep_product(tx: Writing, event: Event) -> None:
    await facts.keep_product(tx, told_of_product(event.data))


async def _keep_product_line(tx: Writing, event: Event) -> None:
    await facts.keep_product_lines(tx, [told_of_product_line(event.data)])


async def _keep_rate(tx: Writing, event: Event) -> None:
    await facts.keep_rates(tx, [told_of_rate(event.data)])


async def _on_opportunity(tx: Writing, event: Event) -> None:
    await on_opportunity(tx, event)
    await _keep_fact(tx, event)


CATALOGUE_HANDLERS: dict[str, Handler] = {
    "product.changed": _keep_product,
    "product_line.changed": _keep_product_line,
    "exchange_rate.changed": _keep_rate,
}
FACT_HANDLERS: dict[str, Handler] = CATALOGUE_HANDLERS | dict.fromkeys(OPPORTUNITY_EVENTS, _keep_fact)
"""What only keeps facts, and may therefore be done again with old events."""
CONSUMERS = [Consumer("opportunity", CATALOGUE_HANDLERS | dict.fromkeys(OPPORTUNITY_EVENTS, _on_opportunity))]
