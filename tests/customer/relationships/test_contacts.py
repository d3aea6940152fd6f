"""Contacts of customers: unique by e-mail, seen with their customer, personal data kept out of trail and feed."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make, word


async def contact(by: Client, customer: dict[str, Any], **given: Any) -> dict[str, Any]:
    body = {"customer_id": customer["id"], "name": f"Person {word()}", **given}
    made: dict[str, Any] = await by.done("POST", "/v1/contacts", body)
    return made


async def test_a_contact_is_entered_read_changed_and_listed(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    boss = await contact(seller, customer)
    made = await contact(
        seller,
        customer,
        name="王伟",
        email=" Wei.Wang@Example.CN ",
        phone="1",
        department="Purchasing",
        title="Buyer",
        reports_to_id=boss["id"],
    )
    assert (made["email"], made["reports_to_id"], made["has_left"]) == ("Wei.Wang@Example.CN", boss["id"], False)
    assert await seller.done("GET", f"/v1/contacts/{made['id']}") == made

    patch = {"phone": None, "has_left": True, "title": "Head buyer"}
    changed = await seller.done("PATCH", f"/v1/contacts/{made['id']}", patch, if_match=1)
    assert (changed["phone"], changed["has_left"], changed["title"], changed["version"]) == (
        None,
        True,
        "Head buyer",
        2,
    )
    stale = await seller.patch(f"/v1/contacts/{made['id']}", {"title": "x"}, if_match=1)
    assert stale.status_code == 412
    assert (await seller.patch(f"/v1/contacts/{made['id']}", {"title": "x"})).status_code == 428

    base = f"/v1/contacts?customer_id={customer['id']}"
    for query, expected in {
        "": {made["id"], boss["id"]},
        "&email=WEI.WANG@example.cn": {made["id"]},
        "&has_left=false": {boss["id"]},
        "&search=王": {made["id"]},
        "&search=head": {made["id"]},
    }.items():
        listed = await seller.done("GET", base + query)
        assert {item["id"] for item in listed["items"]} == expected, query


async def test_an_address_is_unique_at_one_customer_in_any_case(make: Make) -> None:
    seller = await make.seller()
    one, other = await make.customer(seller), await make.customer(seller)
    first = await contact(seller, one, email="Wang@acme.cn")

    body = {"customer_id": one["id"], "name": "x", "email": "wang@ACME.cn"}
    again = await seller.post("/v1/contacts", body)
    assert (again.status_code, again.json()["code"], again.json()["contact_id"]) == (409, "contact_exists", first["id"])
    await contact(seller, other, email="wang@acme.cn")
    second = await contact(seller, one)
    moved = await seller.patch(f"/v1/contacts/{second['id']}", {"email": "WANG@acme.cn"}, if_match=1)
    assert (moved.status_code, moved.json()["contact_id"]) == (409, first["id"])


async def test_many_at_once_make_one_contact(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    body = {"customer_id": customer["id"], "name": "x", "email": "x@acme.cn"}

    answers = await asyncio.gather(*(seller.post("/v1/contacts", body) for _ in range(24)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 23}


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"email": "no address"}, 400, "/email"),
        ({"name": ""}, 400, "/name"),
        ({"nickname": "x"}, 400, "/nickname"),
        ({"customer_id": str(new_id())}, 422, "/customer_id"),
        ({"customer_id": "x"}, 400, "/customer_id"),
        ({"reports_to_id": str(new_id())}, 422, "/reports_to_id"),
    ],
)
async def test_bad_input_is_refused(make: Make, wrong: dict[str, Any], status: int, pointer: str) -> None:
    seller = await make.seller()
    body = {"customer_id": (await make.customer(seller))["id"], "name": "x", **wrong}
    answer = await seller.post("/v1/contacts", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


async def test_nobody_reports_to_themselves_or_to_another_company(make: Make) -> None:
    seller = await make.seller()
    customer, elsewhere = await make.customer(seller), await make.customer(seller)
    top = await contact(seller, customer)
    middle = await contact(seller, customer, reports_to_id=top["id"])
    stranger = await contact(seller, elsewhere)

    for superior, code in ((top, "reporting_cycle"), (middle, "reporting_cycle"), (stranger, "contact_of_another")):
        answer = await seller.patch(f"/v1/contacts/{top['id']}", {"reports_to_id": superior["id"]}, if_match=1)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_two_who_put_each_other_above_close_no_circle(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    for _ in range(8):
        one, other = await contact(seller, customer), await contact(seller, customer)
        answers = await asyncio.gather(
            seller.patch(f"/v1/contacts/{one['id']}", {"reports_to_id": other["id"]}, if_match=1),
            seller.patch(f"/v1/contacts/{other['id']}", {"reports_to_id": one["id"]}, if_match=1),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_contacts_come_again_without_change(make: Make, operations: Client) -> None:
    customer = await make.customer(operations)
    items = [
        {
            "customer_id": customer["id"],
            "name": f"Person {number}",
            "email": f"p{number}@acme.cn",
            "external_reference": {"system": "crm", "id": word()},
        }
        for number in range(60)
    ]
    bad = [
        {**items[0], "email": "no address"},
        {**items[1], "external_reference": {"system": "crm", "id": word()}},
        {"name": 1},
    ]

    first = (await operations.done("POST", "/v1/contacts/batches", {"items": items}))["items"]
    second = (await operations.done("POST", "/v1/contacts/batches", {"items": [*items, *bad]}))["items"]
    third = (await operations.done("POST", "/v1/contacts/batches", {"items": [{**items[0], "phone": "7"}]}))["items"]

    assert {outcome["outcome"] for outcome in first} == {"created"}
    assert [outcome["outcome"] for outcome in second] == ["unchanged"] * 60 + ["rejected"] * 3
    codes = [outcome["problem"]["code"] for outcome in second[60:]]
    assert codes == ["email_malformed", "contact_exists", "item_malformed"]
    assert third[0]["outcome"] == "updated"
    path = f"/v1/contacts/by-reference/crm/{items[0]['external_reference']['id']}"
    put = await operations.put(path, {**{k: items[0][k] for k in ("customer_id", "email")}, "name": "New name"})
    assert (put.status_code, put.json()["name"], put.json()["phone"]) == (200, "New name", "7")


async def test_personal_data_are_only_in_the_contact_itself(make: Make, house: House, operations: Client) -> None:
    seller, mark = await make.seller(), word()
    customer = await make.customer(seller)
    made = await contact(seller, customer, name=f"Name{mark}", email=f"{mark}@acme.cn", phone=f"+49{mark}", title="CEO")
    await seller.done("PATCH", f"/v1/contacts/{made['id']}", {"phone": f"+86{mark}"}, if_match=1)

    await house.settle()

    trail = await (await house.admin()).done("GET", f"/v1/customer/audit?aggregate=contact&aggregate_id={made['id']}")
    assert [entry["operation"] for entry in trail["items"]] == ["insert", "update"]
    assert trail["items"][0]["after"]["email"].startswith("sha256:")
    assert trail["items"][0]["after"]["title"].startswith("sha256:")
    pool = house.service("customer").database.pool
    for table in ("audit", "feed", "outbox", "import_record"):
        rows = await pool.fetch(f"SELECT t::text FROM {table} t")
        assert not any(mark in row[0] for row in rows), table
