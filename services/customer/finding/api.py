"""Routes: the uniqueness check, and search over the whole base."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, Router
from services.customer.finding import actions
from services.customer.finding.schemas import (
    FoundContactAnswer,
    MatchAnswer,
    MatchRequest,
    SearchAnswer,
    SearchQuery,
    check_answer,
    found_answer,
)
from services.customer.matching.rules.identifiers import CountryMissing, DomainShared, IdentifierInvalid
from services.customer.matching.rules.places import CountryUnknown
from services.customer.reach import ViewersPeople

router = Router(prefix="/v1", tags=["Matching"])


@router.post("/matches", responses=problems(CountryMissing, CountryUnknown, DomainShared, IdentifierInvalid))
async def check_matches(body: MatchRequest, viewer: CurrentViewer, tx: CurrentReading) -> MatchAnswer:
    """Look whether the base has companies already; nothing is written."""
    return MatchAnswer(items=[check_answer(one) for one in await actions.check(tx, viewer, body.plain())])


@router.get("/search")
async def search_customers(
    query: Annotated[SearchQuery, Query()], viewer: CurrentViewer, people: ViewersPeople, tx: CurrentReading
) -> SearchAnswer:
    """Search the whole base: customers that you do not see are told by name, tier and account manager alone."""
    return SearchAnswer(
        items=[found_answer(one) for one in await actions.search(tx, viewer, query.q, query.limit)],
        contacts=[
            FoundContactAnswer.model_validate(one)
            for one in await actions.contacts(tx, viewer, people, query.q, query.limit)
        ],
    )
