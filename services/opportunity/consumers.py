"""What this service does on others' events: it keeps its copy of customers."""

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consumer, Event
from services.opportunity.clients.customer import copy_of
from services.opportunity.opportunities.actions import keep_customers


async def _keep(tx: Writing, event: Event) -> None:
    await keep_customers(tx, [copy_of(event.data)])


CUSTOMER_EVENTS = (
    "customer.created",
    "customer.updated",
    "customer.assigned",
    "customer.tier_changed",
    "customer.parent_changed",
)
CONSUMERS = [Consumer(peer="customer", handlers=dict.fromkeys(CUSTOMER_EVENTS, _keep))]
