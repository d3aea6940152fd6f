"""What this service asks `customer` live: customers that it has not heard of yet."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from servicekit.peers.client import Peer, PeerRefused
from servicekit.web.service import service_of
from services.opportunity.customers.store import CustomerCopy
from services.opportunity.refusals import UnknownCustomer

NOT_FOUND = 404
AT_ONCE = 16


def copy_of(data: Mapping[str, Any]) -> CustomerCopy:
    """Return what is kept of a customer's state, as its events and answers carry it."""
    manager, parent = data.get("account_manager_id"), data.get("parent_id")
    return CustomerCopy(
        UUID(data["id"]),
        int(data["version"]),
        data.get("legal_name") or data["name"],
        data["kind"],
        data.get("tier"),
        UUID(manager) if manager else None,
        UUID(parent) if parent else None,
    )


class Customers:
    """The service `customer`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def find_all(self, ids: Sequence[UUID]) -> list[CustomerCopy]:
        """Return those of the customers that there are and that the caller may see."""
        found: list[CustomerCopy | None] = []
        for start in range(0, len(ids), AT_ONCE):
            found += await asyncio.gather(*(self._find(customer_id) for customer_id in ids[start : start + AT_ONCE]))
        return [copy for copy in found if copy is not None]

    async def get_all(self, ids: Sequence[UUID]) -> list[CustomerCopy]:
        """Return the customers.

        Raises:
            UnknownCustomer: there is no such one, or the caller may not see it.
        """
        found = await self.find_all(ids)
        if len(found) < len(ids):
            raise UnknownCustomer
        return found

    async def _find(self, customer_id: UUID) -> CustomerCopy | None:
        try:
            return copy_of(await self._peer.get(f"/v1/customers/{customer_id}"))
        except PeerRefused as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise


async def _customers(request: Request) -> Customers:
    return Customers(service_of(request).peers["customer"])


CurrentCustomers = Annotated[Customers, Depends(_customers)]
