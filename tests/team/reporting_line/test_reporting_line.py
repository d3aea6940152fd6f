"""The reporting line through the API."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make


def today(house: House) -> date:
    return house.clock().date()


async def superiors(reader: Client, person: Client, on: date | None = None) -> list[str]:
    query = f"?on={on}" if on else ""
    answer = await reader.done("GET", f"/v1/people/{person.id}/superiors{query}")
    return [item["id"] for item in answer["items"]]


async def set_superior(admin: Client, person: Client, superior: Client | None, **given: Any) -> Any:
    body = {"superior_id": superior.id if superior else None, "reason": "reorganised", **given}
    return await admin.post(f"/v1/people/{person.id}/superior-changes", body)


async def test_the_line_is_read_upwards_and_downwards(make: Make) -> None:
    head, manager, seller = await make.line(3)

    assert await superiors(seller, seller) == [manager.id, head.id]
    below = await seller.done("GET", f"/v1/people/{head.id}/subordinates?sort=distance")
    assert [(item["id"], item["distance"]) for item in below["items"]] == [(manager.id, 1), (seller.id, 2)]
    direct = await seller.done("GET", f"/v1/people/{head.id}/subordinates?direct=true&total=true")
    assert ([item["id"] for item in direct["items"]], direct["total"]) == ([manager.id], "1")


async def test_a_dated_change_keeps_the_past_and_takes_effect_by_itself(
    empty_house: House,
) -> None:
    house, make = empty_house, Make(empty_house)
    admin = await house.admin()
    former, next_one, seller = await make.person(), await make.person(), await make.person()
    start = today(house)
    await set_superior(admin, seller, former, from_date=str(start - timedelta(days=400)))
    planned = await set_superior(admin, seller, next_one, from_date=str(start + timedelta(days=3)))
    assert planned.status_code == 201

    assert await superiors(admin, seller) == [former.id]
    assert await superiors(admin, seller, start - timedelta(days=400)) == [former.id]
    assert await superiors(admin, seller, start - timedelta(days=401)) == []
    assert await superiors(admin, seller, start + timedelta(days=3)) == [next_one.id]
    before = (await admin.done("GET", "/v1/org-chart"))["version"]
    assert (await admin.done("GET", f"/v1/people/{seller.id}"))["superior_id"] == former.id

    house.clock.move(days=3)

    assert (await admin.done("GET", f"/v1/people/{seller.id}"))["superior_id"] == next_one.id
    chart = await admin.get(f"/v1/org-chart?since={before}")
    assert chart.json()["version"] == before + 1
    assert chart.json()["on"] == str(start + timedelta(days=3))
    assert chart.headers["org-chart-version"] == str(before + 1)


async def test_a_change_takes_the_place_of_what_was_planned_after_it(admin: Client, make: Make, house: House) -> None:
    first, second, third, seller = [await make.person() for _ in range(4)]
    start = today(house)
    await set_superior(admin, seller, first)
    await set_superior(admin, seller, second, from_date=str(start + timedelta(days=20)))
    await set_superior(admin, seller, third, from_date=str(start + timedelta(days=10)))

    assert await superiors(admin, seller, start + timedelta(days=9)) == [first.id]
    assert await superiors(admin, seller, start + timedelta(days=30)) == [third.id]
    decisions = await admin.done("GET", f"/v1/people/{seller.id}/superior-changes?limit=2")
    assert [item["superior_id"] for item in decisions["items"]] == [third.id, second.id]
    rest = await admin.done("GET", f"/v1/people/{seller.id}/superior-changes?limit=2&cursor={decisions['next']}")
    assert [item["superior_id"] for item in rest["items"]] == [first.id]
    assert rest["items"][0]["decided_by"] == admin.id


async def test_why_somebody_got_another_superior_is_for_those_concerned(make: Make) -> None:
    head, manager, seller = await make.line(3)
    peer, auditor = await make.person(manager), await make.person(roles=["auditor"])
    operations = await make.person(roles=["sales_operations"])
    path = f"/v1/people/{seller.id}/superior-changes"

    for concerned in (seller, manager, head, auditor):
        assert [each["reason"] for each in (await concerned.done("GET", path))["items"]] == ["joined the team"]
    for other in (peer, operations, await make.person()):
        refused = await other.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "decisions_not_shown")
        assert "joined the team" not in refused.text
        assert (await other.get(f"/v1/people/{seller.id}/superiors")).status_code == 200


async def test_a_circle_is_refused_on_any_day_to_come(admin: Client, make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    later = today(house) + timedelta(days=5)

    now = await set_superior(admin, head, seller)
    assert (now.status_code, now.json()["code"], now.json()["on"]) == (422, "line_in_circle", str(today(house)))
    oneself = await set_superior(admin, head, head)
    assert oneself.json()["code"] == "line_in_circle"
    await set_superior(admin, manager, None)
    await set_superior(admin, manager, head, from_date=str(later))
    to_come = await set_superior(admin, head, seller)
    assert (to_come.json()["code"], to_come.json()["on"]) == ("line_in_circle", str(later))


async def test_of_two_who_would_make_a_circle_together_one_loses(admin: Client, make: Make) -> None:
    for _ in range(5):
        one, other = await make.person(), await make.person()

        answers = await asyncio.gather(set_superior(admin, one, other), set_superior(admin, other, one))

        assert sorted(answer.status_code for answer in answers) == [201, 422]


async def test_many_at_once_leave_a_line_without_circles(admin: Client, make: Make) -> None:
    people = [await make.person() for _ in range(5)]
    pairs = [(one, other) for one in people for other in people if one is not other]

    answers = await asyncio.gather(*(set_superior(admin, one, other) for one, other in pairs))

    assert {answer.status_code for answer in answers} <= {201, 422}
    for person in people:
        line = await superiors(admin, person)
        assert person.id not in line
        assert len(line) == len(set(line))


async def test_what_changes_nothing_or_names_nobody_is_refused(admin: Client, make: Make, house: House) -> None:
    superior, seller = await make.line(2)
    machine = await admin.done("POST", "/v1/people", {"name": "Robot", "kind": "machine"})
    gone = await make.person()
    await admin.done("POST", f"/v1/people/{gone.id}/departures", {"on": str(today(house))})

    assert (await set_superior(admin, seller, superior)).json()["code"] == "superior_unchanged"
    assert (await set_superior(admin, seller, gone)).json()["code"] == "superior_has_left"
    for nobody in (str(new_id()), machine["id"]):
        body = {"superior_id": nobody, "reason": "reorganised"}
        answer = await admin.post(f"/v1/people/{seller.id}/superior-changes", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_superior")
    unknown = await admin.post(f"/v1/people/{new_id()}/superior-changes", {"superior_id": None, "reason": "left"})
    assert unknown.status_code == 404
    assert (await admin.get(f"/v1/people/{new_id()}/superiors")).status_code == 404


async def test_only_administrators_decide_and_never_for_themselves(make: Make) -> None:
    admin = await make.person(roles=["admin"])
    superior, seller = await make.line(2)

    refused = await set_superior(seller, seller, None)
    assert (refused.status_code, refused.json()["code"]) == (403, "administration_not_allowed")
    own = await set_superior(admin, admin, superior)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    trail = await admin.done("GET", f"/v1/team/audit?aggregate=person&aggregate_id={admin.id}&limit=500")
    assert trail["items"][-1]["operation"] == "refused"
    assert trail["items"][-1]["after"]["attempted"] == {"superior_id": superior.id}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": "x"}, "/superior_id"),
        ({"superior_id": None}, "/reason"),
        ({"superior_id": 5, "reason": "x"}, "/superior_id"),
        ({"superior_id": None, "reason": "x", "from_date": "2026-02-30"}, "/from_date"),
    ],
)
async def test_bad_input_is_named(admin: Client, make: Make, body: dict[str, object], pointer: str) -> None:
    answer = await admin.post(f"/v1/people/{(await make.person()).id}/superior-changes", body)

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])
