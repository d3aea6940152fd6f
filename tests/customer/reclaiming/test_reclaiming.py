"""Neglected customers: announced, reclaimed on the day or spared, once however many look at them at once."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.customer.reclaim_runs import reclaim_neglected
from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make


@pytest.fixture
async def quiet(template: Template) -> AsyncIterator[House]:
    """Return a house of the test's own, whose clock it moves."""
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield opened


def day(house: House, days: int = 0) -> str:
    return str(house.service("customer").today() + timedelta(days=days))


async def run(house: House, days: float = 0) -> int:
    house.clock.move(days=days)
    await house.settle()
    done = await reclaim_neglected(house.service("customer"))
    await house.settle()
    return done


async def notices(by: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await by.done("GET", "/v1/reclaim-notices?limit=500"))["items"]
    return found


async def manager(by: Client, customer: dict[str, Any]) -> str | None:
    found: str | None = (await by.done("GET", f"/v1/customers/{customer['id']}"))["account_manager_id"]
    return found


async def call(house: House, by: Client, customer: dict[str, Any]) -> None:
    body = {"customer_id": customer["id"], "kind": "call", "subject": "x", "done_on": day(house)}
    await by.done("POST", "/v1/activities", body)


async def told(house: House, customer: dict[str, Any]) -> list[str]:
    rows = await house.service("customer").database.pool.fetch(
        "SELECT type FROM feed WHERE aggregate_id = $1 AND type LIKE 'customer.reclaim%' ORDER BY position",
        customer["id"],
    )
    return [row["type"] for row in rows]


async def test_one_never_won_is_announced_reclaimed_and_queued(quiet: House) -> None:
    make = Make(quiet)
    top, seller = await make.line(2)
    stranger = await make.seller()
    customer = await make.customer(seller)
    assert await run(quiet, days=165) == 0
    assert await run(quiet, days=1) == 1
    assert await run(quiet) == 0
    (notice,) = await notices(seller)
    assert (notice["state"], notice["why"], notice["due_on"]) == ("announced", "never_won", day(quiet, 14))
    assert await notices(top) == [notice]
    assert await notices(stranger) == []
    assert await run(quiet, days=13) == 0
    assert await manager(top, customer) == seller.id

    service = quiet.service("customer")
    quiet.clock.move(days=1)
    done = await asyncio.gather(*(reclaim_neglected(service) for _ in range(3)))
    await quiet.settle()
    assert sum(done) >= 1
    assert await manager(seller, customer) is None, "whoever entered it sees it still"
    history = (await seller.done("GET", f"/v1/customers/{customer['id']}/assignments"))["items"]
    assert [each["account_manager_id"] for each in history] == [seller.id, None]
    assert history[1]["reason"].startswith("reclaimed: never won")
    (queued,) = (await seller.done("GET", "/v1/unassigned-customers"))["items"]
    assert (queued["why"], queued["former_manager_id"]) == ("reclaimed", seller.id)
    assert await told(quiet, customer) == ["customer.reclaim_announced", "customer.reclaimed"]
    assert await run(quiet, days=300) == 0


async def test_whatever_happens_meanwhile_takes_the_notice_back(quiet: House) -> None:
    make = Make(quiet)
    seller = await make.seller()
    called, opened, left = [await make.customer(seller) for _ in range(3)]
    assert await run(quiet, days=170) == 3
    await call(quiet, seller, called)
    await make.opportunity(seller, customer_id=opened["id"])
    assert await run(quiet, days=1) == 2
    states = {each["customer_id"]: each["state"] for each in await notices(seller)}
    assert states == {called["id"]: "withdrawn", opened["id"]: "withdrawn", left["id"]: "announced"}
    assert await told(quiet, called) == ["customer.reclaim_announced", "customer.reclaim_withdrawn"]
    assert await run(quiet, days=20) == 1
    assert [await manager(seller, each) for each in (called, opened, left)] == [seller.id, seller.id, None]


