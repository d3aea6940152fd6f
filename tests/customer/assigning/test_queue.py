"""The queue of the unassigned: since when and why; who takes what out of it, also many at once."""

import asyncio
import itertools
from collections import Counter
from typing import Any

from tests.house import Client, House
from tests.make import Make


async def entry(by: Client, customer: dict[str, Any]) -> dict[str, Any] | None:
    found = await by.done("GET", "/v1/unassigned-customers?limit=500&sort=-since")
    return next((each for each in found["items"] if each["id"] == customer["id"]), None)


async def returned(make: Make, top: Client, seller: Client) -> dict[str, Any]:
    customer = await make.customer(seller)
    body = {"account_manager_id": None, "reason": "nobody has time"}
    await top.done("POST", f"/v1/customers/{customer['id']}/assignments", body)
    return customer


async def test_what_is_returned_says_so_and_is_taken_out_by_a_superior(make: Make) -> None:
    top, seller = await make.line(2)
    peer = await make.seller(top)
    customer = await returned(make, top, seller)
    found = await entry(top, customer)
    assert found is not None
    assert (found["why"], found["former_manager_id"]) == ("returned", seller.id)
    item = {"customer_id": customer["id"], "account_manager_id": peer.id, "reason": "has time"}
    answer = await top.done("POST", "/v1/unassigned-customers/batches", {"items": [item]})
    assert answer["items"][0]["outcome"] == "updated"
    assert await entry(top, customer) is None


async def test_competitors_are_looked_after_by_nobody_and_do_not_wait(house: House, make: Make) -> None:
    operations = await house.import_client()
    rival = await make.customer(operations, kind="competitor")
    assert await entry(operations, rival) is None
    await operations.done("PATCH", f"/v1/customers/{rival['id']}", {"kind": "channel"}, if_match=1)
    assert (await entry(operations, rival) or {})["why"] == "entered"


async def test_who_may_not_is_refused_item_by_item(make: Make) -> None:
    top, seller = await make.line(2)
    peer, stranger = await make.seller(top), await make.seller()
    customer = await returned(make, top, seller)
    item = {"customer_id": customer["id"], "account_manager_id": peer.id, "reason": "x"}
    for who, given, code in (
        (stranger, item, "not_found"),
        (seller, item, "assignment_not_allowed"),
        (seller, item | {"account_manager_id": seller.id}, "own_matter"),
        (top, item | {"account_manager_id": stranger.id}, "assignment_not_allowed"),
    ):
        answer = await who.done("POST", "/v1/unassigned-customers/batches", {"items": [given]})
        assert answer["items"][0]["problem"]["code"] == code
    assert await entry(stranger, customer) is None


async def test_nobody_gives_their_own_away_whatever_their_roles(make: Make) -> None:
    manager = await make.person(roles=["sales_operations"])
    other = await make.seller()
    customer = await make.customer(manager, account_manager_id=manager.id)
    for target in (other.id, None):
        body = {"account_manager_id": target, "reason": "no more of it"}
        refused = await manager.post(f"/v1/customers/{customer['id']}/assignments", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")


async def test_many_who_take_one_out_are_one(make: Make) -> None:
    top, seller = await make.line(2)
    peers = [await make.seller(top) for _ in range(4)]
    customer = await returned(make, top, seller)
    path = f"/v1/customers/{customer['id']}/assignments"
    bodies = [{"account_manager_id": peer.id, "reason": "takes it"} for peer in peers]
    answers = await asyncio.gather(*(top.post(path, body) for body in bodies))
    assert Counter(answer.status_code for answer in answers)[201] >= 1
    history = (await top.done("GET", path))["items"]
    chain = [(each["previous_account_manager_id"], each["account_manager_id"]) for each in history]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(chain)), "no decision is lost"
    assert await entry(top, customer) is None


async def test_reassigning_leaves_the_principals_of_its_opportunities(house: House, make: Make) -> None:
    top, seller = await make.line(2)
    peer = await make.seller(top)
    customer = await make.customer(seller)
    await house.settle()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    await house.settle()
    body = {"account_manager_id": peer.id, "reason": "shared out anew"}
    await top.done("POST", f"/v1/customers/{customer['id']}/assignments", body)
    await house.settle()
    told = await top.done("GET", f"/v1/opportunities/{opportunity['id']}")
    assert (told["principal_id"], told["account_manager_id"]) == (seller.id, peer.id)
