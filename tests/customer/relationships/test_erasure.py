"""Erasing a contact: gone from every table, while the trail and what refers to the contact stay whole."""

from typing import Any

import asyncpg
import pytest

from keyaccount.auditing.command import check, read_key
from keyaccount.database_urls import with_database
from tests.conftest import Template
from tests.house import Client, House
from tests.make import Make, word


async def person_at(by: Client, customer: dict[str, Any], mark: str, **options: Any) -> dict[str, Any]:
    body = {
        "customer_id": customer["id"],
        "name": f'王"{mark}',
        "email": f"{mark}@acme.cn",
        "phone": f"+49{mark}",
        "department": f"Purchasing {mark}",
        "title": f"Buyer {mark}",
        "external_reference": {"system": "crm", "id": word()},
    }
    made: dict[str, Any] = await by.done("POST", "/v1/contacts", body, **options)
    return made


async def where_found(template: Template, house: House, needle: str) -> set[str]:
    """Return the tables of all schemas that hold the text anywhere, in bytes too."""
    database = house.urls["customer"].login.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(with_database(template.admin_url, database))
    tables = await admin.fetch(
        "SELECT schemaname, relname FROM pg_stat_user_tables WHERE schemaname NOT LIKE 'pg%' ORDER BY 1, 2"
    )
    assert len(tables) > 60
    found = set()
    for schema, table in tables:
        for row in await admin.fetch(f'SELECT t::text FROM "{schema}"."{table}" AS t'):
            if needle in row[0] or needle.encode().hex() in row[0]:
                found.add(f"{schema}.{table}")
    await admin.close()
    return found


async def work_off(house: House) -> None:
    """Let the service's jobs be done."""
    while await house.service("customer").jobs.step():
        pass


async def test_nothing_is_left_anywhere_and_the_trail_is_whole(make: Make, house: House, template: Template) -> None:
    head, mark, key = await make.seller(), word(), word()
    seller = await make.seller(head)
    customer = await make.customer(seller)
    made = await person_at(seller, customer, mark, key=key)
    path = f"/v1/contacts/{made['id']}"
    report = await seller.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "x"})
    await seller.done("PATCH", f"/v1/contacts/{report['id']}", {"reports_to_id": made["id"]}, if_match=1)
    changed = f"{mark}2@acme.cn"
    await seller.done("PATCH", path, {"email": changed}, if_match=1, key=word())
    again = {"customer_id": customer["id"], "name": "other", "email": changed}
    assert (await seller.post("/v1/contacts", again, key=word())).status_code == 409
    for query in ("", f"?email={mark}2%40acme.cn"):
        job = await seller.done("POST", f"/v1/contacts/exports{query}", {"format": "jsonl"}, key=word())
        await work_off(house)
        ended = await seller.done("GET", f"/v1/customer/jobs/{job['id']}")
        assert mark in (await seller.get(ended["result"]["path"])).text
    await house.settle()
    held = {"contact", "idempotency", "job", "job_part"}
    assert await where_found(template, house, mark) == {f"customer.{table}" for table in held}

    erased = await head.done("POST", f"{path}/erasure")

    await house.settle()
    assert await where_found(template, house, mark) == set()
    assert (erased["id"], erased["name"], erased["email"], erased["title"]) == (made["id"], "", None, None)
    assert erased["erased_at"] is not None
    assert await head.done("POST", f"{path}/erasure") == erased
    assert (await seller.done("GET", f"/v1/contacts/{report['id']}"))["reports_to_id"] == made["id"]
    for query in (f"search={mark}", f"email={changed}"):
        assert (await seller.done("GET", f"/v1/contacts?customer_id={customer['id']}&{query}"))["items"] == []

    pool = house.service("customer").database.pool
    async with pool.acquire() as connection, connection.transaction():
        whole = await check(connection, "customer", read_key(template.secrets), None)
    assert whole.faults == []
    assert whole.rows > 0
    trail = await (await house.admin()).done("GET", f"/v1/customer/audit?aggregate=contact&aggregate_id={made['id']}")
    assert [entry["operation"] for entry in trail["items"]] == ["insert", "update", "update"]
    assert trail["items"][2]["actor"] == head.id

    replayed = await seller.post(
        "/v1/contacts",
        {
            "customer_id": customer["id"],
            "name": f'王"{mark}',
            "email": f"{mark}@acme.cn",
            "phone": f"+49{mark}",
            "department": f"Purchasing {mark}",
            "title": f"Buyer {mark}",
            "external_reference": made["external_reference"],
        },
        key=key,
    )
    assert (replayed.status_code, replayed.json()["id"], replayed.json()["name"]) == (201, made["id"], "")


async def test_who_was_erased_does_not_come_back_by_change_or_import(make: Make, operations: Client) -> None:
    customer = await make.customer(operations)
    made = await person_at(operations, customer, word())
    erased = await operations.done("POST", f"/v1/contacts/{made['id']}/erasure")
    body = {"customer_id": customer["id"], "name": "back again", "email": "back@acme.cn"}
    reference = made["external_reference"]

    changed = await operations.patch(f"/v1/contacts/{made['id']}", {"name": "x"}, if_match=erased["version"])
    put = await operations.put(f"/v1/contacts/by-reference/crm/{reference['id']}", body)
    items = {"items": [body | {"external_reference": reference}]}
    batch = (await operations.done("POST", "/v1/contacts/batches", items))["items"][0]

    assert [answer.status_code for answer in (changed, put)] == [409, 409]
    assert {changed.json()["code"], put.json()["code"], batch["problem"]["code"]} == {"contact_erased"}
    assert (await operations.done("GET", f"/v1/contacts/{made['id']}"))["name"] == ""


@pytest.mark.parametrize("who", ["seller", "head", "admin", "operations", "peer"])
async def test_those_above_decide_on_export_and_erasure(make: Make, house: House, operations: Client, who: str) -> None:
    head, mark = await make.seller(), word()
    seller = await make.seller(head)
    others = {"seller": seller, "head": head, "operations": operations, "admin": await house.admin()}
    asking = others.get(who) or await make.seller(head)
    customer = await make.customer(seller)
    made = await person_at(seller, customer, mark)
    path = f"/v1/contacts/{made['id']}"

    exported, erased = await asking.get(f"{path}/personal-data"), await asking.post(f"{path}/erasure")

    if who in {"seller", "peer"}:
        expected = (403, "own_matter") if who == "seller" else (404, "not_found")
        assert [(answer.status_code, answer.json()["code"]) for answer in (exported, erased)] == [expected] * 2
        return
    told = exported.json()
    assert told["contact"] == made
    assert told["customer_name"] == customer["legal_name"]
    assert [(step["operation"], step["actor"]) for step in told["processing"]] == [("insert", seller.id)]
    assert {"email", "title"} <= set(told["processing"][0]["fields"])
    assert erased.status_code == 200
