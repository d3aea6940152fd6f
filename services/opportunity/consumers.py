"""What this service does on others' events: it keeps its copy of customers, and when something was done."""

from datetime import date
from uuid import UUID

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consumer, Event
from services.opportunity.clients.customer import copy_of
from services.opportunity.opportunities import store
from services.opportunity.opportunities.actions import keep_customers


async def _keep(tx: Writing, event: Event) -> None:
    await keep_customers(tx, [copy_of(event.data)])


async def _keep_activity(tx: Writing, event: Event) -> None:
    """An activity that is done stays done on its day, so that the latest one is never taken back."""
    if event.data["opportunity_id"] is not None:
        day = date.fromisoformat(event.data["done_on"])
        await store.follow_activity(tx, UUID(event.data["opportunity_id"]), day)


CUSTOMER_EVENTS = (
    "customer.created",
    "customer.updated",
    "customer.assigned",
    "customer.tier_changed",
    "customer.parent_changed",
    "customer.merged",
    "customer.merge_undone",
)
CONSUMERS = [
    Consumer(peer="customer", handlers=dict.fromkeys(CUSTOMER_EVENTS, _keep) | {"activity.done": _keep_activity})
]
