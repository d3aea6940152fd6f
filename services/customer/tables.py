"""All tables of the service, for migrations."""

from services.customer.account_plans import tables as account_plans
from services.customer.activities import tables as activities
from services.customer.base import tables as base
from services.customer.classification import tables as classification
from services.customer.competition import tables as competition
from services.customer.coverage import tables as coverage
from services.customer.customers import tables as customers
from services.customer.intakes import tables as intakes
from services.customer.leads import tables as leads
from services.customer.matching import tables as matching
from services.customer.merging import tables as merging
from services.customer.metadata import metadata
from services.customer.opportunity_facts import tables as opportunity_facts
from services.customer.portfolio_plans import tables as portfolio_plans
from services.customer.potential import tables as potential
from services.customer.reclaiming import tables as reclaiming
from services.customer.relationships import tables as relationships
from services.customer.supplements import tables as supplements
from services.customer.targeting import tables as targeting
from services.customer.uniqueness import tables as uniqueness
from services.customer.visiting import tables as visiting

__all__ = [
    "account_plans",
    "activities",
    "base",
    "classification",
    "competition",
    "coverage",
    "customers",
    "intakes",
    "leads",
    "matching",
    "merging",
    "metadata",
    "opportunity_facts",
    "portfolio_plans",
    "potential",
    "reclaiming",
    "relationships",
    "supplements",
    "targeting",
    "uniqueness",
    "visiting",
]
