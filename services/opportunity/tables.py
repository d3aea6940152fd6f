"""All tables of the service, for migrations."""

from services.opportunity.assessment import tables as assessment
from services.opportunity.baselines import tables as baselines
from services.opportunity.calibration import tables as calibration
from services.opportunity.currencies import tables as currencies
from services.opportunity.customers import tables as customers
from services.opportunity.definitions import tables as definitions
from services.opportunity.entry import tables as entry
from services.opportunity.funnel import tables as funnel
from services.opportunity.health_notices import tables as health_notices
from services.opportunity.metadata import metadata
from services.opportunity.opportunities import tables as opportunities
from services.opportunity.products import tables as products
from services.opportunity.sales_team import tables as sales_team

__all__ = [
    "assessment",
    "baselines",
    "calibration",
    "currencies",
    "customers",
    "definitions",
    "entry",
    "funnel",
    "health_notices",
    "metadata",
    "opportunities",
    "products",
    "sales_team",
]
