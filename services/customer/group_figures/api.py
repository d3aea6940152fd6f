"""Route: what a group of companies adds up to."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from servicekit.web.service import Today, service_of
from services.customer.group_figures import actions
from services.customer.group_figures.schemas import GroupFiguresAnswer, GroupFiguresQuery

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])


@router.get("/group-figures", responses=problems(NotVisible))
async def get_group_figures(
    customer_id: UUID,
    request: Request,
    query: Annotated[GroupFiguresQuery, Query()],
    *,
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    today: Today,
) -> GroupFiguresAnswer:
    """Read what the customer, and it with everything below it, has open and has won."""
    currency = query.currency or service_of(request).settings.reporting_currency
    return GroupFiguresAnswer.of(await actions.read(tx, viewer, customer_id, currency, today=today))
