"""What this service takes from `customer`: its tier, and where it is delivered to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID


def told_of_customer(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a customer, as its events carry it."""
    return {
        "customer_id": UUID(data["id"]),
        "name": data["legal_name"],
        "tier": data.get("tier"),
        "place": data["delivery_place"],
        "merged_into_id": UUID(data["merged_into_id"]) if data.get("merged_into_id") else None,
        "version": int(data["version"]),
    }
