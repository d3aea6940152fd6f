"""Routes: the ranking of customers by potential."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, Router
from services.customer.customers.rules.looking_after import NotLookedAfter
from services.customer.customers.store.looking_after import check_looked_after
from services.customer.potential import store
from services.customer.potential.schemas import PotentialAnswer, PotentialQuery
from services.customer.reach import ViewersPeople

ranking = Router(prefix="/v1/customer-potentials", tags=["Potential"])
customers = Router(prefix="/v1/customers/{customer_id}", tags=["Potential"])
routers = (ranking, customers)


@ranking.get("")
async def list_customer_potentials(
    query: Annotated[PotentialQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PotentialAnswer]:
    """Rank the customers that you, or people below you, look after by their potential, with the reasons."""
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, PotentialAnswer)


@customers.get("/potential", responses=problems(NotVisible, NotLookedAfter))
async def get_customer_potential(customer_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> PotentialAnswer:
    """Read a customer's potential and its reasons; that of a new customer is there within a minute."""
    await check_looked_after(tx, viewer, customer_id)
    found = await store.of_customer(tx, customer_id)
    if found is None:
        raise NotVisible("potential of customer", customer_id)
    return PotentialAnswer.model_validate(found)
