"""Names, identifiers and addresses: added and ended, never rewritten."""

from collections.abc import Callable
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make, word


async def test_parts_are_added_and_ended_and_each_is_a_version(
    make: Make, credit_code: Callable[[], str], house: House
) -> None:
    seller = await make.seller()
    path = f"/v1/customers/{(await make.customer(seller))['id']}"
    today = house.service("customer").today().isoformat()

    await seller.done("POST", f"{path}/names", {"kind": "brand", "name": "Flying Goose"})
    await seller.done("POST", f"{path}/identifiers", {"scheme": "uscc", "value": credit_code()})
    body = {"kind": "delivery", "line_1": "Gate 3", "city": "Prag", "country": "cz"}
    read = await seller.done("POST", f"{path}/addresses", body)
    assert (read["version"], read["addresses"][0]["country"]) == (4, "CZ")

    for kind, parts in (("names", "other_names"), ("identifiers", "identifiers"), ("addresses", "addresses")):
        read = await seller.done("POST", f"{path}/{kind}/{read[parts][0]['id']}/endings", {})
    assert read["version"] == 7
    assert (read["other_names"][0]["until"], read["identifiers"][0]["ended_on"]) == (today, today)
    again = await seller.post(f"{path}/addresses/{read['addresses'][0]['id']}/endings", {"on": "2030-01-01"})
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("names", {"kind": "short", "name": "—"}, 422, "name_without_letters"),
        ("names", {"kind": "legal", "name": "x"}, 400, "malformed"),
        ("identifiers", {"scheme": "lei", "value": "5493001KJTIIGC8Y1R13"}, 422, "identifier_invalid"),
        ("identifiers", {"scheme": "domain", "value": "qq.com"}, 422, "domain_shared"),
        ("identifiers", {"scheme": "vat", "value": "x", "country": "UK"}, 400, "country_unknown"),
        ("addresses", {"kind": "delivery", "line_1": "x", "country": "XX"}, 400, "country_unknown"),
        ("addresses", {"kind": "delivery", "line_1": "", "country": "DE"}, 400, "malformed"),
    ],
)
async def test_a_bad_part_is_refused(make: Make, kind: str, body: dict[str, Any], status: int, code: str) -> None:
    seller = await make.seller()
    customer = (await make.customer(seller))["id"]
    answer = await seller.post(f"/v1/customers/{customer}/{kind}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await seller.done("GET", f"/v1/customers/{customer}"))["version"] == 1


async def test_what_the_customer_has_already_is_refused(make: Make, credit_code: Callable[[], str]) -> None:
    seller = await make.seller()
    identifier = {"scheme": "uscc", "value": credit_code()}
    name = {"kind": "short", "name": "x"}
    customer = (await make.customer(seller, identifiers=[identifier], other_names=[name]))["id"]

    for kind, body, code in (("identifiers", identifier, "identifier_taken"), ("names", name, "name_taken")):
        answer = await seller.post(f"/v1/customers/{customer}/{kind}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_part_of_another_customer_is_not_there(make: Make) -> None:
    seller = await make.seller()
    one = await make.customer(seller, other_names=[{"kind": "short", "name": "x"}])
    other = await make.customer(seller)
    for part in (one["other_names"][0]["id"], str(new_id())):
        answer = await seller.post(f"/v1/customers/{other['id']}/names/{part}/endings", {})
        assert answer.status_code == 404


async def test_a_name_does_not_end_before_it_begins(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, other_names=[{"kind": "short", "name": "x", "from": "2020-01-01"}])
    path = f"/v1/customers/{customer['id']}/names/{customer['other_names'][0]['id']}/endings"
    answer = await seller.post(path, {"on": "2019-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "span_empty")


async def test_only_an_import_keeps_what_fails_its_check_and_it_decides_nothing(make: Make, operations: Client) -> None:
    wrong = {"scheme": "lei", "value": f"5493{word().upper()}0000"}
    items = [
        {
            "legal_name": word(),
            "country": "DE",
            "identifiers": [wrong],
            "external_reference": {"system": "erp", "id": word()},
        }
        for _ in range(2)
    ]

    imported = await operations.done("POST", "/v1/customers/batches", {"items": items})

    assert [item["outcome"] for item in imported["items"]] == ["created", "created"]
    read = await operations.done("GET", f"/v1/customers/{imported['items'][0]['id']}")
    assert [identifier["verified"] for identifier in read["identifiers"]] == [False]
    assert (await operations.post("/v1/customers", {**items[0], "legal_name": word()})).status_code == 422
    seller = await make.seller()
    item = {**items[0], "legal_name": word(), "external_reference": {"system": "erp", "id": word()}}
    refused = await seller.done("POST", "/v1/customers/batches", {"items": [item]})
    assert refused["items"][0]["problem"]["code"] == "identifier_invalid"
