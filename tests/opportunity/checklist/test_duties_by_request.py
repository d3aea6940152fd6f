"""A funnel may demand approved sales resources: that duty is done by an approved request, and by nothing else."""

import asyncio
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.checklist.test_duties import assign, item, listed
from tests.opportunity.definitions.test_definitions import publish_demanding
from tests.opportunity.resources.test_resource_requests import ask, wanted

MOVES = "/v1/funnel-definitions/moves/batches"


@pytest.fixture
async def own(empty_house: House) -> Make:
    """Return the factories of a house in which the test may publish funnels."""
    return Make(empty_house)


async def approve(by: Client, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await by.done("POST", f"/v1/resource-requests/{request['id']}/approvals", {})
    return answer


async def test_only_an_approved_request_does_such_a_duty(own: Make) -> None:
    await publish_demanding(own)
    manager, seller = await own.line(2)
    made = await own.opportunity(seller, criteria=["contact_named"])
    path = f"/v1/opportunities/{made['id']}"
    onwards = {"to_stage": "offer"}
    told = await assign(seller, made, "resources_requested")
    assert (item(told, "resources_requested")["kind"], item(told, "contact_named")["kind"]) == (
        "resource_request",
        "task",
    )

    refused = await seller.post(f"{path}/stage-changes", onwards)
    assert (refused.status_code, refused.json()["code"]) == (422, "exit_criteria_unmet")
    to_do = {
        "criterion": "resources_requested",
        "stage": "talk",
        "title": "销售资源已批准",
        "kind": "resource_request",
        "operation": "create_resource_request",
        "method": "POST",
        "path": f"{path}/resource-requests",
    }
    assert refused.json()["criteria"] == [to_do]
    assert "Ask for sales resources and have them approved for resources_requested, or let" in refused.json()["detail"]
    for method in ("PUT", "DELETE"):
        said = await seller.request(method, f"{path}/criteria/resources_requested", {} if method == "PUT" else None)
        assert (said.status_code, said.json()["code"]) == (409, "duty_by_request")
        assert said.json()["errors"][0]["pointer"] == "/criterion"
        assert to_do["path"] in said.json()["detail"]
    early = {"name": "New", "currency": "USD", "criteria": ["contact_named", "resources_requested"]}
    entered = await seller.post("/v1/opportunities", early)
    assert (entered.status_code, entered.json()["code"]) == (409, "duty_by_request")
    assert entered.json()["errors"][0]["pointer"] == "/criteria/1"

    request = await seller.done("POST", to_do["path"], wanted(own.house))
    assert (await seller.post(f"{path}/stage-changes", onwards)).status_code == 422
    assert (await seller.post(f"/v1/resource-requests/{request['id']}/approvals", {})).status_code == 403
    assert await listed(seller) == [(made["id"], "resources_requested")]
    await approve(manager, request)
    assert await listed(seller) == []
    checklist = await seller.done("GET", f"{path}/criteria")
    done = item(checklist, "resources_requested")
    assert (done["done"], done["done_by"], done["note"]) == (True, manager.id, request["what"])
    assert done["evidence"] == f"/v1/resource-requests/{request['id']}"
    assert done["done_on"] == str(own.house.service("opportunity").today())
    assert checklist["stages"][0] | {"done": 2, "required": 2, "required_done": 2} == checklist["stages"][0]
    given = await seller.put(f"{path}/criteria/resources_requested/assignment", {})
    assert (given.status_code, given.json()["code"]) == (409, "duty_done")
    assert (await seller.done("POST", f"{path}/stage-changes", onwards))["stage"] == "offer"


async def test_what_is_returned_rejected_or_withdrawn_does_nothing(own: Make) -> None:
    await publish_demanding(own)
    manager, seller = await own.line(2)
    made = await own.opportunity(seller, criteria=["contact_named"])
    requests = [await ask(own.house, seller, made) for _ in range(3)]
    for request, step, by in zip(
        requests, ("returns", "rejections", "withdrawals"), (manager, manager, seller), strict=True
    ):
        await by.done("POST", f"/v1/resource-requests/{request['id']}/{step}", {"comment": "Not so."})
    won = await seller.post(f"/v1/opportunities/{made['id']}/outcomes", {"outcome": "won"})
    assert won.json()["missing"] == ["resources_requested"]


async def test_an_approval_and_stage_changes_at_once_agree(own: Make) -> None:
    await publish_demanding(own)
    manager, seller = await own.line(2)
    made = [await own.opportunity(seller, criteria=["contact_named"]) for _ in range(6)]
    requests = [await ask(own.house, seller, one) for one in made]

    async def change(one: dict[str, Any]) -> int:
        answer = await seller.post(f"/v1/opportunities/{one['id']}/stage-changes", {"to_stage": "offer"})
        return answer.status_code

    changes, approved = await asyncio.gather(
        asyncio.gather(*(change(one) for one in made)), asyncio.gather(*(approve(manager, one) for one in requests))
    )
    assert {one["state"] for one in approved} == {"approved"}
    assert set(changes) <= {201, 422}
    for one, status in zip(made, changes, strict=True):
        stands = await seller.done("GET", f"/v1/opportunities/{one['id']}")
        assert stands["stage"] == ("offer" if status == 201 else "talk")
        if status == 422:
            assert await change(one) == 201
        history = (await seller.done("GET", f"/v1/opportunities/{one['id']}/history"))["items"]
        assert (history[-1]["to_stage"], history[-1]["passed_over"]) == ("offer", [])


async def test_another_version_of_the_funnel_decides_anew_what_is_open(own: Make) -> None:
    manager, seller = await own.line(2)
    plain, asked = [await own.opportunity(seller) for _ in range(2)]
    for one in (plain, asked):
        for duty in ("resources_requested", "contact_named", "need_described"):
            await assign(seller, one, duty)
        await seller.done("PUT", f"/v1/opportunities/{one['id']}/criteria/contact_named", {})
    await seller.done("PUT", f"/v1/opportunities/{plain['id']}/criteria/resources_requested", {"note": "by word"})
    assert await listed(seller, "duty_stage=set_target") == [(asked["id"], "resources_requested")]
    assert await listed(seller, "duty_stage=set_target&stage=set_target") == []
    await approve(manager, await ask(own.house, seller, asked))
    assert (asked["id"], "resources_requested") in await listed(seller)  # version 1 takes somebody's word

    operations = await publish_demanding(own)
    items = [{"opportunity_id": one["id"], "to_version": 2, "reason": "Three steps."} for one in (plain, asked)]
    await operations.done("POST", MOVES, {"items": items})
    assert await listed(seller) == [(plain["id"], "resources_requested")]
    found = (await seller.done("GET", "/v1/duties?duty_stage=talk"))["items"]
    assert [(one["duty_stage"], one["title"], one["required"]) for one in found] == [("talk", "销售资源已批准", True)]
    states = [
        item(await seller.done("GET", f"/v1/opportunities/{one['id']}/criteria"), "resources_requested")["done"]
        for one in (plain, asked)
    ]
    assert states == [False, True]
    assert (await seller.post("/v1/opportunities", {"name": "N", "currency": "USD", "stage": "offer"})).json()[
        "criteria"
    ][1]["path"] == "/v1/opportunities/{opportunity_id}/resource-requests"
