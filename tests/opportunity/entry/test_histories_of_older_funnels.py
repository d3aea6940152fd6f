"""Histories are told in the stages of any published version of the funnel, and every past day is right."""

from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish

BATCHES = "/v1/opportunities/batches"
OLD = [{"at": "2026-01-05", "to_stage": "confirm_need"}, {"at": "2026-03-02", "to_stage": "shortlist"}]


@pytest.fixture
async def own(empty_house: House) -> Make:
    """Return the factories of a house in which the test may publish funnels."""
    return Make(empty_house)


def told(principal: Client, number: int, history: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "external_reference": {"system": "old", "id": str(number)},
        "name": "Told late",
        "currency": "USD",
        "amount": "100",
        "principal_id": principal.id,
        "history": history,
        **more,
    }


async def send(operations: Client, *items: dict[str, Any]) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = (await operations.done("POST", BATCHES, {"items": list(items)}))["items"]
    return outcomes


async def stood(own: Make, seller: Client, day: str) -> tuple[list[int], str]:
    await own.house.settle()
    funnel = await seller.done("GET", f"/v1/funnel?scope=person&as_of={day}")
    return [line["count"] for line in funnel["stages"]], funnel["weighted"]


async def test_a_history_is_walked_by_the_version_that_it_is_told_in(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    await publish(operations)
    won = [*OLD, {"at": "2026-05-04", "outcome": "won"}]
    newer = [{"at": "2026-01-05", "to_stage": "talk"}, {"at": "2026-03-02", "to_stage": "offer"}]
    outcomes = await send(
        operations,
        told(seller, 1, OLD, funnel_version=1),
        told(seller, 2, won, funnel_version=1),
        told(seller, 3, newer),
        told(seller, 4, OLD),
        told(seller, 5, OLD, funnel_version=3),
        told(seller, 6, newer, funnel_version=1),
    )
    assert [one["outcome"] for one in outcomes] == ["created"] * 3 + ["rejected"] * 3
    refused = [(one["problem"]["code"], one["problem"]["errors"][0]["pointer"]) for one in outcomes[3:]]
    assert refused == [
        ("history_entry_unclear", "/history/0/to_stage"),
        ("unknown_funnel_version", "/funnel_version"),
        ("history_entry_unclear", "/history/0/to_stage"),
    ]
    first = await seller.done("GET", f"/v1/opportunities/{outcomes[0]['id']}")
    assert (first["funnel_version"], first["stage"], first["probability"]) == (1, "shortlist", "0.50")
    assert (await seller.done("GET", f"/v1/opportunities/{outcomes[1]['id']}"))["stage"] == "close"

    assert await stood(own, seller, "2026-01-04") == ([0, 0, 0], "0.00")
    assert (await stood(own, seller, "2026-01-05"))[0] == [3, 0, 0]
    assert (await stood(own, seller, "2026-03-02"))[0] == [0, 3, 0]
    assert (await stood(own, seller, "2026-05-04"))[0] == [0, 2, 1]
    counts, weighted = await stood(own, seller, "2026-07-01")
    assert (counts, weighted) == ([0, 2, 0], "110.00")


async def test_what_is_new_is_told_along_the_mappings_once_it_was_moved(own: Make) -> None:
    seller, operations = await own.seller(), await own.house.import_client()
    made = (await send(operations, told(seller, 1, OLD, funnel_version=1)))[0]
    on_first = (await send(operations, told(seller, 2, OLD)))[0]
    await publish(operations)
    moved = {"items": [{"opportunity_id": made["id"], "to_version": 2, "reason": "Three steps now."}]}
    await operations.done("POST", "/v1/funnel-definitions/moves/batches", moved)
    now = (await seller.done("GET", f"/v1/opportunities/{made['id']}/history"))["items"][-1]["at"]
    back = [*OLD, {"at": now, "to_stage": "confirm_need"}]

    again = await send(operations, told(seller, 1, OLD, funnel_version=1), told(seller, 2, OLD, funnel_version=2))
    assert again[0]["outcome"] == "unchanged"
    assert again[1]["problem"]["code"] == "history_of_newer_funnel"
    unknown = [*OLD, {"at": now, "to_stage": "talk"}]
    outcomes = await send(operations, told(seller, 1, unknown, funnel_version=1))
    assert outcomes[0]["problem"]["code"] == "history_entry_unclear"
    outcomes = await send(operations, told(seller, 1, back, funnel_version=1), told(seller, 2, back))
    assert [one["outcome"] for one in outcomes] == ["updated", "updated"]
    stands = [await seller.done("GET", f"/v1/opportunities/{one['id']}") for one in (made, on_first)]
    assert [(one["funnel_version"], one["stage"]) for one in stands] == [(2, "talk"), (1, "confirm_need")]
    assert (await stood(own, seller, "2026-03-02"))[0] == [0, 2, 0]
    assert (await stood(own, seller, now[:10]))[0] == [2, 0, 0]
