"""What this service asks of `forecast`: what of a customer stands in the open cycles."""

from typing import Any
from uuid import UUID

from servicekit.peers.client import Peer


async def forecast_of(peer: Peer, customer_id: UUID) -> list[dict[str, Any]]:
    """Return what of a customer the caller sees in the open cycles, by cycle and category.

    Raises:
        PeerUnavailable: the peer cannot be reached.
    """
    answer = await peer.get(f"/v1/forecasts/by-customer/{customer_id}")
    items: list[dict[str, Any]] = answer["items"]
    return items
