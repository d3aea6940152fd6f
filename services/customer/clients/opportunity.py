"""What this service takes from `opportunity`: what its events tell, and what older ones did not."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from servicekit.peers.client import Peer
from services.customer.opportunity_facts.store import ToldOpportunity

PAGE = 500


def told_of_opportunity(data: Mapping[str, Any]) -> ToldOpportunity:
    """Return what is kept of an opportunity, as its events carry it; older ones say less."""
    amount = data["amount"]
    return ToldOpportunity(
        opportunity_id=UUID(data["id"]),
        version=int(data["version"]),
        name=data["name"],
        customer_id=UUID(data["customer_id"]) if data["customer_id"] else None,
        principal_id=UUID(data["principal_id"]),
        state=data["state"],
        stage=data["stage"],
        stage_since=_instant(data.get("stage_since")),
        amount=None if amount is None else Decimal(amount),
        currency=data["currency"],
        probability=Decimal(data["probability"]),
        opened_at=_instant(data.get("opened_at")),
        expected_close=_date(data["expected_close"]),
        decided_on=_date(data["decided_on"]),
        contract_until=_date(data.get("contract_until")),
        is_simulated=data["origin"] == "simulated",
        product_ids=sorted({UUID(line["product_id"]) for line in data["lines"]}),
    )


def told_of_product(data: Mapping[str, Any]) -> dict[str, object]:
    """Return what is kept of a product, as its events carry it."""
    return {
        "id": UUID(data["id"]),
        "version": int(data["version"]),
        "product_line_id": UUID(data["product_line_id"]),
    }


def told_of_product_line(data: Mapping[str, Any]) -> dict[str, object]:
    """Return what is kept of a product line, as its events and answers carry it."""
    return {
        "id": UUID(data["id"]),
        "version": int(data["version"]),
        "name": data["name"],
        "parent_id": UUID(data["parent_id"]) if data["parent_id"] else None,
    }


def told_of_rate(data: Mapping[str, Any]) -> dict[str, object]:
    """Return what is kept of an exchange rate, as its events and answers carry it."""
    return {
        "id": UUID(data["id"]),
        "from_currency": data["from_currency"],
        "to_currency": data["to_currency"],
        "date": date.fromisoformat(data["date"]),
        "rate": Decimal(data["rate"]),
        "recorded_at": datetime.fromisoformat(data["recorded_at"]),
    }


async def product_lines(peer: Peer) -> list[dict[str, object]]:
    """Return every product line: not all were told of when they were made."""
    return [told_of_product_line(each) for each in await _whole(peer, "/v1/product-lines")]


async def exchange_rates(peer: Peer) -> list[dict[str, object]]:
    """Return every exchange rate: those of before were never told of."""
    return [told_of_rate(each) for each in await _whole(peer, "/v1/exchange-rates")]


async def _whole(peer: Peer, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await peer.get(path, {"limit": PAGE} | ({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
