"""Opportunities with a history, imported through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.house import Client
from tests.make import word


def ago(house: Any, **span: float) -> str:
    """Return an instant before the house's present."""
    instant: datetime = house.clock() - timedelta(**span)
    return instant.astimezone(UTC).isoformat()


def item(principal: Client, history: list[dict[str, Any]] | None = None, **given: Any) -> dict[str, Any]:
    """Return an item of a batch."""
    return {
        "external_reference": {"system": "tests", "id": word()},
        "name": f"Imported {word()}",
        "principal_id": principal.id,
        "currency": "USD",
        "amount": "100.00",
        "history": history or [],
        **given,
    }


async def batch(client: Client, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """Import items and return their outcomes."""
    answer = await client.done("POST", "/v1/opportunities/batches", {"items": list(items)})
    outcomes: list[dict[str, Any]] = answer["items"]
    return outcomes


def codes(outcomes: list[dict[str, Any]]) -> list[str]:
    """Return each outcome, or the code of why it was rejected."""
    return [one["problem"]["code"] if one["problem"] else one["outcome"] for one in outcomes]
