"""The customer service."""

from fastapi import FastAPI

from orgchart.following import Following
from servicekit.web.application import Parts, Runtime, assemble
from services.customer.account_plans.api import routers as account_plans
from services.customer.activities.api import routers as activities
from services.customer.base.api import router as base
from services.customer.classification.api import routers as classification
from services.customer.competition.api import router as competition
from services.customer.consumers import CONSUMERS
from services.customer.coverage.api import router as coverage
from services.customer.customers.api import routers as customers
from services.customer.customers.rebuild import keep_findable
from services.customer.finding.api import router as finding
from services.customer.group_figures.api import router as group_figures
from services.customer.intakes.api import routers as intakes
from services.customer.leads.api import routers as leads
from services.customer.leads.handing_over import complete_hand_overs
from services.customer.merging.api import router as merging
from services.customer.portfolio_plans.api import routers as portfolio_plans
from services.customer.portfolio_plans.covering import cover
from services.customer.potential.api import routers as potential
from services.customer.potential.reckoning import reckon_potential
from services.customer.queueing import assign_waiting
from services.customer.recalling import recall_facts
from services.customer.reclaim_runs import reclaim_daily
from services.customer.reclaiming.api import routers as reclaiming
from services.customer.relationship_map.api import router as relationship_map
from services.customer.relationships.api import routers as relationships
from services.customer.summary.api import router as summary
from services.customer.supplements.api import routers as supplements
from services.customer.targeting.api import routers as targeting
from services.customer.visiting.api import routers as visiting


def create_app(runtime: Runtime | None = None) -> FastAPI:
    """Return the app; its settings come from the environment unless a runtime is given."""
    following = Following()
    parts = Parts(
        name="customer",
        title="customers and contacts",
        routers=(
            *supplements,
            *customers,
            *intakes,
            *relationships,
            *activities,
            *leads,
            *account_plans,
            *potential,
            *targeting,
            *portfolio_plans,
            competition,
            *classification,
            finding,
            merging,
            base,
            relationship_map,
            summary,
            *reclaiming,
            group_figures,
            coverage,
            *visiting,
        ),
        authenticate=following.authenticate,
        consumers=CONSUMERS,
        on_start=(following.start,),
        background=(
            following.follow,
            recall_facts,
            complete_hand_overs,
            keep_findable,
            assign_waiting,
            reckon_potential,
            reclaim_daily,
            cover,
        ),
    )
    return assemble(parts, runtime)
