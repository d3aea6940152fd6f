"""What this service asks `customer` live: customers that it has not heard of yet."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from servicekit.peers.client import Peer, PeerRefused
from servicekit.web.service import service_of
from services.opportunity.customers.store import CustomerCopy
from services.opportunity.refusals import UnknownCustomer

NOT_FOUND = 404
AT_ONCE = 16
NEVER_TOLD = 0
"""The version of a copy that only its survivor's answer tells of: any event is newer."""


def copy_of(data: Mapping[str, Any]) -> CustomerCopy:
    """Return what is kept of a customer's state, as its events and answers carry it."""
    manager, parent, into = (data.get(name) for name in ("account_manager_id", "parent_id", "merged_into_id"))
    return CustomerCopy(
        UUID(data["id"]),
        int(data["version"]),
        data.get("legal_name") or data["name"],
        data["kind"],
        data.get("tier"),
        UUID(manager) if manager else None,
        UUID(parent) if parent else None,
        UUID(into) if into else None,
    )


class Customers:
    """The service `customer`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def find_all(self, ids: Sequence[UUID]) -> list[CustomerCopy]:
        """Return those of the customers that there are and that the caller may see.

        One that was merged is answered for by its survivor: then both are returned, what is told of the merged one
        itself to be replaced by its first event.
        """
        found: list[list[CustomerCopy]] = []
        for start in range(0, len(ids), AT_ONCE):
            found += await asyncio.gather(*(self._find(customer_id) for customer_id in ids[start : start + AT_ONCE]))
        return [copy for copies in found for copy in copies]

    async def get_all(self, ids: Sequence[UUID]) -> list[CustomerCopy]:
        """Return the customers.

        Raises:
            UnknownCustomer: there is no such one, or the caller may not see it.
        """
        found = await self.find_all(ids)
        if not {copy.id for copy in found}.issuperset(ids):
            raise UnknownCustomer
        return found

    async def _find(self, customer_id: UUID) -> list[CustomerCopy]:
        try:
            copy = copy_of(await self._peer.get(f"/v1/customers/{customer_id}"))
        except PeerRefused as refusal:
            if refusal.status == NOT_FOUND:
                return []
            raise
        if copy.id == customer_id:
            return [copy]
        return [copy, replace(copy, id=customer_id, version=NEVER_TOLD, merged_into_id=copy.id)]


async def _customers(request: Request) -> Customers:
    return Customers(service_of(request).peers["customer"])


CurrentCustomers = Annotated[Customers, Depends(_customers)]
