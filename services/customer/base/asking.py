"""What a report on the base is asked with: whose base, which customers, which period, which currency."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.web.service import service_of
from services.customer.base.rules import Asked, period_of
from services.customer.base.schemas import FiguresQuery
from services.customer.base.store import segments
from services.customer.reach import ViewersPeople


class Asking:
    """Makes a question of a query."""

    def __init__(self, request: Request, people: list[UUID]) -> None:
        service = service_of(request)
        self._people, self._today = people, service.today()
        self._currency = service.settings.reporting_currency

    async def about(self, tx: Questions, viewer: Viewer, query: FiguresQuery) -> Asked:
        """Return what a query asks; the filters of a saved segment count unless others are given."""
        saved: dict[str, Any] = {}
        if query.segment_id is not None:
            saved = (await segments.get(tx, viewer, query.segment_id)).filters
            saved = {name: UUID(value) if name == "account_manager_id" else value for name, value in saved.items()}
        period = period_of(query.won_from, query.won_until, self._today)
        return Asked(self._people, saved | query.given(), period, self._currency, self._today)


async def _asking(request: Request, people: ViewersPeople) -> Asking:
    return Asking(request, people)


CurrentAsking = Annotated[Asking, Depends(_asking)]
