import asyncio
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, codes, item


def told(house: House, seller: Client, **given: Any) -> dict[str, Any]:
    history = [
        {"at": ago(house, days=90), "to_stage": "find_contact"},
        {"at": ago(house, days=60), "to_stage": "shortlist", "amount": "80.00"},
        {"at": ago(house, days=30), "outcome": "won"},
    ]
    return item(seller, history, **given)


async def test_a_history_comes_whole_and_the_same_again_changes_nothing(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    items = [told(house, seller), item(seller, opened_on="2026-01-05"), item(seller, amount=None)]

    first = await batch(machine, *items)
    again = await batch(machine, *items)

    assert codes(first) == ["created"] * 3
    assert codes(again) == ["unchanged"] * 3
    assert [one["id"] for one in again] == [one["id"] for one in first]
    won, opened, unknown = [await seller.done("GET", f"/v1/opportunities/{one['id']}") for one in first]
    assert (won["stage"], won["state"], won["origin"]) == ("close", "won", "imported")
    assert won["decided_on"] == items[0]["history"][2]["at"][:10]
    assert (opened["stage"], opened["stage_since"][:10]) == ("find_contact", "2026-01-05")
    assert (unknown["amount"], unknown["stage_since"]) == (None, None)
    history = (await seller.done("GET", f"/v1/opportunities/{won['id']}/history"))["items"]
    assert [one["to_stage"] for one in history] == ["find_contact", "shortlist", "close"]
    assert all(one["recorded_at"] > one["at"] for one in history)


async def test_equal_instants_keep_the_order_in_which_they_came(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    at = ago(house, days=9)
    stages = ["shortlist", "confirm_need", "negotiate"]
    (outcome,) = await batch(machine, item(seller, [{"at": at, "to_stage": stage} for stage in stages]))
    history = (await seller.done("GET", f"/v1/opportunities/{outcome['id']}/history"))["items"]
    assert [one["to_stage"] for one in history] == stages


async def test_a_later_import_continues_the_history_and_changes_terms(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    first = item(seller, [{"at": ago(house, days=9), "to_stage": "shortlist"}])
    (outcome,) = await batch(machine, first)
    later = first | {
        "amount": "250.00",
        "history": [*first["history"], {"at": ago(house, days=2), "outcome": "lost"}],
    }
    assert codes(await batch(machine, later)) == ["updated"]
    found = await seller.done("GET", f"/v1/opportunities/{outcome['id']}")
    assert (found["state"], found["loss_reason"], found["amount"]["amount"]) == ("lost", "not_recorded", "250.00")
    altered = later | {"history": [{"at": ago(house, days=8), "to_stage": "shortlist"}, later["history"][1]]}
    assert codes(await batch(machine, altered)) == ["history_conflict"]


async def test_another_principal_is_a_conflict_and_never_a_change(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, machine = await make.person(manager), await house.import_client()
    first = told(house, seller)
    (outcome,) = await batch(machine, first)

    (conflict,) = await batch(machine, first | {"principal_id": peer.id, "name": "Renamed"})
    assert conflict["problem"]["code"] == "principal_conflict"
    assert conflict["problem"]["present_principal_id"] == seller.id

    path = f"/v1/opportunities/{outcome['id']}"
    change = {"principal_id": peer.id, "reason": "Moves on."}
    await manager.done("POST", f"{path}/principal-changes", change)
    assert codes(await batch(machine, first)) == ["principal_conflict"]
    found = await peer.done("GET", path)
    assert (found["principal_id"], found["name"]) == (peer.id, first["name"])


async def test_each_nonsense_is_rejected_by_name_and_the_others_are_done(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    early, late = ago(house, days=20), ago(house, days=10)
    repeated = item(seller)
    outcomes = await batch(
        machine,
        item(seller, [{"at": late, "to_stage": "shortlist"}, {"at": early, "outcome": "won"}]),
        item(seller, [{"at": late, "to_stage": "shortlist"}, {"at": early, "to_stage": "selected"}]),
        item(seller, [{"at": ago(house, days=-9), "to_stage": "shortlist"}]),
        item(seller, [{"at": late, "to_stage": "Engaging"}]),
        item(seller, amount="-5.00"),
        item(seller, colour="red"),
        item(seller, customer_id="01890000-0000-7000-8000-000000000000"),
        item(seller, principal_id="01890000-0000-7000-8000-000000000000"),
        repeated,
        repeated,
    )
    assert codes(outcomes) == [
        "decided_before_opened",
        "history_out_of_order",
        "history_in_future",
        "history_entry_unclear",
        "negative_amount",
        "item_malformed",
        "unknown_customer",
        "unknown_person",
        "created",
        "reference_repeated",
    ]
    assert [one["index"] for one in outcomes] == list(range(10))
    assert len((await seller.done("GET", "/v1/opportunities"))["items"]) == 1


async def test_an_atomic_batch_does_all_or_nothing(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    body = {"items": [item(seller), item(seller, amount="-5.00")], "atomic": True}
    answer = await machine.post("/v1/opportunities/batches", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "batch_refused")
    assert (await seller.done("GET", "/v1/opportunities"))["items"] == []


async def test_only_sales_operations_import(make: Make) -> None:
    seller = await make.seller()
    assert (await seller.post("/v1/opportunities/batches", {"items": [item(seller)]})).status_code == 403
    body = {name: value for name, value in item(seller).items() if name != "external_reference"}
    assert (await seller.put("/v1/opportunities/by-reference/erp/1", body)).status_code == 403


async def test_one_by_its_reference_is_made_once_and_then_changed(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    one = item(seller)
    path = f"/v1/opportunities/by-reference/erp/{one.pop('external_reference')['id']}"
    made = await machine.put(path, one)
    again = await machine.put(path, one)
    changed = await machine.put(path, one | {"name": "Renamed"})
    assert [answer.status_code for answer in (made, again, changed)] == [201, 200, 200]
    assert made.json()["version"] == again.json()["version"] == 1
    assert (changed.json()["name"], changed.json()["version"]) == ("Renamed", 2)
    refused = await machine.put(path, one | {"principal_id": (await make.seller()).id})
    assert (refused.status_code, refused.json()["code"]) == (409, "principal_conflict")


@pytest.mark.parametrize("at", ["2026-01-05", "2026-01-05T00:00:00Z", "2026-01-05T23:00:00+08:00"])
async def test_an_opening_and_a_first_entry_of_one_day_agree(make: Make, house: House, at: str) -> None:
    seller, machine = await make.seller(), await house.import_client()
    outcomes = await batch(machine, item(seller, [{"at": at, "to_stage": "confirm_need"}], opened_on="2026-01-05"))
    assert codes(outcomes) == ["created"]


async def test_the_same_batch_at_once_doubles_nothing(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    items = [told(house, seller) for _ in range(20)]
    await asyncio.gather(*(machine.post("/v1/opportunities/batches", {"items": items}) for _ in range(4)))
    assert codes(await batch(machine, *items)) == ["unchanged"] * 20
    page = await seller.done("GET", "/v1/opportunities?limit=500")
    assert len(page["items"]) == 20
    histories = [(await seller.done("GET", f"/v1/opportunities/{one['id']}/history"))["items"] for one in page["items"]]
    assert {len(history) for history in histories} == {3}
