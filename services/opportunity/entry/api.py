"""Routes by which opportunities come in."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fastapi import Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.values.errors import KeyaccountError
from servicekit.web.batches import MOST_ITEMS, Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.problems import problems
from servicekit.web.references import PathReference
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.clients.customer import CurrentCustomers
from services.opportunity.customers.rules import CustomerUnclassified
from services.opportunity.customers.store import customers_to_ask_for
from services.opportunity.definitions.rules import UnknownFunnelVersion
from services.opportunity.entry import actions, over_time, rules
from services.opportunity.entry.rules import Told
from services.opportunity.entry.schemas import OpportunityImport, OpportunityItem, OpportunityRequest
from services.opportunity.funnel.rules import imported, refusals
from services.opportunity.opportunities import rules as opportunity_rules
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import keep_customers, may_operate
from services.opportunity.refusals import ReferenceTaken, UnknownCustomer
from services.opportunity.settings import CurrentHouse
from services.opportunity.vocabulary import Origin
from services.opportunity.wire import OpportunityAnswer

router = Router(prefix="/v1/opportunities", tags=["Opportunities"])
OK, CREATED = 200, 201


@router.post(
    "",
    status_code=201,
    responses=problems(
        rules.MayNotName,
        opportunity_rules.UnknownPerson,
        UnknownCustomer,
        CustomerUnclassified,
        opportunity_rules.UnknownProduct,
        refusals.ExitCriteriaUnmet,
        refusals.DutyByRequest,
        ReferenceTaken,
    ),
)
async def create_opportunity(
    body: OpportunityRequest,
    *,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    customers: CurrentCustomers,
    house: CurrentHouse,
) -> OpportunityAnswer:
    """Enter an opportunity."""
    principal_id = body.principal_id or viewer.acts_as
    if principal_id is None:
        raise opportunity_rules.UnknownPerson
    description = body.described(principal_id, Origin.ENTERED, body.external_reference)
    asked_for = [description.customer_id] if description.customer_id else []
    blocks = house.blocks_unclassified
    heard_of = await customers.get_all(await customers_to_ask_for(reading, viewer, asked_for, classified=blocks))
    await keep_customers(tx, heard_of)
    made = await actions.create(tx, viewer, description, stage=body.stage, criteria=body.criteria, house=house)
    return OpportunityAnswer.model_validate(made)


@router.put(
    "/by-reference/{system}/{external_id}",
    responses=problems(
        CustomerUnclassified,
        rules.PrincipalConflict,
        rules.HistoryConflict,
        rules.HistoryOfNewerFunnel,
        UnknownFunnelVersion,
        imported.HistoryOutOfOrder,
        over_time.HistoryPrincipalUnclear,
        imported.OpenedInFuture,
        imported.OpenedTooEarly,
    )
    | {CREATED: {"description": "It was made.", "model": OpportunityAnswer}},
)
async def put_opportunity(
    reference: PathReference,
    body: OpportunityImport,
    *,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    customers: CurrentCustomers,
    house: CurrentHouse,
    response: Response,
) -> OpportunityAnswer:
    """Make the opportunity that has the reference say what is told of it."""
    rules.check_may_import(operations=may_operate(viewer))
    told = body.told(reference, house.zone)
    named, blocks = list(body.customers), house.blocks_unclassified
    heard_of = await customers.find_all(await customers_to_ask_for(reading, viewer, named, classified=blocks))
    await keep_customers(tx, heard_of)
    (done,) = await actions.import_all(tx, viewer, [told], house)
    if isinstance(done, KeyaccountError):
        raise done
    response.status_code = CREATED if done.outcome == "created" else OK
    assert done.id is not None  # noqa: S101 (narrowing: only what is rejected has none)
    return OpportunityAnswer.model_validate(await opportunities.get(tx, viewer, done.id))


@batch_operation(router)
async def import_opportunities(
    body: Batch[OpportunityItem],
    *,
    viewer: CurrentViewer,
    reading: CurrentReading,
    batches: CurrentBatches,
    customers: CurrentCustomers,
    house: CurrentHouse,
) -> BatchAnswer:
    """Add or change up to 500 opportunities by their references, with their history; sales operations only."""
    rules.check_may_import(operations=may_operate(viewer))
    named = set().union(*(item.customers for item in body.items if not isinstance(item, KeyaccountError)))
    blocks = house.blocks_unclassified
    heard_of = await customers.find_all(await customers_to_ask_for(reading, viewer, list(named), classified=blocks))

    async def apply(tx: Writing, items: Sequence[OpportunityItem]) -> ChunkResult:
        await keep_customers(tx, heard_of)
        told = [_told(item, house.zone) for item in items]
        good = [one for one in told if isinstance(one, Told)]
        results = iter(await actions.import_all(tx, viewer, good, house) if good else [])
        return [next(results) if isinstance(one, Told) else one for one in told]

    return await batches.run(body, apply, chunk=MOST_ITEMS)


def _told(item: OpportunityItem, zone: ZoneInfo) -> Told | KeyaccountError:
    try:
        return item.told(item.external_reference, zone)
    except KeyaccountError as error:
        return error
