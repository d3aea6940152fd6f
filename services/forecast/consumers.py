"""What this service does on others' events: it keeps what it must know, and lets live lines follow."""

from servicekit.data.transactions import Writing
from servicekit.events.consumers import Consumer, Event
from services.forecast.clients.customer import told_of_customer
from services.forecast.clients.opportunity import told_of_opportunity, told_of_product
from services.forecast.confirmation.actions.following import learn
from services.forecast.confirmation.store.known import keep_customer, keep_products


async def _learn_of_opportunity(tx: Writing, event: Event) -> None:
    await learn(tx, told_of_opportunity(event.data))


async def _learn_of_product(tx: Writing, event: Event) -> None:
    await keep_products(tx, [told_of_product(event.data)])


async def _learn_of_customer(tx: Writing, event: Event) -> None:
    await keep_customer(tx, told_of_customer(event.data))


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
    Consumer(
        peer="opportunity",
        handlers={"product.changed": _learn_of_product} | dict.fromkeys(OPPORTUNITY_EVENTS, _learn_of_opportunity),
    ),
    Consumer(peer="customer", handlers=dict.fromkeys(CUSTOMER_EVENTS, _learn_of_customer)),
]
