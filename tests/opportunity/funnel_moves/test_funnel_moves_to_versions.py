"""Running opportunities are moved to a newer version of the funnel, whole or not at all, whatever else happens."""

import asyncio
from collections import Counter

import pytest

from tests.house import House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish

MOVES = "/v1/funnel-definitions/moves/batches"
MANY = 80


@pytest.fixture
async def own(empty_house: House) -> Make:
    """Return the factories of a house in which the test may publish funnels."""
    return Make(empty_house)


async def test_a_move_is_told_changes_no_age_and_keeps_what_is_done(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    made = await own.opportunity(seller, stage="confirm_need", criteria=["contact_named", "need_described"])
    closed = await own.opportunity(seller)
    await seller.done("POST", f"/v1/opportunities/{closed['id']}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    await publish(operations)
    items = [{"opportunity_id": one["id"], "to_version": 2, "reason": "Three steps now."} for one in (made, closed)]

    refused = await seller.post(MOVES, {"items": items})
    assert (refused.status_code, refused.json()["code"]) == (403, "funnels_kept")
    auditor = await own.person(roles=["auditor"])
    assert (await auditor.post(MOVES, {"items": items})).status_code == 403
    answer = await operations.done("POST", MOVES, {"items": items})
    assert [one["outcome"] for one in answer["items"]] == ["updated", "rejected"]
    assert answer["items"][1]["problem"]["code"] == "opportunity_closed"

    moved = await seller.done("GET", f"/v1/opportunities/{made['id']}")
    assert (moved["funnel_version"], moved["stage"], moved["probability"]) == (2, "talk", "0.3")
    assert moved["stage_since"] == made["stage_since"]
    assert moved["version"] == made["version"] + 1
    history = await seller.done("GET", f"/v1/opportunities/{made['id']}/history")
    last = history["items"][-1]
    assert (last["from_version"], last["from_stage"]) == (1, "confirm_need")
    assert (last["funnel_version"], last["to_stage"], last["reason"]) == (2, "talk", "Three steps now.")
    checklist = await seller.done("GET", f"/v1/opportunities/{made['id']}/criteria")
    assert [(item["criterion"], item["done"]) for item in checklist["items"]] == [("contact_named", True)]

    again = await operations.done("POST", MOVES, {"items": items[:1]})
    assert again["items"][0]["outcome"] == "unchanged"
    back = await operations.done("POST", MOVES, {"items": [items[0] | {"to_version": 1}, items[0] | {"to_version": 9}]})
    assert [one["problem"]["code"] for one in back["items"]] == ["funnel_version_older", "unknown_funnel_version"]
    conversion = await seller.done("GET", "/v1/funnel?scope=person")
    assert [(line["stage"], line["count"]) for line in conversion["stages"]] == [
        ("talk", 1),
        ("offer", 0),
        ("signed", 0),
    ]


async def test_moves_and_stage_changes_at_once_end_whole(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    listed = [
        {"external_reference": {"system": "many", "id": str(number)}, "name": f"N {number}", "currency": "USD"}
        | {"amount": "10", "principal_id": seller.id, "history": [{"at": "2026-01-05", "to_stage": "set_target"}]}
        for number in range(MANY)
    ]
    made = (await operations.done("POST", "/v1/opportunities/batches", {"items": listed}))["items"]
    ids = [one["id"] for one in made]
    await publish(operations)
    items = [{"opportunity_id": each, "to_version": 2, "reason": "Three steps now."} for each in ids]

    async def change(each: str) -> int:
        body = {"to_stage": "shortlist"}
        return (await seller.post(f"/v1/opportunities/{each}/stage-changes", body)).status_code

    moving = [
        operations.done("POST", MOVES, {"items": items[start : start + MANY // 4]})
        for start in range(0, MANY, MANY // 4)
    ]
    answers, statuses = await asyncio.gather(
        asyncio.gather(*moving), asyncio.gather(*(change(each) for each in ids[::2]))
    )
    assert Counter(one["outcome"] for answer in answers for one in answer["items"]) == {"updated": MANY}
    assert set(statuses) <= {201, 409, 422}

    await own.house.settle()
    found = (await seller.done("GET", "/v1/opportunities?limit=500"))["items"]
    assert {(one["funnel_version"], one["stage"]) for one in found} == {(2, "offer")}
    stages = (await seller.done("GET", "/v1/funnel?scope=person"))["stages"]
    assert [line["count"] for line in stages] == [0, MANY, 0]
    assert [line["weighted"] for line in stages] == ["0.00", f"{6 * MANY}.00", None]
