"""Every router of the hand-over to ERP systems."""

from services.forecast.erp.api import files, orders, systems

ROUTERS = (files.router, systems.systems_router, systems.references_router, orders.router)
