"""What is learned is added; what contradicts is proposed, and decided by those who look after the customer."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from tests.customer.intakes.test_intakes import about, arrive
from tests.house import Client, House
from tests.make import Make, word

VISIT = {"source": {"kind": "visit", "id": "V-1"}}


async def learn(by: Client, customer: dict[str, Any], **said: Any) -> dict[str, Any]:
    told: dict[str, Any] = await by.done("POST", f"/v1/customers/{customer['id']}/supplements", VISIT | said)
    return told


async def decide(by: Client, change: dict[str, Any], decision: str) -> Any:
    return await by.post(f"/v1/proposed-changes/{change['id']}/decisions", {"decision": decision, "reason": "asked"})


async def test_a_visit_adds_confirms_and_proposes(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, phone="+49 40 1234567", industry="shoes")

    told = await learn(
        seller,
        customer,
        phone="040 / 123 45 67",
        industry="fashion",
        employees=70,
        attributes={"colour": "red"},
        other_names=[{"kind": "brand", "name": "Brandy"}],
        addresses=[{"kind": "delivery", "line_1": "Quai 1", "city": "Ghent", "country": "BE"}],
    )

    assert told["added"] == ["employees", "attributes.colour", "other_names", "addresses"]
    assert told["confirmed"] == ["phone"]
    (change,) = told["proposed"]
    assert (change["field"], change["present"], change["proposed"]) == ("industry", "shoes", "fashion")
    assert (change["source"], change["source_id"], change["proposed_by"]) == ("visit", "V-1", seller.id)
    now = await seller.done("GET", f"/v1/customers/{customer['id']}")
    assert (now["industry"], now["employees"], now["attributes"]) == ("shoes", 70, {"colour": "red"})
    again = await learn(seller, customer, industry="fashion")
    assert (again["proposed"], again["added"]) == ([], [])


async def test_an_intake_supplements_the_customer_that_it_is_of(make: Make, credit_code: Callable[[], str]) -> None:
    owner, other, name = await make.seller(), await make.seller(), word()
    customer = await make.customer(owner, legal_name=name, city="Köln", phone="+49 221 1111111")

    code = {"scheme": "uscc", "value": credit_code()}
    made = await arrive(other, about(f"{name} GmbH", phone="+49 221 2222222", website="x.com", identifiers=[code]))

    now = await owner.done("GET", f"/v1/customers/{customer['id']}")
    assert (now["phone"], now["website"]) == ("+49 221 1111111", "x.com")
    assert (now["identifiers"][0]["value"], now["other_names"]) == (code["value"], [])
    (change,) = (await owner.done("GET", "/v1/proposed-changes?state=open"))["items"]
    assert (change["field"], change["source"], change["source_id"]) == ("phone", "intake", made["id"])
    assert (await other.done("GET", "/v1/proposed-changes"))["items"] == []
    assert (await other.get(f"/v1/proposed-changes/{change['id']}")).status_code == 404
    history = await owner.done("GET", f"/v1/customers/{customer['id']}/history?field=website")
    (entry,) = history["items"]
    assert (entry["after"], entry["source"], entry["source_id"]) == ({"website": "x.com"}, "intake", made["id"])
    assert entry["actor"] == other.id


async def test_the_account_manager_or_a_superior_decides_and_nobody_else(make: Make) -> None:
    head, manager, peer = await make.line(3)
    seller = await make.person(manager)
    clerk, admin = await make.person(roles=["sales_operations"]), await make.person(roles=["admin"])
    customer = await make.customer(seller, phone="+49 40 1234567")
    (change,) = (await learn(seller, customer, phone="+49 40 7654321"))["proposed"]

    for other in (clerk, admin):
        answer = await decide(other, change, "accept")
        assert (answer.status_code, answer.json()["code"]) == (403, "proposal_not_allowed")
    assert (await decide(peer, change, "accept")).status_code == 404
    accepted = await decide(head, change, "accept")

    assert (accepted.status_code, accepted.json()["state"], accepted.json()["decided_by"]) == (201, "accepted", head.id)
    assert (await seller.done("GET", f"/v1/customers/{customer['id']}"))["phone"] == "+49 40 7654321"
    assert (await decide(seller, change, "reject")).json()["code"] == "proposed_change_decided"
    history = await seller.done("GET", f"/v1/customers/{customer['id']}/history?field=phone&sort=-sequence")
    assert (history["items"][0]["source"], history["items"][0]["before"]) == ("visit", {"phone": "+49 40 1234567"})
    assert history["items"][1]["source"] is None


async def test_what_nobody_looks_after_is_decided_by_operations(make: Make, operations: Client) -> None:
    customer = await make.customer(operations, employees=1)
    (change,) = (await learn(operations, customer, employees=2))["proposed"]

    assert (await decide(await make.person(roles=["admin"]), change, "accept")).status_code == 403
    assert (await decide(await make.person(roles=["sales_operations"]), change, "reject")).json()["state"] == "rejected"


async def test_a_value_that_has_changed_since_is_not_overwritten(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, industry="shoes")
    (change,) = (await learn(seller, customer, industry="fashion"))["proposed"]
    await seller.patch(f"/v1/customers/{customer['id']}", {"industry": "leather"}, if_match=1)

    outdated = await decide(seller, change, "accept")

    assert (outdated.status_code, outdated.json()["code"]) == (409, "proposal_outdated")
    assert (await decide(seller, change, "reject")).status_code == 201
    assert (await seller.done("GET", f"/v1/customers/{customer['id']}"))["industry"] == "leather"


async def test_another_number_is_proposed_and_accepted_it_takes_the_place(
    make: Make, credit_code: Callable[[], str]
) -> None:
    seller, old, new = await make.seller(), credit_code(), credit_code()
    customer = await make.customer(seller, identifiers=[{"scheme": "uscc", "value": old}])
    (change,) = (await learn(seller, customer, identifiers=[{"scheme": "uscc", "value": new}]))["proposed"]

    assert (await decide(seller, change, "accept")).status_code == 201

    numbers = (await seller.done("GET", f"/v1/customers/{customer['id']}"))["identifiers"]
    assert {(one["value"], one["ended_on"] is None) for one in numbers} == {(old, False), (new, True)}


async def test_ten_who_decide_at_once_give_one_decision_and_ten_who_tell_one_proposal(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, industry="shoes")

    told = await asyncio.gather(*(learn(seller, customer, industry="fashion", employees=9) for _ in range(10)))
    (change,) = [one for answer in told for one in answer["proposed"]]
    assert sum("employees" in answer["added"] for answer in told) == 1
    answers = await asyncio.gather(
        *(decide(seller, change, "accept" if number % 2 else "reject") for number in range(10))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    kept = await seller.done("GET", f"/v1/proposed-changes/{change['id']}")
    industry = (await seller.done("GET", f"/v1/customers/{customer['id']}"))["industry"]
    assert industry == ("fashion" if kept["state"] == "accepted" else "shoes")


async def test_who_does_not_see_the_customer_tells_nothing(make: Make) -> None:
    customer = await make.customer(await make.seller())

    answer = await (await make.seller()).post(f"/v1/customers/{customer['id']}/supplements", VISIT | {"employees": 1})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 422, "nothing_told"),
        ({"identifiers": [{"scheme": "uscc", "value": "1"}]}, 422, "identifier_invalid"),
        ({"employees": -1}, 400, "malformed"),
        ({"tier": "key"}, 400, "malformed"),
        ({"addresses": [{"kind": "other", "line_1": "1", "country": "XX"}]}, 400, "country_unknown"),
        ({"other_names": [{"kind": "other", "name": "..."}]}, 422, "name_without_letters"),
    ],
)
async def test_bad_input_is_refused(make: Make, said: dict[str, Any], status: int, code: str) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)

    answer = await seller.post(f"/v1/customers/{customer['id']}/supplements", VISIT | said)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_is_old_is_listed_until_it_is_confirmed_or_written(make: Make, house: House) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, phone="+49 40 1234567", website="x.com")
    path = f"/v1/customers/{customer['id']}"
    assert (await seller.done("GET", "/v1/customers/outdated"))["items"] == []

    await grow_old(house, customer["id"], days=366)
    (listed,) = (await seller.done("GET", "/v1/customers/outdated"))["items"]
    fields = ["city", "legal_name", "phone", "website"]
    assert (listed["id"], [one["field"] for one in listed["fields"]]) == (customer["id"], fields)
    assert (await seller.done("GET", "/v1/customers/outdated?older_than_days=400"))["items"] == []
    assert (await (await make.seller()).done("GET", "/v1/customers/outdated"))["items"] == []
    await seller.done("POST", f"{path}/confirmations", {"fields": ["phone", "legal_name", "city"]})
    (listed,) = (await seller.done("GET", "/v1/customers/outdated?field=website"))["items"]
    assert [one["field"] for one in listed["fields"]] == ["website"]
    assert (await seller.done("GET", "/v1/customers/outdated?field=phone"))["items"] == []
    await seller.patch(path, {"website": "y.com"}, if_match=1)
    assert (await seller.done("GET", "/v1/customers/outdated"))["items"] == []
    everything = (await seller.done("GET", "/v1/customers/outdated?older_than_days=0"))["items"]
    assert [one["id"] for one in everything] == [customer["id"]]


async def grow_old(house: House, customer_id: str, *, days: int) -> None:
    """Let a year pass for what is known of one customer, and for nothing else in the house."""
    connection = await asyncpg.connect(house.urls["customer"].owner)
    try:
        await connection.execute(
            """
            UPDATE customer_age SET oldest_at = oldest_at - make_interval(days => $2), confirmed = (
                SELECT jsonb_object_agg(key, to_jsonb(value::timestamptz - make_interval(days => $2)))
                FROM jsonb_each_text(confirmed)
            ) WHERE customer_id = $1
            """,
            customer_id,
            days,
        )
    finally:
        await connection.close()


async def test_who_looks_after_a_customer_confirms_what_is_known(make: Make, house: House) -> None:
    head, seller = await make.line(2)
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}/confirmations"

    assert (await seller.post(path, {"fields": ["phone"]})).json()["code"] == "field_empty"
    assert (await (await make.seller()).post(path, {"fields": ["city"]})).status_code == 404
    auditor = await make.person(roles=["auditor"])
    assert (await auditor.post(path, {"fields": ["city"]})).status_code == 403
    assert (await head.post(path, {"fields": ["city"]})).status_code == 201
    connection = await asyncpg.connect(house.urls["customer"].login)
    try:
        for table in ("field_confirmation", "change_source"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"DELETE FROM {table}")
    finally:
        await connection.close()
