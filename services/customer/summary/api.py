"""The route of a customer's summary."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import Request

from orgchart.viewer import CurrentViewer
from servicekit.peers.client import PeerRefused
from servicekit.values.errors import NotVisible, PeerUnavailable
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, Router
from servicekit.web.service import Today, service_of
from services.customer.clients.forecast import forecast_of
from services.customer.customers.store import records
from services.customer.reach import CurrentZone
from services.customer.summary import actions
from services.customer.summary.schemas import SummaryAnswer, sales_answer

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])


@router.get("/summary", responses=problems(NotVisible))
async def get_customer_summary(
    customer_id: UUID,
    request: Request,
    *,
    viewer: CurrentViewer,
    tx: CurrentReading,
    today: Today,
    zone: CurrentZone,
) -> SummaryAnswer:
    """Read all that is known of a customer: identity, tier, people, opportunities, forecast, activities, gaps."""
    await records.check_visible(tx, viewer, customer_id)
    currency = service_of(request).settings.reporting_currency
    found, forecast = await asyncio.gather(
        actions.summarise(tx, viewer, customer_id, today=today, zone=zone, currency=currency),
        _forecast(request, customer_id),
    )
    groups = {group.key: group for group in found.opportunities.groups}
    return SummaryAnswer.model_validate(
        {
            "customer": found.customer,
            "people": {
                "account_manager_id": found.customer.account_manager_id,
                "team": found.team,
                "contacts": found.contacts,
            },
            "opportunities": sales_answer(groups, found.basis, found.open, today, currency),
            "forecast": forecast,
            "activities": found.activities,
            "gaps": {
                "gaps": found.gaps,
                "missing_fields": found.missing_fields,
                "classification": found.classification_gaps,
            },
            "unavailable": ["forecast"] if forecast is None else [],
        }
    )


async def _forecast(request: Request, customer_id: UUID) -> list[dict[str, Any]] | None:
    """Return what the peer says, or None where it cannot be reached."""
    try:
        return await forecast_of(service_of(request).peers["forecast"], customer_id)
    except (PeerUnavailable, PeerRefused):
        return None
