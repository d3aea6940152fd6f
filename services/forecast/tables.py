"""Every table of this service, for its migrations."""

from services.forecast.channels import tables as channels
from services.forecast.comparison import tables as comparison
from services.forecast.confirmation import tables as confirmation
from services.forecast.cycles import tables as cycles
from services.forecast.demand_plan import tables as demand_plan
from services.forecast.erp import tables as erp
from services.forecast.handover import tables as handover
from services.forecast.metadata import metadata
from services.forecast.reminders import tables as reminders
from services.forecast.rollup import tables as rollup
from services.forecast.suggestion import tables as suggestion

__all__ = [
    "channels",
    "comparison",
    "confirmation",
    "cycles",
    "demand_plan",
    "erp",
    "handover",
    "metadata",
    "reminders",
    "rollup",
    "suggestion",
]
