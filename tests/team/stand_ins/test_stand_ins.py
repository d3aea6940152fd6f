"""Stand-ins through the API."""

from datetime import date, timedelta
from typing import Any

from tests.house import Client, House
from tests.make import Make


def day(house: House, days: int) -> str:
    today: date = house.clock().date()
    return str(today + timedelta(days=days))


def span(house: House, person: Client, stand_in: Client, start: int = 0, end: int = 5) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "stand_in_id": stand_in.id,
        "from_date": day(house, start),
        "until_date": day(house, end),
    }


async def test_whom_it_concerns_agrees(house: House, make: Make, admin: Client) -> None:
    head, manager, seller = await make.line(3)
    colleague = await make.person(head)

    for decider in (seller, manager, head, admin):
        agreed = await decider.post("/v1/stand-ins", span(house, seller, colleague))
        assert (agreed.status_code, agreed.json()["agreed_by"]) == (201, decider.id)
        ended = await decider.post(f"/v1/stand-ins/{agreed.json()['id']}/endings", {})
        assert ended.json()["until_date"] == day(house, 0)
    stranger = await make.person()
    for nobody in (colleague, stranger):
        refused = await nobody.post("/v1/stand-ins", span(house, seller, colleague))
        assert (refused.status_code, refused.json()["code"]) == (403, "stand_in_not_allowed")
    own = await manager.post("/v1/stand-ins", span(house, seller, manager))
    assert own.json()["code"] == "stand_in_not_allowed"


async def test_standing_in_conveys_roles_but_no_admin_and_is_not_passed_on(house: House, make: Make) -> None:
    boss = await make.person(roles=["admin", "finance"])
    deputy, third = await make.person(), await make.person()
    headers = {"on-behalf-of": boss.id}
    assert (await deputy.get("/v1/sign-in/me", headers=headers)).status_code == 403
    await boss.done("POST", "/v1/stand-ins", span(house, boss, deputy))

    me = await deputy.done("GET", "/v1/sign-in/me", headers=headers)
    assert (me["person_id"], me["on_behalf_of"], me["roles"]) == (deputy.id, boss.id, ["finance"])
    assert (await deputy.done("GET", "/v1/sign-in/me"))["may_stand_in_for"] == [boss.id]
    write = await deputy.post("/v1/people", {"name": "A friend"}, headers=headers)
    assert (write.status_code, write.json()["code"]) == (403, "administration_not_allowed")
    passed_on = await deputy.post("/v1/stand-ins", span(house, boss, third), headers=headers)
    assert (passed_on.status_code, passed_on.json()["code"]) == (403, "stand_in_not_allowed")


async def test_nobody_stands_in_for_who_has_left(house: House, make: Make, admin: Client) -> None:
    boss, deputy = await make.person(roles=["finance"]), await make.person()
    await boss.done("POST", "/v1/stand-ins", span(house, boss, deputy))
    await admin.done("POST", f"/v1/people/{boss.id}/departures", {"on": day(house, 0)})

    for path in ("/v1/sign-in/me", "/v1/customers", "/v1/opportunities", "/v1/demand-plans"):
        refused = await deputy.get(path, headers={"on-behalf-of": boss.id})
        assert (refused.status_code, refused.json()["code"]) == (403, "stand_in_not_valid"), path
    assert (await deputy.done("GET", "/v1/sign-in/me"))["may_stand_in_for"] == []


async def test_it_counts_within_its_days_only(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    person, deputy = await make.person(), await make.person()
    await person.done("POST", "/v1/stand-ins", span(house, person, deputy, 2, 4))
    headers = {"on-behalf-of": person.id}

    statuses = []
    for _ in range(5):
        statuses.append((await deputy.get("/v1/sign-in/me", headers=headers)).status_code)
        house.clock.move(days=1)

    assert statuses == [403, 403, 200, 200, 403]


async def test_days_that_make_no_sense_are_refused(house: House, make: Make) -> None:
    person, deputy = await make.person(), await make.person()
    machine = await (await house.admin()).done("POST", "/v1/people", {"name": "Robot", "kind": "machine"})

    for start, end in ((3, 3), (3, 2), (-5, 0)):
        answer = await person.post("/v1/stand-ins", span(house, person, deputy, start, end))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until_date")
    itself = await person.post("/v1/stand-ins", span(house, person, person))
    assert itself.status_code == 422
    robot = {**span(house, person, deputy), "stand_in_id": machine["id"]}
    assert (await person.post("/v1/stand-ins", robot)).json()["code"] == "unknown_person"
    assert (await person.post("/v1/stand-ins", span(house, person, deputy))).status_code == 201
    overlapping = await person.post("/v1/stand-ins", span(house, person, deputy, 4, 9))
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "stand_in_overlaps")


async def test_an_end_is_for_today_or_later(house: House, make: Make) -> None:
    person, deputy, stranger = await make.person(), await make.person(), await make.person()
    agreed = await person.done("POST", "/v1/stand-ins", span(house, person, deputy, 1, 9))
    path = f"/v1/stand-ins/{agreed['id']}/endings"

    assert (await stranger.post(path, {})).status_code == 403
    assert (await person.post(path, {"on": day(house, -1)})).status_code == 422
    later = await deputy.post(path, {"on": day(house, 5)})
    assert later.json()["until_date"] == day(house, 5)
    assert (await person.post(path, {"on": day(house, 5)})).json()["code"] == "stand_in_ended"
    never = await person.post(path, {})
    assert never.json()["until_date"] == never.json()["from_date"] == day(house, 1)
    listed = await stranger.done("GET", f"/v1/stand-ins?person_id={person.id}")
    assert [item["id"] for item in listed["items"]] == [agreed["id"]]
    assert (await stranger.done("GET", f"/v1/stand-ins?person_id={person.id}&on={day(house, 2)}"))["items"] == []
