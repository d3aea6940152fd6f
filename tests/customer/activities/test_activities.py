"""Activities: planned, done, cancelled, listed; who sees and changes them; what the opportunity learns."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make, word


def day(house: House, days: int = 0) -> str:
    return str(house.service("customer").today() + timedelta(days=days))


async def planned(house: House, by: Client, customer: dict[str, Any], days: int = 7, **given: Any) -> dict[str, Any]:
    body = {
        "customer_id": customer["id"],
        "kind": "visit",
        "subject": f"Visit {word()}",
        "planned_on": day(house, days),
    }
    made: dict[str, Any] = await by.done("POST", "/v1/activities", body | given)
    return made


async def test_an_activity_is_planned_changed_done_and_stays_done(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    contact = await seller.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "Li Na"})
    made = await planned(house, seller, customer, contact_ids=[contact["id"]])
    assert (made["status"], made["owner_id"], made["day"]) == ("planned", seller.id, made["planned_on"])
    assert made["contact_ids"] == [contact["id"]]

    path = f"/v1/activities/{made['id']}"
    moved = await seller.done("PATCH", path, {"planned_on": day(house, -2), "contact_ids": []}, if_match=1)
    assert (moved["status"], moved["contact_ids"], moved["version"]) == ("overdue", [], 2)
    assert (await seller.patch(path, {"subject": "x"}, if_match=1)).status_code == 412

    ahead = await seller.post(f"{path}/completions", {"done_on": day(house, 1)})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "done_in_future")
    done = await seller.done("POST", f"{path}/completions", {"done_on": day(house, -1), "outcome": "They want samples"})
    assert (done["status"], done["day"], done["outcome"]) == ("done", day(house, -1), "They want samples")
    for refused in (
        await seller.post(f"{path}/completions", {}),
        await seller.post(f"{path}/cancellations", {"reason": "late"}),
        await seller.patch(path, {"planned_on": day(house)}, if_match=3),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "activity_closed")
    later = await seller.done("PATCH", path, {"outcome": "They ordered samples"}, if_match=3)
    assert later["outcome"] == "They ordered samples"
    assert await seller.done("GET", path) == later


async def test_one_is_recorded_without_a_plan_and_another_cancelled_with_its_reason(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    call = await planned(house, seller, customer, planned_on=None, done_on=day(house, -3), kind="call")
    assert (call["status"], call["planned_on"], call["day"]) == ("done", None, day(house, -3))
    made = await planned(house, seller, customer)
    gone = await seller.done("POST", f"/v1/activities/{made['id']}/cancellations", {"reason": "they are closed"})
    assert (gone["status"], gone["cancel_reason"], gone["cancelled_on"]) == ("cancelled", "they are closed", day(house))
    nothing = await seller.post("/v1/activities", {"customer_id": customer["id"], "kind": "call", "subject": "x"})
    assert (nothing.status_code, nothing.json()["code"]) == (400, "activity_without_day")


async def test_the_list_is_filtered_by_whose_and_how_it_stands(house: House, make: Make) -> None:
    top, seller = await make.line(2)
    other = await make.seller(top)
    customer = await make.customer(seller)
    theirs = await make.customer(other)
    late = await planned(house, seller, customer, -1)
    ahead = await planned(house, seller, customer, 5)
    done = await planned(house, other, theirs, planned_on=None, done_on=day(house))
    everything = {late["id"], ahead["id"], done["id"]}

    async def listed(by: Client, query: str = "") -> set[str]:
        found = await by.done("GET", f"/v1/activities?limit=500{query}")
        return {each["id"] for each in found["items"]} & everything

    assert await listed(top) == everything
    assert await listed(seller) == {late["id"], ahead["id"]}
    assert await listed(top, "&mine=true") == set()
    assert await listed(seller, "&mine=true") == {late["id"], ahead["id"]}
    assert await listed(top, f"&below_id={other.id}") == {done["id"]}
    assert await listed(top, f"&below_id={top.id}") == everything
    assert await listed(top, f"&customer_id={customer['id']}&status=overdue") == {late["id"]}
    assert await listed(top, f"&owner_id={seller.id}&status=planned") == {ahead["id"]}
    assert await listed(top, "&status=done") == {done["id"]}
    assert await listed(top, f"&day_gte={day(house)}&day_lt={day(house, 6)}") == {ahead["id"], done["id"]}
    assert await listed(top, f"&below_id={new_id()}") == set()


async def test_who_takes_part_in_one_opportunity_sees_what_is_done_for_it_only(house: House, make: Make) -> None:
    seller, member, principal = [await make.seller() for _ in range(3)]
    customer = await make.customer(seller)
    await house.settle()
    mine = await make.opportunity(await house.import_client(), principal_id=principal.id, customer_id=customer["id"])
    other = await make.opportunity(seller, customer_id=customer["id"])
    role = {"person_id": member.id, "role": "presales"}
    await principal.done("POST", f"/v1/opportunities/{mine['id']}/sales-team", role)
    await house.settle()
    for_mine = await planned(house, principal, customer, opportunity_id=mine["id"])
    for_other = await planned(house, seller, customer, opportunity_id=other["id"])
    plain = await planned(house, seller, customer)
    own = await planned(house, member, customer)

    assert (await member.get(f"/v1/activities/{for_mine['id']}")).status_code == 200
    for hidden in (for_other, plain):
        assert (await member.get(f"/v1/activities/{hidden['id']}")).status_code == 404
    listed = await member.done("GET", f"/v1/activities?customer_id={customer['id']}")
    assert {each["id"] for each in listed["items"]} == {for_mine["id"], own["id"]}
    listed = await seller.done("GET", f"/v1/activities?customer_id={customer['id']}")
    assert {each["id"] for each in listed["items"]} == {for_mine["id"], for_other["id"], plain["id"], own["id"]}
    refused = await member.post(f"/v1/activities/{for_mine['id']}/completions", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "activity_not_allowed")


async def test_what_may_not_be_named_is_refused(house: House, make: Make) -> None:
    top, seller = await make.line(2)
    peer, stranger = await make.seller(top), await make.seller()
    customer, theirs = await make.customer(seller), await make.customer(stranger)
    foreign = await stranger.done("POST", "/v1/contacts", {"customer_id": theirs["id"], "name": "Li Na"})
    elsewhere = await make.opportunity(stranger, customer_id=theirs["id"])
    await house.settle()

    async def refused(by: Client, **given: Any) -> tuple[int, str]:
        body = {"customer_id": customer["id"], "kind": "call", "subject": "x", "planned_on": day(house)} | given
        answer = await by.post("/v1/activities", body)
        return answer.status_code, answer.json()["code"]

    assert await refused(stranger) == (422, "unknown_customer")
    assert await refused(seller, owner_id=peer.id) == (403, "activity_not_allowed")
    assert await refused(top, owner_id=peer.id) == (422, "owner_sees_not")
    assert await refused(seller, contact_ids=[foreign["id"]]) == (422, "unknown_contact")
    assert await refused(seller, opportunity_id=elsewhere["id"]) == (422, "unknown_opportunity")
    assert await refused(seller, owner_id=str(new_id())) == (422, "unknown_person")
    assert (await planned(house, top, customer, owner_id=seller.id))["owner_id"] == seller.id


async def test_the_opportunity_keeps_the_latest_day_and_nothing_older(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    await house.settle()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    await house.settle()
    path = f"/v1/opportunities/{opportunity['id']}"
    assert opportunity["last_activity_on"] is None
    for back, latest in ((-9, -9), (-2, -2), (-5, -2)):
        done = {"planned_on": None, "done_on": day(house, back), "opportunity_id": opportunity["id"]}
        await planned(house, seller, customer, **done)
        await planned(house, seller, customer, planned_on=None, done_on=day(house))
        await house.settle()
        told = await seller.done("GET", path)
        assert (told["last_activity_on"], told["version"]) == (day(house, latest), 1)


async def test_many_who_say_that_it_is_done_are_one(house: House, make: Make) -> None:
    seller = await make.seller()
    made = await planned(house, seller, await make.customer(seller))
    path = f"/v1/activities/{made['id']}"
    answers = await asyncio.gather(
        *(seller.post(f"{path}/completions", {"outcome": str(number)}) for number in range(4)),
        *(seller.post(f"{path}/cancellations", {"reason": "no"}) for _ in range(4)),
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}
    assert (await seller.done("GET", path))["version"] == 2
    key = word()
    body = {"customer_id": made["customer_id"], "kind": "call", "subject": "x", "planned_on": str(date(2027, 1, 1))}
    first, again = [await seller.post("/v1/activities", body, key=key) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
