"""Routes: target customers, their needs, and proposals of key customers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.rules.looking_after import NotLookedAfter
from services.customer.customers.rules.refusals import (
    AlreadySo,
    ChangeNotAllowed,
    ClassificationNotAllowed,
    OwnMatter,
)
from services.customer.customers.store.looking_after import check_looked_after
from services.customer.reach import ViewersPeople
from services.customer.targeting import actions, rules, store
from services.customer.targeting.schemas import (
    CustomerTargetAnswer,
    CustomerTargetQuery,
    CustomerTargetRequest,
    KeyProposalAnswer,
    KeyProposalDecisionRequest,
    KeyProposalQuery,
    NeedAnswer,
    NeedInput,
    NeedQuery,
    NeedSummary,
    TargetEndingRequest,
)

customers = Router(prefix="/v1/customers/{customer_id}", tags=["Targets and needs"])
target_set = Router(prefix="/v1/customer-targets", tags=["Targets and needs"])
key_proposals = Router(prefix="/v1/key-proposals", tags=["Targets and needs"])
routers = (customers, target_set, key_proposals)

CHANGING = (NotVisible, ChangeNotAllowed)


@customers.post("/targets", status_code=201, responses=problems(*CHANGING, rules.AlreadyTarget, rules.NotACustomer))
async def choose_target_customer(
    customer_id: UUID, body: CustomerTargetRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerTargetAnswer:
    """Take a customer into the target set of a period, with why; its potential is kept as it is then."""
    chosen = await actions.choose(tx, viewer, customer_id, body.period, body.why, today=today)
    return CustomerTargetAnswer.model_validate(chosen)


@customers.post("/targets/{target_id}/endings", status_code=201, responses=problems(*CHANGING, rules.TargetEnded))
async def end_target_customer(
    customer_id: UUID,
    target_id: UUID,
    body: TargetEndingRequest,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> CustomerTargetAnswer:
    """Take a customer out of the target set, with the reason; that it was in it is kept."""
    ended = await actions.end(tx, viewer, customer_id, target_id, body.reason, today=today)
    return CustomerTargetAnswer.model_validate(ended)


@target_set.get("")
async def list_target_customers(
    query: Annotated[CustomerTargetQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[CustomerTargetAnswer]:
    """List the target set of what you, or people below you, look after, with its history."""
    listing = store.targets(viewer)
    given = query.filters()
    ended = given.pop("ended", None)
    if ended is not None:
        given["ended" if ended else "present"] = True
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, given, viewer=viewer, viewer_people=people)
    return pages.page(query, found, CustomerTargetAnswer)


@customers.post(
    "/need-assessments",
    status_code=201,
    responses=problems(*CHANGING, rules.NotACustomer, rules.AssessedAhead, rules.NegativeWorth),
)
async def assess_customer_need(
    customer_id: UUID, body: NeedInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> NeedAnswer:
    """Keep what a customer needs: what, how much, when, and how well we fit; a good one proposes a key customer."""
    need, proposal = await actions.assess(tx, viewer, customer_id, body.need(), today=today)
    own = {name: getattr(need, name) for name in NeedSummary.model_fields}
    return NeedAnswer.model_validate(own | {"key_proposal_id": proposal.id if proposal else None})


@customers.get("/need-assessments", responses=problems(NotVisible, NotLookedAfter))
async def list_customer_needs(
    customer_id: UUID,
    query: Annotated[NeedQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[NeedSummary]:
    """List what was assessed of a customer's need, the latest first."""
    await check_looked_after(tx, viewer, customer_id)
    window = pages.window(query, *store.NEEDS.sorting)
    return pages.page(query, await store.NEEDS.page(tx, window, {"customer_id": customer_id}), NeedSummary)


@key_proposals.get("")
async def list_key_proposals(
    query: Annotated[KeyProposalQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[KeyProposalAnswer]:
    """List the proposals of key customers that you, or people below you, look after."""
    listing = store.proposals(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, KeyProposalAnswer)


@key_proposals.post(
    "/{key_proposal_id}/decisions",
    status_code=201,
    responses=problems(NotVisible, OwnMatter, ClassificationNotAllowed, AlreadySo, rules.ProposalDecided),
)
async def decide_on_key_proposal(
    key_proposal_id: UUID, body: KeyProposalDecisionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> KeyProposalAnswer:
    """Accept a proposal, which places the customer in the tier `key`, or reject it."""
    decided = await actions.decide(tx, viewer, key_proposal_id, accept=body.accept, reason=body.reason, today=today)
    return KeyProposalAnswer.model_validate(decided)
