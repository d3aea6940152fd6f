"""Routes of customers."""

from services.customer.customers.api.batches import router as batches
from services.customer.customers.api.customers import router as customers
from services.customer.customers.api.decisions import router as decisions
from services.customer.customers.api.parts import router as parts
from services.customer.customers.api.unassigned import router as unassigned

routers = (batches, customers, decisions, parts, unassigned)
