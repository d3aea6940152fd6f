"""Invariant 8, and what other services learn: every change leaves its trace, however many are made at once."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.house import Client, House
from tests.make import Make, word


async def trail(house: House, customer_id: str) -> list[dict[str, Any]]:
    admin = await house.admin()
    path = f"/v1/customer/audit?aggregate=customer&aggregate_id={customer_id}&limit=500"
    items: list[dict[str, Any]] = (await admin.done("GET", path))["items"]
    return items


async def events_of(house: House, operations: Client, customer_id: str) -> list[dict[str, Any]]:
    await house.settle()
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = await operations.done("GET", f"/v1/customer/events?after={after}&limit=500")
        if not page["items"]:
            return found
        found += [event for event in page["items"] if event["subject"] == customer_id]
        after = page["items"][-1]["position"]


async def test_every_change_is_in_the_trail_with_who_and_what(make: Make, house: House) -> None:
    head, seller = await make.line(2)
    other = await make.person(head)
    customer = await make.customer(seller, phone="1", other_names=[{"kind": "short", "name": "x"}])
    path = f"/v1/customers/{customer['id']}"
    await seller.done("PATCH", path, {"phone": "2"}, if_match=1)
    await head.done("POST", f"{path}/tier-changes", {"tier": "key", "reason": "large"})
    await head.done("POST", f"{path}/assignments", {"account_manager_id": other.id, "reason": "closer"})
    await other.done("POST", f"{path}/addresses", {"kind": "other", "line_1": "x", "country": "DE"})

    told = [(entry["actor"], entry["table_name"], entry["operation"]) for entry in await trail(house, customer["id"])]

    assert told == [
        (seller.id, "customer", "insert"),
        (seller.id, "customer_name", "insert"),
        (seller.id, "customer", "update"),
        (head.id, "customer", "update"),
        (head.id, "customer", "update"),
        (other.id, "customer_address", "insert"),
        (other.id, "customer", "update"),
    ]
    history = (await other.done("GET", f"{path}/history"))["items"]
    assert [(entry["actor"], entry["part"], entry["operation"]) for entry in history] == told
    assert (history[2]["before"]["phone"], history[2]["after"]["phone"]) == ("1", "2")
    assert not {"name_key", "search_text"} & history[0]["after"].keys()
    latest = await other.done("GET", f"{path}/history?sort=-sequence&limit=1")
    assert latest["items"] == history[-1:]
    older = await other.done("GET", f"{path}/history?sort=-sequence&limit=1&cursor={latest['next']}")
    assert older["items"] == history[-2:-1]


async def test_a_refused_change_leaves_no_trace_but_those_that_happened_all_do(make: Make, house: House) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}"

    answers = await asyncio.gather(
        *(seller.patch(path, {"phone": str(number)}, if_match=1) for number in range(16)),
        *(seller.post(f"{path}/names", {"kind": "short", "name": str(number)}) for number in range(16)),
    )

    done = [answer for answer in answers if answer.is_success]
    entries = await trail(house, customer["id"])
    versions = [entry["after"]["version"] for entry in entries if "version" in (entry["after"] or {})]
    assert versions == list(range(1, len(done) + 2))
    assert sum(answer.status_code == 200 for answer in answers) <= 1
    assert (await seller.done("GET", path))["version"] == len(done) + 1


async def test_a_stand_in_acts_as_recorded(make: Make, house: House) -> None:
    head = await make.person()
    seller, other = await make.person(head), await make.person(head)
    customer = await make.customer(seller)
    admin = await house.admin()
    today = house.service("team").today()
    body = {
        "person_id": head.id,
        "stand_in_id": other.id,
        "from_date": today.isoformat(),
        "until_date": (today + timedelta(days=7)).isoformat(),
    }
    await admin.done("POST", "/v1/stand-ins", body)
    request = {"account_manager_id": other.id, "reason": "x"}
    path = f"/v1/customers/{customer['id']}"
    headers = {"on-behalf-of": head.id}

    own = await other.post(f"{path}/assignments", request, headers=headers)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    await other.done("POST", f"{path}/tier-changes", {"tier": "key", "reason": "large"}, headers=headers)
    entry = (await trail(house, customer["id"]))[-1]
    assert (entry["actor"], entry["on_behalf_of"]) == (other.id, head.id)


async def test_events_carry_what_others_copy(make: Make, house: House, operations: Client) -> None:
    head, seller = await make.line(2)
    reference = {"system": "erp", "id": word()}
    customer = await make.customer(
        seller,
        external_reference=reference,
        addresses=[{"kind": "delivery", "line_1": "x", "city": "Bremen", "country": "DE"}],
    )
    path = f"/v1/customers/{customer['id']}"
    await head.done("POST", f"{path}/tier-changes", {"tier": "key", "reason": "large"})
    await head.done("POST", f"{path}/assignments", {"account_manager_id": None, "reason": "left"})

    events = await events_of(house, operations, customer["id"])

    assert [event["type"] for event in events] == ["customer.created", "customer.tier_changed", "customer.assigned"]
    assert events[0]["data"] == {
        "id": customer["id"],
        "version": 1,
        "kind": "customer",
        "legal_name": customer["legal_name"],
        "country": "DE",
        "city": "Hamburg",
        "parent_id": None,
        "merged_into_id": None,
        "account_manager_id": seller.id,
        "tier": None,
        "origin": "entered",
        "delivery_place": "Bremen, DE",
        "external_reference": reference,
    }
    assert [event["data"]["version"] for event in events] == [1, 2, 3]
    assert (events[2]["data"]["account_manager_id"], events[2]["data"]["previous_account_manager_id"]) == (
        None,
        seller.id,
    )


async def test_the_feed_is_not_for_people(make: Make) -> None:
    assert (await (await make.seller()).get("/v1/customer/events")).status_code == 403


@pytest.mark.parametrize("table", ["assignment", "tier_change", "audit"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_service_itself_cannot_alter_history(house: House, table: str, statement: str) -> None:
    connection = await asyncpg.connect(house.urls["customer"].login)
    try:
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(statement.format(table))
    finally:
        await connection.close()
