"""The route of the org chart."""

from typing import Annotated

from fastapi import Query

from orgchart.difference import Difference
from servicekit.web.router import CurrentSnapshot, Router
from services.team.org_chart import store
from services.team.org_chart.schemas import ChartQuery

router = Router(prefix="/v1/org-chart", tags=["Org chart"])


@router.get("", summary="Read what has changed of the org chart")
async def get_org_chart(query: Annotated[ChartQuery, Query()], tx: CurrentSnapshot) -> Difference:
    """Return the people, edges, units and stand-ins that changed since a version, to be copied.

    Everybody who is signed in may read it: the chart is the enterprise's directory, and every service copies it.
    """
    return await store.difference(tx, query.since)