async def test_one_won_is_left_until_long_after_its_contract(quiet: House) -> None:
    make = Make(quiet)
    seller = await make.seller()
    customer = await make.customer(seller)
    await quiet.settle()
    given = {"customer_id": customer["id"], "stage": "negotiate", "criteria": ["contact_named", "budget_known"]}
    made = await make.opportunity(seller, **given)
    outcome = {"outcome": "won", "contract_until": day(quiet, 100)}
    await seller.done("POST", f"/v1/opportunities/{made['id']}/outcomes", outcome)
    assert await run(quiet, days=100 + 365 - 15) == 0
    assert await run(quiet, days=1) == 1
    (notice,) = await notices(seller)
    assert (notice["why"], notice["due_on"]) == ("contract_ended", day(quiet, 14))
    longer = {"contract_until": day(quiet, 50)}
    await seller.done("POST", f"/v1/opportunities/{made['id']}/contract-changes", longer)
    assert await run(quiet, days=14) == 1
    assert await manager(seller, customer) == seller.id


async def test_an_activity_and_the_reclaim_at_once_leave_one_truth(quiet: House) -> None:
    make = Make(quiet)
    seller = await make.seller()
    customers = [await make.customer(seller) for _ in range(6)]
    await run(quiet, days=170)
    quiet.clock.move(days=14)
    service = quiet.service("customer")

    async def calling(customer: dict[str, Any]) -> None:
        await call(quiet, seller, customer)

    await asyncio.gather(reclaim_neglected(service), *(calling(each) for each in customers), reclaim_neglected(service))
    await quiet.settle()
    states = {each["customer_id"]: each["state"] for each in await notices(seller)}
    for customer in customers:
        is_kept = await manager(seller, customer) == seller.id
        assert (states[customer["id"]] == "reclaimed") is not is_kept


async def test_an_assignment_and_the_reclaim_at_once_leave_one_truth(quiet: House) -> None:
    make = Make(quiet)
    top, seller = await make.line(2)
    peer = await make.seller(top)
    customers = [await make.customer(seller) for _ in range(4)]
    await run(quiet, days=170)
    quiet.clock.move(days=14)
    body = {"account_manager_id": peer.id, "reason": "has time"}
    answers, _ = await asyncio.gather(
        asyncio.gather(*(top.post(f"/v1/customers/{each['id']}/assignments", body) for each in customers)),
        reclaim_neglected(quiet.service("customer")),
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    operations = await quiet.import_client()
    for customer in customers:
        history = (await operations.done("GET", f"/v1/customers/{customer['id']}/assignments"))["items"]
        for before, after in itertools.pairwise(history):
            assert after["previous_account_manager_id"] == before["account_manager_id"]
        assert await manager(operations, customer) == history[-1]["account_manager_id"]


async def test_the_rules_are_decided_by_operations_and_can_be_switched_off(quiet: House) -> None:
    make, operations = Make(quiet), await quiet.import_client()
    top, seller = await make.line(2)
    body = {"from_date": day(quiet), "never_won_days": 30, "notice_days": 5, "reason": "we are few"}
    for who in (top, seller):
        refused = await who.post("/v1/reclaim-rules", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "reclaim_rules_not_allowed")
    long = await operations.post("/v1/reclaim-rules", body | {"notice_days": 30})
    assert (long.status_code, long.json()["code"]) == (422, "notice_too_long")
    made = await operations.done("POST", "/v1/reclaim-rules", body)
    await make.customer(seller)
    assert (await seller.done("GET", "/v1/reclaim-rules"))["items"] == [made]
    assert await run(quiet, days=26) == 1
    await operations.done("POST", "/v1/reclaim-rules", body | {"from_date": day(quiet), "is_on": False})
    assert await run(quiet, days=30) == 1
    assert [each["state"] for each in await notices(seller)] == ["withdrawn"]
