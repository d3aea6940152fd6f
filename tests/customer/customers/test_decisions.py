"""Who looks after a customer, its tier, and the history of both."""

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client
from tests.make import Make


async def assign(by: Client, customer: dict[str, Any], to: Client | None) -> Any:
    body = {"account_manager_id": to.id if to else None, "reason": "closer to them"}
    return await by.post(f"/v1/customers/{customer['id']}/assignments", body)


async def test_a_superior_reassigns_within_their_people_and_the_history_tells(make: Make) -> None:
    head = await make.person()
    one, other = await make.person(head), await make.person(head)
    customer = await make.customer(one)

    answer = await assign(head, customer, other)

    assert (answer.status_code, answer.json()["account_manager_id"]) == (201, other.id)
    history = await head.done("GET", f"/v1/customers/{customer['id']}/assignments")
    told = [
        (item["previous_account_manager_id"], item["account_manager_id"], item["decided_by"], item["reason"])
        for item in history["items"]
    ]
    assert told == [(None, one.id, one.id, None), (one.id, other.id, head.id, "closer to them")]


async def test_others_do_not_reassign(make: Make) -> None:
    head, elsewhere = await make.person(), await make.person()
    one, other = await make.person(head), await make.person(head)
    customer = await make.customer(one)

    assert (await assign(one, customer, other)).json()["code"] == "assignment_not_allowed"
    assert (await assign(head, customer, head)).json()["code"] == "own_matter"
    assert (await assign(head, customer, elsewhere)).json()["code"] == "assignment_not_allowed"
    assert (await assign(elsewhere, customer, other)).status_code == 404
    admin = await make.person(roles=["admin"])
    assert (await assign(admin, customer, other)).status_code == 403


async def test_operations_assigns_from_the_unassigned_list(make: Make, operations: Client) -> None:
    seller, customer = await make.seller(), await make.customer(operations)
    path = "/v1/customers?unassigned=true&sort=-created_at"
    assert customer["id"] in {item["id"] for item in (await operations.done("GET", path))["items"]}

    assert (await assign(operations, customer, seller)).status_code == 201

    assert customer["id"] not in {item["id"] for item in (await operations.done("GET", path))["items"]}
    assert (await assign(operations, customer, seller)).json()["code"] == "already_so"
    assert (await assign(operations, customer, None)).json()["account_manager_id"] is None


async def test_only_people_who_work_here_look_after_customers(make: Make, operations: Client) -> None:
    customer = await make.customer(operations)
    body = {"account_manager_id": str(new_id()), "reason": "x"}
    answer = await operations.post(f"/v1/customers/{customer['id']}/assignments", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_person")
    assert (await assign(operations, customer, operations)).status_code == 422


@pytest.mark.parametrize("body", [{}, {"account_manager_id": None}, {"account_manager_id": "x", "reason": "y"}])
async def test_an_assignment_says_who_and_why(make: Make, operations: Client, body: dict[str, Any]) -> None:
    customer = await make.customer(operations)
    assert (await operations.post(f"/v1/customers/{customer['id']}/assignments", body)).status_code == 400


async def test_a_seller_names_only_themselves_for_a_new_customer(make: Make) -> None:
    head = await make.person()
    seller = await make.person(head)
    body = {"legal_name": "Company", "country": "DE", "city": str(new_id())}

    refused = await seller.post("/v1/customers", {**body, "account_manager_id": head.id})

    assert (refused.status_code, refused.json()["code"]) == (403, "assignment_not_allowed")
    assert (await head.post("/v1/customers", {**body, "account_manager_id": seller.id})).status_code == 201


async def test_the_superior_decides_on_the_tier(make: Make) -> None:
    head, seller = await make.line(2)
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}/tier-changes"

    assert (await seller.post(path, {"tier": "key", "reason": "large"})).json()["code"] == "own_matter"
    assert (await head.post(path, {"tier": "key", "reason": "large"})).json()["tier"] == "key"
    assert (await head.post(path, {"tier": "key", "reason": "large"})).json()["code"] == "already_so"
    assert (await head.post(path, {"tier": "golden", "reason": "large"})).status_code == 400
    assert (await head.post(path, {"tier": None, "reason": "shrunk"})).json()["tier"] is None

    history = await seller.done("GET", path)
    assert [(item["previous_tier"], item["tier"]) for item in history["items"]] == [(None, "key"), ("key", None)]


async def test_a_seller_does_not_classify_what_they_enter(make: Make) -> None:
    seller = await make.seller()
    answer = await seller.post("/v1/customers", {"legal_name": "x", "country": "DE", "tier": "key"})
    assert (answer.status_code, answer.json()["code"]) == (403, "own_matter")


async def test_of_many_assignments_at_once_each_follows_the_one_before(make: Make, operations: Client) -> None:
    customer = await make.customer(operations)
    sellers = [await make.seller() for _ in range(4)]

    answers = await asyncio.gather(*(assign(operations, customer, sellers[number % 4]) for number in range(24)))

    assert set(Counter(answer.status_code for answer in answers)) <= {201, 409}
    history = (await operations.done("GET", f"/v1/customers/{customer['id']}/assignments?limit=100"))["items"]
    assert history[0]["previous_account_manager_id"] is None
    for before, after in pairwise(history):
        assert after["previous_account_manager_id"] == before["account_manager_id"]
    read = await operations.done("GET", f"/v1/customers/{customer['id']}")
    assert read["account_manager_id"] == history[-1]["account_manager_id"]
    assert read["version"] == 1 + len(history)
