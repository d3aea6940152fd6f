"""Sales resources are asked for and approved up the reporting line, never by whom it concerns."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make


def day(house: House, days: int = 30) -> str:
    return str(house.service("opportunity").today() + timedelta(days=days))


def wanted(house: House, **given: Any) -> dict[str, Any]:
    return {
        "what": "Mould samples",
        "amount": {"amount": "800.00", "currency": "USD"},
        "needed_on": day(house),
        "why": "The customer decides by a wear test.",
        **given,
    }


async def ask(house: House, by: Client, made: dict[str, Any], **given: Any) -> dict[str, Any]:
    path = f"/v1/opportunities/{made['id']}/resource-requests"
    answer: dict[str, Any] = await by.done("POST", path, wanted(house, **given))
    return answer


async def waiting(by: Client) -> list[str]:
    return [one["id"] for one in (await by.done("GET", "/v1/resource-requests"))["items"]]


async def steps(by: Client, request: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    found = await by.done("GET", f"/v1/resource-requests/{request['id']}")
    return [(one["step"], one["actor_id"], one["comment"]) for one in found["steps"]]


@pytest.fixture
async def limited(house: House) -> AsyncIterator[House]:
    """Return the house as one where the first superior decides up to 500, the second up to 1,000."""
    service = house.service("opportunity")
    settings = service.settings
    service.settings = replace(settings, resource_limits=(Decimal(500), Decimal(1000)))
    yield house
    service.settings = settings


async def test_the_first_superior_decides_unless_the_house_says_otherwise(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    made = await make.opportunity(seller)
    request = await ask(house, seller, made)
    assert (request["state"], request["requested_by"], request["waits_below_id"]) == ("requested", seller.id, seller.id)
    await house.settle()
    assert (await waiting(manager), await waiting(head), await waiting(seller)) == ([request["id"]], [], [])
    mine = await seller.done("GET", "/v1/resource-requests?relation=mine")
    assert [one["id"] for one in mine["items"]] == [request["id"]]

    approved = await manager.done("POST", f"/v1/resource-requests/{request['id']}/approvals", {"comment": "Go."})
    assert (approved["state"], approved["waits_below_id"], approved["version"]) == ("approved", None, 2)
    assert await waiting(manager) == []
    assert await steps(seller, request) == [("requested", seller.id, None), ("approved", manager.id, "Go.")]
    again = await head.post(f"/v1/resource-requests/{request['id']}/approvals", {})
    assert (again.status_code, again.json()["code"]) == (409, "request_not_waiting")
    listed = await seller.done("GET", f"/v1/opportunities/{made['id']}/resource-requests")
    assert [one["state"] for one in listed["items"]] == ["approved"]


async def test_above_a_limit_it_goes_on_to_the_next_superior(make: Make, limited: House) -> None:
    chief, head, manager, seller = await make.line(4)
    made = await make.opportunity(seller)
    request = await ask(limited, seller, made, amount={"amount": "1000.01", "currency": "USD"})
    path = f"/v1/resource-requests/{request['id']}/approvals"
    await limited.settle()

    for level, above in ((manager, head), (head, chief)):
        passed = await level.done("POST", path, {})
        assert (passed["state"], passed["waits_below_id"]) == ("requested", level.id)
        assert (await waiting(level), await waiting(above)) == ([], [request["id"]])
        twice = await level.post(path, {})
        assert (twice.status_code, twice.json()["code"]) == (403, "approval_not_allowed")
    assert (await chief.done("POST", path, {}))["state"] == "approved"
    assert [step for step, _, _ in await steps(seller, request)] == ["requested", "passed_up", "passed_up", "approved"]

    little = await ask(limited, seller, made, amount={"amount": "500.00", "currency": "USD"})
    small = await manager.done("POST", f"/v1/resource-requests/{little['id']}/approvals", {})
    assert small["state"] == "approved"
    days = await ask(limited, seller, made, amount=None, quantity="3", unit="days")
    assert (await manager.done("POST", f"/v1/resource-requests/{days['id']}/approvals", {}))["state"] == "approved"
    unknown = await ask(limited, seller, made, amount={"amount": "1.00", "currency": "ISK"})
    first = await manager.done("POST", f"/v1/resource-requests/{unknown['id']}/approvals", {})
    assert first["state"] == "requested"  # no rate converts it
    at_once = await ask(limited, seller, made, amount={"amount": "900.00", "currency": "USD"})
    assert (await head.done("POST", f"/v1/resource-requests/{at_once['id']}/approvals", {}))["state"] == "approved"


async def test_it_is_returned_asked_for_again_rejected_or_withdrawn(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    made = await make.opportunity(seller)
    request = await ask(house, seller, made)
    path = f"/v1/resource-requests/{request['id']}"
    assert (await manager.post(f"{path}/returns", {})).status_code == 400
    early = await seller.post(f"{path}/resubmissions", wanted(house))
    assert (early.status_code, early.json()["code"]) == (409, "request_not_waiting")
    returned = await manager.done("POST", f"{path}/returns", {"comment": "Half will do."})
    assert (returned["state"], returned["decided_at"]) == ("returned", None)
    again = await seller.done(
        "POST", f"{path}/resubmissions", wanted(house, amount={"amount": "400.00", "currency": "USD"})
    )
    assert (again["state"], again["amount"]["amount"]) == ("requested", "400.00")
    rejected = await manager.done("POST", f"{path}/rejections", {"comment": "Not this year."})
    assert rejected["state"] == "rejected"
    gone = await seller.post(f"{path}/withdrawals", {})
    assert (gone.status_code, gone.json()["code"]) == (409, "request_not_waiting")
    history = await seller.done("GET", path)
    asked = [one["told"]["amount"] for one in history["steps"] if one["told"]]
    assert asked == ["800.00", "400.00"]
    assert [one["step"] for one in history["steps"]] == ["requested", "returned", "requested", "rejected"]

    other = await ask(house, seller, made)
    taken = await seller.done("POST", f"/v1/resource-requests/{other['id']}/withdrawals", {"comment": "Not needed."})
    assert taken["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        ({"amount": None}, "resource_unspecified", "/amount"),
        ({"amount": {"amount": "0.00", "currency": "USD"}}, "resource_unspecified", "/amount"),
        ({"quantity": "2"}, "resource_unspecified", "/unit"),
        ({"needed_on": "2020-01-01"}, "needed_on_not_possible", "/needed_on"),
    ],
)
async def test_requests_that_cannot_be(
    make: Make, house: House, given: dict[str, Any], code: str, pointer: str
) -> None:
    seller = await make.seller()
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}/resource-requests"
    refused = await seller.post(path, wanted(house, **given))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_nobody_decides_on_their_own_matter_and_the_attempt_is_remembered(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    peer, elsewhere, helper = await make.seller(manager), await make.person(), await make.seller(seller)
    made = await make.opportunity(seller)
    opportunity = f"/v1/opportunities/{made['id']}"
    await seller.done("POST", f"{opportunity}/sales-team", {"person_id": helper.id, "role": "co_seller"})
    today = house.service("team").today()
    for stand_in in (seller, peer):
        span = {"from_date": str(today), "until_date": str(today + timedelta(days=5))}
        await manager.done("POST", "/v1/stand-ins", {"person_id": manager.id, "stand_in_id": stand_in.id, **span})
    behalf = {"on-behalf-of": manager.id}
    request = await ask(house, seller, made)
    path = f"/v1/resource-requests/{request['id']}/approvals"

    refused = [
        await seller.post(path, {}),
        await seller.post(path, {}, headers=behalf),
        await seller.post(f"/v1/resource-requests/{request['id']}/rejections", {"comment": "x"}, headers=behalf),
    ]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(403, "own_matter")] * 3
    for nobody in (peer, elsewhere):
        assert (await nobody.post(path, {})).status_code == 404
        assert (await nobody.get(f"/v1/resource-requests/{request['id']}")).status_code == 404
    below = await helper.post(path, {})
    assert (below.status_code, below.json()["code"]) == (403, "approval_not_allowed")
    pool = house.service("opportunity").database.pool
    kept = "SELECT count(*) FROM audit WHERE aggregate_id = $1 AND operation = 'refused'"
    assert await pool.fetchval(kept, made["id"]) == 4
    stand_in = await peer.done("POST", path, {}, headers=behalf)
    assert stand_in["state"] == "approved"

    theirs = await ask(house, helper, made)  # for the opportunity of their own superior, who does not decide
    assert theirs["waits_below_id"] == seller.id
    own = await seller.post(f"/v1/resource-requests/{theirs['id']}/approvals", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    not_theirs = await manager.post(f"/v1/resource-requests/{theirs['id']}/withdrawals", {})
    assert (not_theirs.status_code, not_theirs.json()["code"]) == (403, "request_not_yours")
    assert (await head.done("POST", f"/v1/resource-requests/{theirs['id']}/approvals", {}))["state"] == "approved"


async def test_who_may_ask(make: Make, house: House) -> None:
    seller = await make.seller()
    onlooker, machine = await make.seller(), await house.import_client()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    await seller.done("POST", f"{path}/sales-team", {"person_id": onlooker.id, "role": "presales"})
    assert (await onlooker.post(f"{path}/resource-requests", wanted(house))).status_code == 403
    program = await machine.post(f"{path}/resource-requests", wanted(house))
    assert (program.status_code, program.json()["code"]) == (403, "requester_unknown")
    request = await ask(house, seller, made)
    admin = await house.admin()  # nobody stands above the seller
    assert (await admin.done("POST", f"/v1/resource-requests/{request['id']}/approvals", {}))["state"] == "approved"
    await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    closed = await seller.post(f"{path}/resource-requests", wanted(house))
    assert (closed.status_code, closed.json()["code"]) == (409, "opportunity_closed")


async def test_of_many_decisions_at_once_one_counts(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    request = await ask(house, seller, await make.opportunity(seller))
    path = f"/v1/resource-requests/{request['id']}"
    answers = await asyncio.gather(
        *(one.post(f"{path}/approvals", {}) for one in (manager, head) * 2),
        manager.post(f"{path}/returns", {"comment": "x"}),
        head.post(f"{path}/rejections", {"comment": "x"}),
        seller.post(f"{path}/withdrawals", {}),
    )
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    assert [answer.status_code for answer in answers].count(201) in {1, 2}  # what was returned can be withdrawn
    told = await steps(seller, request)
    assert len(told) == 1 + [answer.status_code for answer in answers].count(201)
    await house.settle()
    pool = house.service("opportunity").database.pool
    types = await pool.fetch("SELECT type FROM feed WHERE aggregate_id = $1 ORDER BY position", request["id"])
    assert [row["type"] for row in types] == [f"resource_request.{step}" for step, _, _ in told]
