"""Entering, reading, listing and changing customers."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.house import Client
from tests.make import Make, word

NOBODY = "01a20a66-0000-7000-8000-000000000000"


async def test_what_was_entered_is_read_back(make: Make, operations: Client, credit_code: Callable[[], str]) -> None:
    code, seller = credit_code(), await make.seller()
    body = {
        "kind": "channel",
        "legal_name": f"宝安鞋业 {word()} 有限公司",
        "country": "cn",
        "city": "深圳市",
        "phone": "+86 755 1234",
        "website": "https://baoan.example",
        "industry": "shoes",
        "annual_revenue": {"amount": "1234567.50", "currency": "CNY"},
        "employees": 120,
        "founded": 1996,
        "account_manager_id": seller.id,
        "tier": "key",
        "attributes": {"region": "south"},
        "other_names": [{"kind": "short", "name": "宝安", "from": "2001-01-01"}],
        "identifiers": [{"scheme": "vat", "value": code}],
        "addresses": [{"kind": "delivery", "line_1": "1 Gongye Lu", "city": "深圳", "country": "CN"}],
        "external_reference": {"system": "erp", "id": word()},
    }

    made = await operations.done("POST", "/v1/customers", body)

    read = await seller.done("GET", f"/v1/customers/{made['id']}")
    assert read == made
    assert {name: read[name] for name in ("kind", "country", "city", "annual_revenue", "tier", "attributes")} == {
        **{name: body[name] for name in ("kind", "city", "annual_revenue", "tier", "attributes")},
        "country": "CN",
    }
    assert read["identifiers"][0] | {"id": ""} == {
        "id": "",
        "scheme": "uscc",
        "value": code,
        "verified": True,
        "ended_on": None,
    }
    assert read["other_names"][0]["from"] == "2001-01-01"
    assert read["external_reference"] == body["external_reference"]


async def test_a_seller_looks_after_what_they_enter_and_operations_does_not(make: Make, operations: Client) -> None:
    seller = await make.seller()
    assert (await make.customer(seller))["account_manager_id"] == seller.id
    assert (await make.customer(seller, account_manager_id=None))["account_manager_id"] is None
    assert (await make.customer(operations))["account_manager_id"] is None


async def test_the_answer_has_its_version_as_etag_and_a_replay_is_the_same(make: Make) -> None:
    seller = await make.seller()
    body = {"legal_name": f"Customer {word()}", "country": "DE"}

    first = await seller.post("/v1/customers", body, key="once")
    again = await seller.post("/v1/customers", body, key="once")

    assert first.headers["etag"] == '"1"'
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


BAD = [
    ({"legal_name": "   "}, 400, "/legal_name"),
    ({"legal_name": "!!!"}, 422, "/legal_name"),
    ({"legal_name": "a\x00b"}, 400, None),
    ({"legal_name": "\ufdfa" * 400}, 422, "/legal_name"),
    ({"city": "\ufdfa" * 400}, 422, "/city"),
    ({"legal_name": "x" * 401}, 400, "/legal_name"),
    ({"country": "UK"}, 400, "/country"),
    ({"country": "Germany"}, 400, "/country"),
    ({"kind": "friend"}, 400, "/kind"),
    ({"founded": "long ago"}, 400, "/founded"),
    ({"employees": -1}, 400, "/employees"),
    ({"annual_revenue": {"amount": "-1", "currency": "CNY"}}, 400, "/annual_revenue"),
    ({"annual_revenue": {"amount": "1.005", "currency": "CNY"}}, 400, "/annual_revenue"),
    ({"annual_revenue": {"amount": "1", "currency": "XYZ"}}, 400, "/annual_revenue"),
    ({"turnover": 3}, 400, "/turnover"),
    ({"identifiers": [{"scheme": "uscc", "value": "91110000600037342L"}]}, 422, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "domain", "value": "gmail.com"}]}, 422, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "passport", "value": "1"}]}, 400, "/identifiers/0/scheme"),
    ({"other_names": [{"kind": "short", "name": "x", "from": "2020-02-01", "until": "2020-02-01"}]}, 400, None),
    ({"addresses": [{"kind": "delivery", "line_1": "x", "country": "ZZ"}]}, 400, None),
    ({"parent_id": NOBODY}, 422, "/parent_id"),
    ({"account_manager_id": NOBODY}, 422, "/account_manager_id"),
    ({"attributes": {"x": 1}}, 400, "/attributes/x"),
]


@pytest.mark.parametrize(("wrong", "status", "pointer"), BAD, ids=lambda value: str(value)[:60])
async def test_bad_input_is_refused_by_name_and_writes_nothing(
    operations: Client, wrong: dict[str, Any], status: int, pointer: str | None
) -> None:
    name = f"Customer {word()}"
    body = {"legal_name": name, "country": "DE", **wrong}

    answer = await operations.post("/v1/customers", body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer:
        assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), answer.text
    found = await operations.done("GET", f"/v1/customers?search={name.split()[1]}")
    assert found["items"] == []


async def test_the_longest_names_are_kept(operations: Client) -> None:
    name = (word() * 40)[:400]
    body = {"legal_name": name, "country": "CN", "city": "𠀀" * 170, "other_names": [{"kind": "other", "name": name}]}
    made = await operations.done("POST", "/v1/customers", body)
    assert (made["legal_name"], made["city"]) == (name, body["city"])


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null"])
async def test_what_is_no_object_is_refused(operations: Client, body: str) -> None:
    answer = await operations.request(
        "POST", "/v1/customers", headers={"content-type": "application/json"}, content=body
    )
    assert answer.status_code == 400


async def test_a_patch_changes_what_it_names_and_empties_by_null(make: Make) -> None:
    seller = await make.seller()
    made = await make.customer(seller, phone="1", industry="shoes", attributes={"a": "1", "b": "2"})

    answer = await seller.patch(
        f"/v1/customers/{made['id']}", {"phone": None, "employees": 7, "attributes": {"a": None, "c": "3"}}, if_match=1
    )

    changed = answer.json()
    assert (changed["phone"], changed["employees"], changed["industry"]) == (None, 7, "shoes")
    assert changed["attributes"] == {"b": "2", "c": "3"}
    assert (changed["version"], answer.headers["etag"]) == (2, '"2"')


async def test_a_patch_needs_the_present_version(make: Make) -> None:
    seller = await make.seller()
    path = f"/v1/customers/{(await make.customer(seller))['id']}"

    assert (await seller.patch(path, {"phone": "1"})).status_code == 428
    assert (await seller.patch(path, {"phone": "1"}, if_match="nonsense")).status_code == 400
    assert (await seller.patch(path, {"phone": "1"}, if_match=1)).status_code == 200
    stale = await seller.patch(path, {"phone": "2"}, if_match=1)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (await seller.done("GET", path))["phone"] == "1"


@pytest.mark.parametrize("field", ["legal_name", "country", "kind"])
async def test_null_does_not_empty_what_must_have_a_value(make: Make, field: str) -> None:
    seller = await make.seller()
    made = await make.customer(seller)
    answer = await seller.patch(f"/v1/customers/{made['id']}", {field: None}, if_match=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}")


@pytest.mark.parametrize("field", ["account_manager_id", "tier", "parent_id", "version", "id", "identifiers"])
async def test_what_has_a_rule_is_not_patched(make: Make, field: str) -> None:
    seller = await make.seller()
    made = await make.customer(seller)
    answer = await seller.patch(f"/v1/customers/{made['id']}", {field: None}, if_match=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}")


async def test_a_former_name_stays_and_is_found(make: Make) -> None:
    seller, former, later = await make.seller(), word(), word()
    made = await make.customer(seller, legal_name=f"{former} GmbH")

    await seller.patch(f"/v1/customers/{made['id']}", {"legal_name": f"{later} AG"}, if_match=1)

    read = await seller.done("GET", f"/v1/customers/{made['id']}")
    assert [(name["kind"], name["name"]) for name in read["other_names"]] == [("former", f"{former} GmbH")]
    for name in (former, later):
        found = await seller.done("GET", f"/v1/customers?search={name}")
        assert [item["id"] for item in found["items"]] == [made["id"]]


async def test_filters_of_the_list(make: Make, operations: Client) -> None:
    seller, mark = await make.seller(), word()
    parent = await make.customer(operations, legal_name=f"Group {mark}", country="FR", city="Lyon", kind="channel")
    child = await make.customer(
        operations,
        legal_name=f"Child {mark}",
        country="CN",
        city="上海市",
        tier="growth",
        parent_id=parent["id"],
        account_manager_id=seller.id,
        external_reference={"system": "erp", "id": mark},
    )
    expected = {
        "kind=channel": parent,
        "tier=growth": child,
        "country=fr": parent,
        "country=CN&city=%E4%B8%8A%E6%B5%B7": child,
        f"account_manager_id={seller.id}": child,
        "unassigned=true": parent,
        "unassigned=false": child,
        f"parent_id={parent['id']}": child,
        f"external_system=erp&external_id={mark}": child,
    }
    for filters, customer in expected.items():
        found = await operations.done("GET", f"/v1/customers?search={mark}&{filters}")
        assert [item["id"] for item in found["items"]] == [customer["id"]], filters


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=red", "query:colour"),
        ("limit=0", "query:limit"),
        ("kind=friend", "query:kind"),
        ("sort=shoe_size", "query:sort"),
        ("sort=relevance", "query:sort"),
        ("cursor=abc", "query:cursor"),
        ("search=%21%21", "query:search"),
        ("parent_id=x", "query:parent_id"),
        ("country=UK", "query:country"),
    ],
)
async def test_a_list_refuses_what_it_does_not_know(operations: Client, query: str, pointer: str) -> None:
    answer = await operations.get(f"/v1/customers?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at", "relevance", "-relevance"])
async def test_pages_hold_each_customer_once(make: Make, sort: str) -> None:
    seller, mark = await make.seller(), word()
    made = {(await make.customer(seller, legal_name=f"{mark} {number}"))["id"] for number in range(7)}

    seen: list[str] = []
    path = f"/v1/customers?search={mark}&sort={sort}&limit=3&total=true"
    page = await seller.done("GET", path)
    seen += [item["id"] for item in page["items"]]
    while page["next"]:
        page = await seller.done("GET", f"{path}&cursor={page['next']}")
        seen += [item["id"] for item in page["items"]]

    assert page["total"] == "7"
    assert len(seen) == 7
    assert set(seen) == made


async def test_a_cursor_is_of_one_caller_and_one_query(make: Make) -> None:
    seller, other, mark = await make.seller(), await make.seller(), word()
    for number in range(3):
        await make.customer(seller, legal_name=f"{mark} {number}")
    cursor = (await seller.done("GET", "/v1/customers?limit=2"))["next"]

    assert (await seller.get(f"/v1/customers?limit=2&cursor={cursor}")).status_code == 200
    assert (await seller.get(f"/v1/customers?limit=2&cursor={cursor}&kind=channel")).status_code == 400
    assert (await other.get(f"/v1/customers?limit=2&cursor={cursor}")).status_code == 400
