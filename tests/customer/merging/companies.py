"""Two companies to merge, and how tests merge and undo."""

from dataclasses import dataclass
from typing import Any

from tests.house import Client
from tests.make import Make

Record = dict[str, Any]
CHANGING = frozenset({"version", "updated_at"})
"""What a merge and its undoing change by being written."""


@dataclass(frozen=True)
class Line:
    """A head with two sellers below, each with a customer of their own."""

    head: Client
    first: Client
    second: Client


async def line_of(make: Make) -> Line:
    head = await make.person()
    return Line(head, await make.seller(head), await make.seller(head))


async def preview(by: Client, survivor: str, merged: str) -> Record:
    answer: Record = await by.done("GET", f"/v1/customers/{survivor}/merge-preview?merged_id={merged}")
    return answer


async def request_of(by: Client, survivor: str, merged: str, **given: Any) -> Record:
    """Return the body that merges two as they are now, the survivor's own holding where they differ."""
    seen = await preview(by, survivor, merged)
    decided = {each["field"]: each["survivor"] for each in seen["undecided"]}
    versions = {name: seen[name] for name in ("survivor_version", "merged_version")}
    return {"merged_id": merged, "reason": "one company", **versions, **decided, **given}


async def merge(by: Client, survivor: str, merged: str, **given: Any) -> Record:
    body = await request_of(by, survivor, merged, **given)
    answer: Record = await by.done("POST", f"/v1/customers/{survivor}/merges", body)
    return answer


async def undo(by: Client, survivor: str, merge_id: str) -> Record:
    answer: Record = await by.done(
        "POST", f"/v1/customers/{survivor}/merges/{merge_id}/undo", {"reason": "two companies after all"}
    )
    return answer


async def state_of(by: Client, customer_id: str) -> Record:
    """Return all that can be read of a customer, without what changes by being written."""
    customer = await by.done("GET", f"/v1/customers/{customer_id}")
    contacts = await by.done("GET", f"/v1/contacts?customer_id={customer_id}&limit=500")
    hierarchy = await by.done("GET", f"/v1/customers/{customer_id}/hierarchy")
    search = await by.done("GET", f"/v1/customers?search={customer['legal_name']}&limit=500")
    return {
        "customer": _without(customer),
        "contacts": {each["id"]: _without(each) for each in contacts["items"]},
        "above": [each["id"] for each in hierarchy["above"]],
        "below": sorted(each["id"] for each in hierarchy["below"]),
        "is_found": customer["id"] in {each["id"] for each in search["items"]},
    }


def _without(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in CHANGING}
