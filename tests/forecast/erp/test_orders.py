"""Confirmed orders through the API: told again, changed, cancelled, in our names or in the ERP system's."""

import asyncio
import json
from typing import Any

from servicekit.values.ids import new_id
from tests.forecast.erp.handing import call, planner, system
from tests.forecast.world import Record, World

ORDERS = "/v1/confirmed-orders"


def order(product: Record, **given: Any) -> Record:
    told = {
        "external_reference": {"system": "erp", "id": new_id().hex},
        "order_number": "SO-7",
        "line_number": "10",
        "product_id": product["id"],
        "place": "Ghent",
        "due_on": "2026-11-17",
        "quantity": "12",
        "amount": {"amount": "120.00", "currency": "EUR"},
    } | given
    return {name: value for name, value in told.items() if value is not None}


async def test_an_order_is_known_again_by_its_reference(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    told = order(boot)

    async def outcome() -> Record:
        (item,) = (await keeper.done("POST", f"{ORDERS}/batches", {"items": [told]}))["items"]
        return dict(item)

    first = await outcome()
    assert (first["outcome"], (await outcome())["outcome"]) == ("created", "unchanged")
    told |= {"quantity": "15", "due_on": "2026-12-01"}
    assert ((await outcome())["outcome"], (await outcome())["outcome"]) == ("updated", "unchanged")
    told["state"] = "cancelled"
    assert (await outcome())["outcome"] == "updated"

    kept = await keeper.done("GET", f"{ORDERS}/{first['id']}")
    assert (kept["version"], kept["quantity"], kept["unit"], kept["state"]) == (3, "15", "pair", "cancelled")
    assert kept["amount"] == {"amount": "120.00", "currency": "EUR"}
    again = await keeper.post(ORDERS, told)
    assert (again.status_code, again.json()["code"]) == (409, "confirmed_order_taken")
    found = await keeper.done("GET", f"{ORDERS}?product_id={boot['id']}&due_from=2026-12-01&due_until=2026-12-02")
    assert [each["id"] for each in found["items"]] == [first["id"]]
    assert not (await keeper.done("GET", f"{ORDERS}?product_id={boot['id']}&due_until=2026-12-01"))["items"]


async def test_an_erp_tells_in_its_own_codes(world: World) -> None:
    keeper, boot, shoe = await planner(world), world.peers.add_product(), world.peers.add_product()
    await world.settle()
    name = await system(keeper, "erpnext")
    await call(keeper, name, "BOOT", product_id=boot["id"])
    await call(keeper, name, "Ghent - BL", place="Ghent")
    for product in (boot, shoe):
        await call(keeper, f"{await system(keeper, 'odoo')}", "X", product_id=product["id"])
    reference = {"system": name, "id": "SO-8/10"}
    told = order(boot, product_id=None, place=None, item_code="BOOT", location_code="Ghent - BL")
    made = await keeper.done("POST", ORDERS, told | {"external_reference": reference})
    assert (made["product_id"], made["place"]) == (boot["id"], "Ghent")
    nowhere = order(boot, place=None)
    assert (await keeper.done("POST", ORDERS, nowhere))["place"] == "unspecified"

    await call(keeper, name, "Ghent - BL", place="Gent")
    refused = await keeper.post(ORDERS, told | {"external_reference": reference | {"id": "SO-9"}})
    assert (refused.json()["code"], refused.json()["subjects"]) == ("erp_code_unknown", ["Gent", "Ghent"])


async def test_orders_come_from_a_file(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    await world.settle()
    heading = "external_reference.system,external_reference.id,order_number,product_id,due_on,quantity,unit"
    rows = [
        f"erp,{new_id().hex},SO-9,{boot['id']},2026-12-0{day},{day},{unit}" for day, unit in ((1, "pair"), (2, "kg"))
    ]
    content = "\r\n".join((heading, *rows))

    async def outcomes() -> list[str]:
        headers = {"content-type": "text/csv"}
        taken = await keeper.request("POST", f"{ORDERS}/batches", content=content, headers=headers)
        assert taken.status_code == 202, taken.text
        while await world.house.service("forecast").jobs.step():
            pass
        result = await keeper.get(f"/v1/forecast/jobs/{taken.json()['id']}/result")
        return [json.loads(each)["outcome"] for each in result.text.splitlines()]

    assert await outcomes() == ["created", "rejected"]
    assert await outcomes() == ["unchanged", "rejected"]


async def test_what_does_not_fit_is_refused_and_says_why(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    for changes, code in (
        ({"product_id": str(new_id())}, "product_unknown"),
        ({"product_id": None}, "confirmed_order_unclear"),
        ({"item_code": "BOOT"}, "confirmed_order_unclear"),
        ({"location_code": "WH"}, "confirmed_order_unclear"),
        ({"product_id": None, "item_code": "BOOT"}, "erp_code_unknown"),
        ({"unit": "box"}, "unit_differs"),
        ({"quantity": "1.5"}, "quantity_wrong"),
        ({"amount": {"amount": "-1.00", "currency": "EUR"}}, "order_amount_negative"),
    ):
        answer = await keeper.post(ORDERS, order(boot, **changes))
        assert (answer.status_code, answer.json()["code"]) == (422, code), changes
    malformed = await keeper.post(ORDERS, order(boot, quantity="-1"))
    assert (malformed.status_code, malformed.json()["errors"][0]["pointer"]) == (400, "/quantity")


async def test_a_product_that_nothing_was_told_of_yet_is_asked_for(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    world.peers.down.add("opportunity")
    try:
        away = await keeper.post(ORDERS, order(boot))
        assert (away.status_code, away.json()["peer"]) == (503, "opportunity")
    finally:
        world.peers.down.clear()


async def test_told_by_many_at_once_it_is_one_order(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    await world.settle()
    told = order(boot)
    answers = await asyncio.gather(*[keeper.post(f"{ORDERS}/batches", {"items": [told]}) for _ in range(6)])
    outcomes = [answer.json()["items"][0]["outcome"] for answer in answers]
    assert outcomes.count("created") == 1
    listed = await keeper.done("GET", f"{ORDERS}?product_id={boot['id']}")
    assert [each["version"] for each in listed["items"]] == [1]


async def test_who_tells_of_orders_and_who_sees_them(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    made = await keeper.done("POST", ORDERS, order(boot))
    seller, finance = await world.person(), await world.person(None, "finance")
    for somebody, seen, status in ((seller, 0, 404), (finance, 1, 403)):
        assert len((await somebody.done("GET", f"{ORDERS}?product_id={boot['id']}"))["items"]) == seen
        answer = await somebody.patch(f"{ORDERS}/{made['id']}", {"state": "cancelled"}, headers={"if-match": '"1"'})
        assert answer.status_code == status
        for path, body in ((ORDERS, order(boot)), (f"{ORDERS}/batches", {"items": [order(boot)]})):
            assert (await somebody.post(path, body)).json()["code"] == "may_not_keep_erp"
