"""Opportunities for customers that are not assigned and classified: marked, or refused where the house wants that."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make, word


@pytest.fixture
async def strict_house(house: House) -> AsyncIterator[House]:
    """Return the house as one that refuses them."""
    service = house.service("opportunity")
    settings = service.settings
    service.settings = replace(settings, blocks_unclassified=True)
    yield house
    service.settings = settings


async def classified(make: Make, manager: Client, seller: Client, **given: Any) -> dict[str, Any]:
    """Return a customer of the seller with a tier."""
    customer = await make.customer(seller, **given)
    change = {"tier": "key", "reason": "well known"}
    await manager.done("POST", f"/v1/customers/{customer['id']}/tier-changes", change)
    return customer


async def test_an_opportunity_for_an_unclassified_customer_is_marked(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    await house.settle()
    assert (await make.opportunity(seller, customer_id=customer["id"]))["unclassified"] is True


async def test_or_refused_with_what_it_lacks(strict_house: House, make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    await strict_house.settle()
    body = {"name": "Outsoles", "currency": "USD", "customer_id": customer["id"]}
    refused = await seller.post("/v1/opportunities", body)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["lacking"]) == (422, "customer_unclassified", ["tier"])
    assert problem["errors"][0]["pointer"] == "/customer_id"
    assert "evaluations" in problem["detail"]
    assert (await make.opportunity(seller))["customer_id"] is None  # one that waits for its customer may be entered

    change = {"tier": "key", "reason": "well known"}
    await manager.done("POST", f"/v1/customers/{customer['id']}/tier-changes", change)
    made = await seller.done("POST", "/v1/opportunities", body)  # before any event has come
    assert made["unclassified"] is False
    await strict_house.settle()
    assert (await seller.done("GET", f"/v1/opportunities/{made['id']}"))["unclassified"] is False


async def test_a_customer_that_nobody_looks_after_lacks_both(strict_house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, account_manager_id=None)
    refused = await seller.post(
        "/v1/opportunities", {"name": "Outsoles", "currency": "USD", "customer_id": customer["id"]}
    )
    assert refused.json()["lacking"] == ["account_manager", "tier"]


async def test_channel_partners_have_no_tiers(strict_house: House, make: Make) -> None:
    seller = await make.seller()
    partner = await make.customer(seller, kind="channel")
    assert await make.opportunity(seller, customer_id=partner["id"])


async def test_a_change_of_the_customer_is_refused_and_what_stands_stays_changeable(house: House, make: Make) -> None:
    manager, seller = await make.line(2)
    customer, good = await make.customer(seller), await classified(make, manager, seller)
    made = await make.opportunity(seller, customer_id=customer["id"])
    service = house.service("opportunity")
    settings = service.settings
    service.settings = replace(settings, blocks_unclassified=True)
    try:
        path = f"/v1/opportunities/{made['id']}"
        renamed = await seller.done("PATCH", path, {"amount": "5.00"}, if_match=made["version"])
        moved = await seller.done("PATCH", path, {"customer_id": good["id"]}, if_match=renamed["version"])
        back = await seller.patch(path, {"customer_id": customer["id"]}, if_match=moved["version"])
        assert (back.status_code, back.json()["code"]) == (422, "customer_unclassified")
    finally:
        service.settings = settings


async def test_imports_tell_it_of_each_row(strict_house: House, make: Make) -> None:
    operations = await strict_house.import_client()
    manager, seller = await make.line(2)
    customer, good = await make.customer(seller), await classified(make, manager, seller)
    reference = word()
    items = [
        {
            "name": "Outsoles",
            "currency": "USD",
            "principal_id": seller.id,
            "customer_id": each["id"],
            "external_reference": {"system": "erp", "id": f"{reference}-{place}"},
        }
        for place, each in enumerate((good, customer, good))
    ]
    answer = await operations.done("POST", "/v1/opportunities/batches", {"items": items})
    assert [each["outcome"] for each in answer["items"]] == ["created", "rejected", "created"]
    assert answer["items"][1]["problem"]["code"] == "customer_unclassified"
    body = {name: value for name, value in items[1].items() if name != "external_reference"}
    refused = await operations.put(f"/v1/opportunities/by-reference/erp/{reference}-1", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "customer_unclassified")
    again = await operations.done("POST", "/v1/opportunities/batches", {"items": [items[0] | {"amount": "7.00"}]})
    assert again["items"][0]["outcome"] == "updated"
