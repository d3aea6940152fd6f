"""What other services learn of a customer."""

from typing import Any
from uuid import UUID

from servicekit.data.transactions import Writing
from services.customer.customers.actions.matchable import findable
from services.customer.customers.rules.values import AddressKind
from services.customer.customers.store import records
from services.customer.customers.store.records import CustomerDetail
from services.customer.events import CUSTOMER_CREATED, CUSTOMER_MERGE_UNDONE, CUSTOMER_MERGED, CUSTOMER_UPDATED
from services.customer.matching.actions import keeping


def delivery_place(detail: CustomerDetail) -> str | None:
    """Return where goods go: city (else region, else street) and country of the first delivery address in use."""
    for address in detail.addresses:
        if address["kind"] == AddressKind.DELIVERY and address["ended_on"] is None:
            return f"{address['city'] or address['region'] or address['line_1']}, {address['country']}"
    return None


def state_of(detail: CustomerDetail) -> dict[str, Any]:
    """Return what every event of a customer carries."""
    reference = detail.external_reference
    return {
        "id": detail.id,
        "version": detail.version,
        "kind": detail.kind,
        "legal_name": detail.legal_name,
        "country": detail.country,
        "city": detail.city,
        "parent_id": detail.own_parent_id,
        "merged_into_id": detail.merged_into_id,
        "account_manager_id": detail.account_manager_id,
        "tier": detail.tier,
        "origin": detail.origin,
        "delivery_place": delivery_place(detail),
        "external_reference": {"system": reference.system, "id": reference.id} if reference else None,
    }


DESCRIBING = frozenset({CUSTOMER_CREATED, CUSTOMER_UPDATED, CUSTOMER_MERGED, CUSTOMER_MERGE_UNDONE})
"""Events after which a customer may be found by something else than before."""


async def publish(tx: Writing, event_type: str, customer_id: UUID, **more: Any) -> CustomerDetail:
    """Read a customer back, let it be found as it is now, tell of its change, and return it.

    One that was merged is found no more: its survivor is, by what both are known by.
    """
    detail = await records.read(tx, customer_id)
    if detail.merged_into_id is not None:
        await keeping.drop(tx, [customer_id])
    elif event_type in DESCRIBING:
        await keeping.keep(tx, {customer_id: findable(detail)})
    tx.publish(event_type, customer_id, state_of(detail) | more)
    return detail
