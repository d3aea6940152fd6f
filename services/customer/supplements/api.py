"""Routes: supplements, proposed changes, and the age of what is known."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today, service_of
from services.customer.customers.actions.people import PersonNeeded
from services.customer.customers.rules.refusals import ChangeNotAllowed, CustomerExists, TooManyAttributes
from services.customer.customers.store import records
from services.customer.matching.rules.identifiers import DomainShared, IdentifierInvalid
from services.customer.matching.rules.names import NameWithoutLetters
from services.customer.matching.rules.places import CountryUnknown
from services.customer.reach import ViewersPeople
from services.customer.supplements.actions import deciding, learning
from services.customer.supplements.rules.comparing import Told
from services.customer.supplements.rules.deciding import (
    FieldUnknown,
    NothingTold,
    ProposalDecided,
    ProposalNotAllowed,
    ProposalOutdated,
)
from services.customer.supplements.schemas import (
    ChangeDecisionRequest,
    DataConfirmationAnswer,
    DataConfirmationRequest,
    OutdatedAnswer,
    OutdatedQuery,
    ProposedChangeAnswer,
    ProposedChangeQuery,
    SupplementAnswer,
    SupplementRequest,
    ages_of,
)
from services.customer.supplements.store import ages, proposals
from services.customer.supplements.store.proposals import From

of_customers = Router(prefix="/v1/customers", tags=["Customers"])
changes = Router(prefix="/v1/proposed-changes", tags=["Proposed changes"])
routers = (of_customers, changes)


async def _instants(request: Request) -> tuple[datetime, int]:
    service = service_of(request)
    return service.database.clock(), service.settings.data_age_days


NowAndAge = Annotated[tuple[datetime, int], Depends(_instants)]
"""The present instant, and after how many days data are listed for a check."""


@of_customers.get("/outdated")
async def list_outdated_customers(
    query: Annotated[OutdatedQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
    age: NowAndAge,
) -> Page[OutdatedAnswer]:
    """List the customers that you see of which something was last written or confirmed long ago, the oldest first."""
    given = query.filters()
    before = age[0] - timedelta(days=given.pop("older_than_days", age[1]))
    listing = ages.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, given | {"before": before}, viewer=viewer, viewer_people=people)
    return pages.answered(query, found, [OutdatedAnswer.of(one, before) for one in found.items], OutdatedAnswer)


@of_customers.post(
    "/{customer_id}/supplements",
    status_code=201,
    responses=problems(
        NotVisible,
        NothingTold,
        CountryUnknown,
        DomainShared,
        IdentifierInvalid,
        NameWithoutLetters,
        PersonNeeded,
        TooManyAttributes,
    ),
)
async def supplement_customer(
    customer_id: UUID, body: SupplementRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> SupplementAnswer:
    """Tell what a visit, an opportunity or a project has taught of a customer that you see."""
    country = (await records.get(tx, viewer, customer_id)).country
    told = Told(
        body.fields(),
        body.names(),
        learning.identifiers_of(body.numbers(), country, keeps_unverified=False),
        body.places(),
    )
    source = From(body.source.kind.value, body.source.id)
    learned = await learning.supplement(tx, viewer, customer_id, told, source, today=today)
    finding = learned.finding
    parts = {"other_names": finding.names, "identifiers": finding.identifiers, "addresses": finding.addresses}
    return SupplementAnswer(
        added=[*finding.added, *(name for name, found in parts.items() if found)],
        confirmed=list(finding.confirmed),
        proposed=[ProposedChangeAnswer.model_validate(one) for one in learned.proposed],
    )


@of_customers.post(
    "/{customer_id}/confirmations", status_code=201, responses=problems(NotVisible, ChangeNotAllowed, FieldUnknown)
)
async def confirm_customer(
    customer_id: UUID, body: DataConfirmationRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> DataConfirmationAnswer:
    """Say that what is known of a customer still holds, without changing it."""
    confirmed_id, confirmed = await deciding.confirm(tx, viewer, customer_id, body.fields, today=today)
    return DataConfirmationAnswer(customer_id=confirmed_id, fields=ages_of(confirmed))


@changes.get("")
async def list_proposed_changes(
    query: Annotated[ProposedChangeQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ProposedChangeAnswer]:
    """List proposed changes of the customers that you see."""
    listing = proposals.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, ProposedChangeAnswer)


@changes.get("/{change_id}", responses=problems(NotVisible))
async def get_proposed_change(change_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ProposedChangeAnswer:
    """Read a proposed change."""
    return ProposedChangeAnswer.model_validate(await proposals.get(tx, viewer, change_id))


@changes.post(
    "/{change_id}/decisions",
    status_code=201,
    responses=problems(NotVisible, ProposalNotAllowed, ProposalDecided, ProposalOutdated, CustomerExists),
)
async def decide_proposed_change(
    change_id: UUID, body: ChangeDecisionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ProposedChangeAnswer:
    """Accept or reject a proposed change: the account manager and their superiors do."""
    decided = await deciding.decide(tx, viewer, change_id, body.decision, body.reason, today=today)
    return ProposedChangeAnswer.model_validate(decided)
