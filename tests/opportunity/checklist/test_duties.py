"""Duties have an owner, a last day and a proof; who has which is listed over all opportunities."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.house import Client, House
from tests.make import Make


def day(house: House, days: int) -> str:
    return str(house.service("opportunity").today() + timedelta(days=days))


async def assign(by: Client, made: dict[str, Any], criterion: str, **given: Any) -> dict[str, Any]:
    path = f"/v1/opportunities/{made['id']}/criteria/{criterion}/assignment"
    answer: dict[str, Any] = await by.done("PUT", path, given)
    return answer


async def listed(by: Client, query: str = "") -> list[tuple[str, str]]:
    found = await by.done("GET", f"/v1/duties?{query}")
    return [(one["opportunity_id"], one["criterion"]) for one in found["items"]]


def item(checklist: dict[str, Any], criterion: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in checklist["items"] if one["criterion"] == criterion)
    return found


async def test_the_checklist_says_who_sees_to_what_until_when(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    helper = await make.seller()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    await seller.done("POST", f"{path}/sales-team", {"person_id": helper.id, "role": "presales"})

    plain = item(await seller.done("GET", f"{path}/criteria"), "contact_named")
    assert (plain["owner_id"], plain["due_on"], plain["overdue"]) == (seller.id, None, False)
    await assign(seller, made, "contact_named", owner_id=helper.id, due_on=day(house, -1))
    told = await assign(manager, made, "budget_known", owner_id=manager.id, due_on=day(house, 0))

    late, now = item(told, "contact_named"), item(told, "budget_known")
    assert (late["owner_id"], late["due_on"], late["overdue"]) == (helper.id, day(house, -1), True)
    assert (now["owner_id"], now["overdue"]) == (manager.id, False)
    first = {"stage": "find_contact", "duties": 2, "done": 0, "required": 1, "required_done": 0, "overdue": 1}
    assert told["stages"][0] == first
    assert [one["stage"] for one in told["stages"]][-1] == "negotiate"

    body = {"note": "Ms. Li", "evidence": "https://example.org/minutes/7"}
    done = await seller.done("PUT", f"{path}/criteria/contact_named", body)
    assert item(done, "contact_named")["evidence"] == body["evidence"]
    assert (item(done, "contact_named")["overdue"], item(done, "contact_named")["done_by"]) == (False, seller.id)
    assert done["stages"][0] | {"done": 1, "required_done": 1, "overdue": 0} == done["stages"][0]
    back = await seller.done("DELETE", f"{path}/criteria/contact_named/assignment")
    assert (item(back, "contact_named")["owner_id"], item(back, "contact_named")["due_on"]) == (seller.id, None)


async def test_open_duties_are_listed_over_all_opportunities(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    junior = await make.seller(seller)
    first, second, below = [await make.opportunity(one) for one in (seller, seller, junior)]
    await assign(seller, first, "need_described")
    await assign(seller, first, "contact_named", due_on=day(house, 9))
    await assign(seller, second, "budget_known", due_on=day(house, -2))
    await assign(manager, below, "budget_known", due_on=day(house, 3))

    late, ahead = (second["id"], "budget_known"), (first["id"], "contact_named")
    theirs, some_day = (below["id"], "budget_known"), (first["id"], "need_described")
    assert await listed(manager) == [late, theirs, ahead, some_day]
    assert await listed(seller, f"owner_id={seller.id}") == [late, ahead, some_day]
    assert await listed(junior) == [theirs]
    assert await listed(seller, "overdue=true") == await listed(seller, "overdue=true&sort=-due_on") == [late]
    assert await listed(seller, f"due_on_lt={day(house, 9)}&sort=-due_on") == [theirs, late]
    assert await listed(seller, f"overdue=false&owner_id={seller.id}") == [ahead, some_day]
    assert await listed(seller, f"due_on_lt={day(house, 4)}") == [late, theirs]
    assert await listed(seller, f"opportunity_id={first['id']}") == [ahead, some_day]
    assert await listed(seller, "sort=-due_on") == [ahead, theirs, late, some_day]
    await manager.done(
        "POST", f"/v1/opportunities/{second['id']}/stage-changes", {"to_stage": "shortlist", "override_reason": "bids"}
    )
    assert await listed(seller, "stage=shortlist") == [late]
    everywhere = await (await house.admin()).done("GET", f"/v1/duties?owner_id={seller.id}&total=true")
    assert everywhere["total"] == "3"
    assert everywhere["items"][0] | {"duty_stage": "confirm_need", "required": True} == everywhere["items"][0]

    page, seen = await seller.done("GET", "/v1/duties?limit=1"), []
    while True:
        seen += [(one["opportunity_id"], one["criterion"]) for one in page["items"]]
        if page["next"] is None:
            break
        page = await seller.done("GET", f"/v1/duties?limit=1&cursor={page['next']}")
    assert seen == await listed(seller)


async def test_what_is_done_or_decided_is_on_nobodys_list(make: Make) -> None:
    seller = await make.seller()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    await assign(seller, made, "contact_named")
    await assign(seller, made, "budget_known")
    await seller.done("PUT", f"{path}/criteria/contact_named", {})
    assert await listed(seller) == [(made["id"], "budget_known")]
    await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    assert await listed(seller) == []
    refused = await seller.put(f"{path}/criteria/budget_known/assignment", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "opportunity_closed")
    await seller.done("POST", f"{path}/reopenings", {"to_stage": "find_contact", "reason": "again"})
    assert await listed(seller) == [(made["id"], "budget_known")]
    await seller.done("DELETE", f"{path}/criteria/contact_named")
    assert len(await listed(seller)) == 2
    await seller.done("PUT", f"{path}/criteria/contact_named", {})
    again = await seller.put(f"{path}/criteria/contact_named/assignment", {})
    assert (again.status_code, again.json()["code"]) == (409, "duty_done")


async def test_duties_go_to_the_principal_when_somebody_leaves(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    successor, helper = await make.seller(manager), await make.seller()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    team = await seller.done("POST", f"{path}/sales-team", {"person_id": helper.id, "role": "presales"})
    await assign(seller, made, "contact_named", owner_id=helper.id)
    await assign(seller, made, "budget_known")
    assert await listed(helper) == [(made["id"], "contact_named")]
    member = next(one for one in team["members"] if one["person_id"] == helper.id)
    await seller.done("POST", f"{path}/sales-team/{member['id']}/departures", {})
    assert await listed(helper) == []
    change = {"principal_id": successor.id, "reason": "The region was split."}
    await manager.done("POST", f"{path}/principal-changes", change)
    await house.settle()
    assert await listed(seller) == []
    assert {criterion for _, criterion in await listed(successor)} == {"contact_named", "budget_known"}


async def test_who_may_not_gives_nothing_and_sees_nothing(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, helper, elsewhere = await make.seller(manager), await make.seller(), await make.person()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    await seller.done("POST", f"{path}/sales-team", {"person_id": helper.id, "role": "presales"})
    await assign(seller, made, "contact_named", owner_id=helper.id)
    superior = await make.person()
    moved = {"superior_id": superior.id, "reason": "reorganised"}
    await (await house.admin()).done("POST", f"/v1/people/{helper.id}/superior-changes", moved)

    given = f"{path}/criteria/contact_named/assignment"
    for stranger in (peer, elsewhere, superior):
        assert (await stranger.put(given, {})).status_code == 404
        assert (await stranger.delete(given)).status_code == 404
        assert await listed(stranger) == []  # also a superior of the owner, who does not see the opportunity
    assert (await helper.put(given, {})).status_code == 403
    outside = await seller.put(given, {"owner_id": peer.id})
    assert (outside.status_code, outside.json()["code"]) == (422, "owner_outside")
    assert outside.json()["errors"][0]["pointer"] == "/owner_id"
    unknown = await seller.put(f"{path}/criteria/coffee/assignment", {})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_criterion")
    ahead = await seller.put(f"{path}/criteria/contact_named", {"done_on": day(house, 1)})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "done_on_not_possible")
    far = await seller.put(given, {"due_on": "2999-01-01"})
    assert (far.status_code, far.json()["code"]) == (422, "due_on_not_possible")


async def test_giving_and_doing_at_once_leave_one_duty(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}/criteria/contact_named"
    answers = await asyncio.gather(
        *(one.put(f"{path}/assignment", {"owner_id": one.id}) for one in (manager, seller) * 3),
        *(one.put(path, {"note": "seen"}) for one in (manager, seller)),
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    pool = house.service("opportunity").database.pool
    rows = await pool.fetch("SELECT is_done FROM duty WHERE opportunity_id = $1", made["id"])
    assert len(rows) <= 1
    assert all(row["is_done"] for row in rows)
    assert await listed(manager) == []
