"""What an intake says of people is erased everywhere; what it says of the company, and the trail, stay whole."""

from typing import Any

import pytest

from keyaccount.auditing.command import check, read_key
from tests.conftest import Template
from tests.customer.intakes.test_intakes import about, arrive
from tests.customer.relationships.test_erasure import where_found, work_off
from tests.house import Client, House
from tests.make import Make, word


def told_of(mark: str) -> dict[str, Any]:
    person = {"name": f"Erika {mark}", "email": f"{mark}@example.com", "phone": f"+49{mark}", "title": f"Head {mark}"}
    return about(word()) | {"person": person, "note": f"Ask {mark}", "raw": {"form": [1, {"who": mark}]}}


async def test_nothing_of_people_is_left_and_the_rest_stays(make: Make, house: House, template: Template) -> None:
    head, mark = await make.seller(), word()
    seller, body = await make.seller(head), told_of(mark)
    made = await arrive(seller, body)
    later = {"headers": {"prefer": "respond-async"}}
    batch = {"items": [told_of(mark) | {"external_reference": {"system": "web", "id": word()}}]}
    job = await seller.done("POST", "/v1/intakes/batches", batch, **later)
    await work_off(house)
    await house.settle()
    assert "customer.intake_personal" in await where_found(template, house, mark)
    (other,) = [one for one in (await seller.done("GET", "/v1/intakes"))["items"] if one["id"] != made["id"]]
    assert (await seller.done("GET", f"/v1/customer/jobs/{job['id']}"))["state"] == "succeeded"

    path = f"/v1/intakes/{made['id']}"
    assert (await head.done("GET", f"{path}/personal-data"))["person"] == body["person"]
    erased = await head.done("POST", f"{path}/erasure")
    await head.done("POST", f"/v1/intakes/{other['id']}/erasure")

    await house.settle()
    assert await where_found(template, house, mark) == set()
    assert (erased["person"], erased["note"], erased["raw"]) == (None, None, None)
    assert erased["erased_at"] is not None
    assert await head.done("POST", f"{path}/erasure") == erased
    assert await seller.done("GET", f"{path}/personal-data") == erased
    assert await seller.done("GET", path) == made
    async with house.service("customer").database.pool.acquire() as connection, connection.transaction():
        whole = await check(connection, "customer", read_key(template.secrets), None)
    assert whole.faults == []
    trail = await (await house.admin()).done("GET", f"/v1/customer/audit?aggregate=intake&aggregate_id={made['id']}")
    assert trail["items"][-1]["actor"] == head.id


@pytest.mark.parametrize("who", ["seller", "head", "admin", "operations", "peer", "manager"])
async def test_those_above_decide_and_nobody_on_what_they_entered(
    make: Make, house: House, operations: Client, who: str
) -> None:
    head = await make.seller()
    seller, manager = await make.seller(head), await make.seller()
    customer = await make.customer(manager, city="Köln", legal_name=word())
    made = await arrive(seller, told_of(word()) | {"company": about(customer["legal_name"])["company"]})
    assert made["outcome"] == "matched"
    others = {"seller": seller, "head": head, "operations": operations, "manager": manager}
    asking = others.get(who) or (await house.admin() if who == "admin" else await make.seller(head))

    answer = await asking.post(f"/v1/intakes/{made['id']}/erasure")

    expected = {"seller": "own_matter", "peer": "not_found", "manager": "intake_erasure_not_allowed"}.get(who)
    assert answer.json().get("code") == expected
    assert answer.is_success == (expected is None)


async def test_where_nothing_is_said_of_people_nothing_is_erased(make: Make, operations: Client) -> None:
    made = await arrive(await make.seller(), about(word()))
    told = await operations.done("POST", f"/v1/intakes/{made['id']}/erasure")
    assert (told["person"], told["erased_at"]) == (None, None)
