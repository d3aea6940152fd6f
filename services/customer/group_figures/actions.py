"""Reading what a group adds up to."""

from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.values.rates import factors
from services.customer.customers.store import records
from services.customer.group_figures import store
from services.customer.group_figures.rules import GroupFigures, roll_up
from services.customer.opportunity_facts.store import rates_into


async def read(tx: Questions, viewer: Viewer, customer_id: UUID, currency: str, *, today: date) -> GroupFigures:
    """Return the figures of a customer that the viewer sees, and of those below that they look after."""
    customer = await records.get(tx, viewer, customer_id)
    counted = await store.count(tx, viewer, customer.id)
    rates = await rates_into(tx, currency, today)
    used = {one.currency for one in counted if one.currency != currency}
    return GroupFigures(
        customer.id,
        currency,
        roll_up(counted, factors(rates), currency),
        [rate for code, rate in sorted(rates.items()) if code in used],
        await store.companies(tx, viewer, customer.id),
    )
