"""New customers go where the rules say; what none covers, and what nobody could be asked about, waits in the queue."""

import asyncio
from typing import Any

from services.customer.queueing import assign_step
from tests.customer.assigning.conftest import Ruled, rule
from tests.house import Client
from tests.make import word


async def queued(by: Client, **query: str) -> dict[str, dict[str, Any]]:
    found = await by.done("GET", "/v1/unassigned-customers", params={"limit": "500", **query})
    return {each["id"]: each for each in found["items"]}


async def read(by: Client, customer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await by.done("GET", f"/v1/customers/{customer['id']}")
    return found


async def test_a_new_customer_goes_to_whom_the_rules_name(ruled: Ruled) -> None:
    make, operations = ruled.make, await ruled.house.import_client()
    anna, bo, seller = [await make.seller() for _ in range(3)]
    before = await make.customer(seller)
    assert before["account_manager_id"] == seller.id, "without rules whoever enters it looks after it"
    version = await ruled.rules(rule("South", anna, regions=["广东"]), rule("Germany", bo, countries=["DE"]))
    await ruled.house.settle()

    address = {"kind": "headquarters", "line_1": "1 Road", "region": "广东", "country": "CN"}
    south = await make.customer(operations, country="CN", city="Guangzhou", addresses=[address])
    german = await make.customer(seller)
    named = await make.customer(seller, account_manager_id=seller.id)
    lost = await make.customer(seller, country="FR")
    managers = [each["account_manager_id"] for each in (south, german, named, lost)]
    assert managers == [anna.id, bo.id, seller.id, None]

    (history,) = (await bo.done("GET", f"/v1/customers/{german['id']}/assignments"))["items"]
    assert (history["rules_number"], history["rule_name"]) == (version["number"], "Germany")
    waiting = await queued(seller)
    assert waiting.keys() == {lost["id"]}
    entry = waiting[lost["id"]]
    assert (entry["why"], entry["checked_number"]) == ("no_rule", version["number"])
    assert entry["since"] == lost["created_at"]
    assert (await seller.get(f"/v1/customers/{german['id']}")).status_code == 404

    france = await make.seller()
    await ruled.rules(rule("France", france, countries=["FR"]))
    assert await assign_step(ruled.house.service("customer")) == 0, "customer has not heard of them yet"
    await ruled.house.settle()
    assert await assign_step(ruled.house.service("customer")) == 1
    assert (await read(operations, lost))["account_manager_id"] == france.id
    assert await queued(operations) == {}


async def test_what_is_made_while_team_is_away_is_assigned_later(ruled: Ruled) -> None:
    make, operations = ruled.make, await ruled.house.import_client()
    seller, anna = await make.seller(), await make.seller()
    await ruled.house.settle()
    service = ruled.house.service("customer")
    async with ruled.team_away():
        mine = await make.customer(seller)
    assert mine["account_manager_id"] is None
    assert (await queued(seller))[mine["id"]]["why"] == "not_asked"
    assert await assign_step(service) == 1
    assert (await read(seller, mine))["account_manager_id"] == seller.id, "there are no rules: it is whose it was"

    await ruled.rules(rule("Germany", anna, countries=["DE"]))
    async with ruled.team_away():
        hers = await make.customer(seller)
        imported = await make.customer(operations)
    assert sum(await asyncio.gather(assign_step(service), assign_step(service))) == 2
    for each in (hers, imported):
        assert (await read(operations, each))["account_manager_id"] == anna.id
        told = await operations.done("GET", f"/v1/customers/{each['id']}/assignments")
        assert len(told["items"]) == 1, "two who ask at once give it away once"
    assert await assign_step(service) == 0


async def test_what_comes_in_bulk_is_assigned_beside(ruled: Ruled) -> None:
    make, operations = ruled.make, await ruled.house.import_client()
    seller = await make.seller()
    people = [await make.seller() for _ in range(2)]
    await ruled.rules(rule("Shared", *people, countries=["DE"]))
    await ruled.house.settle()

    def item(**given: Any) -> dict[str, Any]:
        name = word()
        reference = {"system": "erp", "id": name}
        return {"legal_name": f"Company {name}", "country": "DE", "external_reference": reference, **given}

    batch = {"items": [item() for _ in range(3)] + [item(country="IT")]}
    made = await operations.done("POST", "/v1/customers/batches", batch)
    theirs = await seller.done("POST", "/v1/customers/batches", {"items": [item()]})
    path = f"/v1/customers/by-reference/erp/{word()}"
    put = await seller.done("PUT", path, {"legal_name": f"Company {word()}", "country": "DE"})
    ids = [each["id"] for each in (*made["items"], *theirs["items"], put)]
    assert (await queued(operations)).keys() == set(ids)
    assert await assign_step(ruled.house.service("customer")) == 6
    managers = [(await read(operations, {"id": each}))["account_manager_id"] for each in ids]
    assert sorted(managers[:3] + managers[4:]) in (
        sorted([people[0].id] * 3 + [people[1].id] * 2),
        sorted([people[0].id] * 2 + [people[1].id] * 3),
    )
    assert managers[3] is None
    assert (await queued(operations, why="no_rule")).keys() == {ids[3]}


async def test_a_leaver_gets_nothing_and_the_rule_of_leavers_covers_nothing(ruled: Ruled) -> None:
    make, admin = ruled.make, await ruled.house.admin()
    seller, anna = await make.seller(), await make.seller()
    await ruled.rules(rule("All", anna))
    today = str(ruled.house.service("team").today())
    await admin.done("POST", f"/v1/people/{anna.id}/departures", {"on": today})
    await ruled.house.settle()
    made = await make.customer(seller)
    assert made["account_manager_id"] is None
    assert (await queued(seller))[made["id"]]["why"] == "no_rule"
