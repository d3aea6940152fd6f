"""Routes of opportunities as they are."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.transactions import Questions
from servicekit.values.errors import Stale
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.opportunity.calibration.rules.ageing import idle_since, limits_by_stage
from services.opportunity.calibration.store.standing import thresholds_ahead_of
from services.opportunity.clients.customer import CurrentCustomers
from services.opportunity.customers.rules import CustomerUnclassified
from services.opportunity.customers.store import customers_to_ask_for, group_of
from services.opportunity.opportunities import actions, rules, store
from services.opportunity.opportunities.schemas import OpportunityPatch, OpportunityQuery
from services.opportunity.opportunities.store.lists import SORTING
from services.opportunity.products.store import products_below
from services.opportunity.refusals import UnknownCustomer
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse, House
from services.opportunity.wire import OpportunityAnswer

router = Router(prefix="/v1/opportunities", tags=["Opportunities"])


@router.get("")
async def list_opportunities(
    query: Annotated[OpportunityQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentReading,
    pages: CurrentPages,
    house: CurrentHouse,
) -> Page[OpportunityAnswer]:
    """List the opportunities that you may see: your line's, your teams', and those of customers you look after."""
    window = pages.window(query, *SORTING)
    binds = {name: value for name, value in query.binds().items() if name not in {"ageing", "stalled"}}
    if query.product_line_id is not None:
        binds["product_line_id"] = await products_below(tx, query.product_line_id)
    if query.customer_id is not None:
        binds["customer_id"] = await group_of(tx, query.customer_id)
    binds |= await _standing(tx, query, house)
    found = await store.list_opportunities(tx, viewer, reach, window, binds, fresh_from=house.fresh_from)
    return pages.page(query, found, OpportunityAnswer)


async def _standing(tx: Questions, query: OpportunityQuery, house: House) -> dict[str, Any]:
    """Return what the filters by standing still compare with, under the names by which the store knows them."""
    binds: dict[str, Any] = {}
    if query.ageing is not None:
        found = await thresholds_ahead_of(tx, house.now, house.ageing_days)
        limits = limits_by_stage(found.stages, found.places, house.now)
        binds["ageing" if query.ageing else "not_ageing"] = limits
    if query.stalled is not None:
        idle = idle_since(house.today, house.stalled_days, house.zone)
        before = {"day": idle.day.isoformat(), "instant": idle.instant.isoformat()}
        binds["stalled" if query.stalled else "not_stalled"] = before
    return binds


@export_operation(router, of=list_opportunities, item=OpportunityAnswer)
@needs_scope("opportunity:read")
async def export_opportunities(
    query: Annotated[OpportunityQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write the opportunities that you may see into a file, as a job."""
    return await exports.begin(query, body)


@router.get("/{opportunity_id}")
async def get_opportunity(opportunity_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> OpportunityAnswer:
    """Read an opportunity."""
    return OpportunityAnswer.model_validate(await store.get(tx, viewer, opportunity_id))


@router.patch(
    "/{opportunity_id}",
    responses=problems(
        Stale, UnknownCustomer, CustomerUnclassified, rules.UnknownProduct, rules.QuantityNotPossible, rules.TermsClosed
    ),
)
async def change_opportunity(
    opportunity_id: UUID,
    *,
    body: OpportunityPatch,
    version: IfMatch,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    customers: CurrentCustomers,
    house: CurrentHouse,
) -> OpportunityAnswer:
    """Change name, customer, amount, expected close or product lines; each is kept with its date."""
    present = await store.get(reading, viewer, opportunity_id)
    changed = body.applied_to(present)
    asked_for = changed.customers if changed.customer_id != present.customer_id else []
    blocks = house.blocks_unclassified
    heard_of = await customers.get_all(await customers_to_ask_for(reading, viewer, asked_for, classified=blocks))
    await actions.keep_customers(tx, heard_of)
    changed_now = await actions.change_terms(
        tx, viewer, opportunity_id, version, changed=changed, today=house.today, blocks_unclassified=blocks
    )
    return OpportunityAnswer.model_validate(changed_now)
