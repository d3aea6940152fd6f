"""Copies made of differences equal copies made at once."""

import asyncio
import random
from datetime import timedelta
from typing import Any

from orgchart.copying import apply
from orgchart.difference import Difference
from servicekit.data.actors import Actor
from servicekit.data.transactions import Writing
from tests.house import Client, House
from tests.make import Make, word

TABLES = {
    "person": "id, name, kind, superior_id, path::text, roles, active, business_unit_id, external_system, external_id",
    "edge": "*",
    "unit": "*",
    "stand_in": "*",
    "state": "version, paths_on",
}


async def read_copy(connection: Any) -> dict[str, list[tuple[str, ...]]]:
    """Return every row of the copy."""
    return {
        name: sorted(tuple(map(str, row)) for row in await connection.fetch(f"SELECT {columns} FROM orgchart_{name}"))
        for name, columns in TABLES.items()
    }


async def rebuilt(house: House, differences: list[Difference]) -> dict[str, list[tuple[str, ...]]]:
    """Return the copy that these differences make of nothing, in a transaction that is rolled back."""
    tx = Writing(house.service("team").database, Actor.of_service("team"))
    connection = await tx.raw_connection()
    for name in ("person", "edge", "unit", "stand_in"):
        await connection.execute(f"DELETE FROM orgchart_{name}")
    await connection.execute("UPDATE orgchart_state SET version = 0, paths_on = NULL")
    for difference in differences:
        await apply(tx, difference)
    copy = await read_copy(connection)
    await tx.release()
    return copy


async def change_something(house: House, admin: Client, people: list[str], choice: random.Random) -> None:
    """Do one of the things that change the chart; some are refused, which is as good."""
    one, other = choice.choice(people), choice.choice(people)
    day = str(house.clock().date() + timedelta(days=choice.randint(-5, 10)))
    match choice.randint(0, 7):
        case 0:
            people.append((await admin.done("POST", "/v1/people", {"name": f"Person {word()}"}))["id"])
        case 1:
            read = await admin.get(f"/v1/people/{one}")
            await admin.patch(f"/v1/people/{one}", {"name": f"New {word()}"}, if_match=read.headers["etag"])
        case 2:
            await admin.post("/v1/business-units", {"name": f"Unit {word()}", "head_id": one})
        case 3:
            body = {"person_id": one, "stand_in_id": other, "from_date": day, "until_date": "2099-01-01"}
            await admin.post("/v1/stand-ins", body)
        case 4:
            body = {"role": "finance", "change": choice.choice(["granted", "withdrawn"]), "reason": "needed"}
            await admin.post(f"/v1/people/{one}/role-changes", body)
        case 5:
            await admin.post(f"/v1/people/{one}/departures", {"on": day})
        case _:
            superior = choice.choice([other, other, None])
            change = {"superior_id": superior, "from_date": day, "reason": "reorganised"}
            await admin.post(f"/v1/people/{one}/superior-changes", change)


async def test_a_copy_of_differences_equals_one_made_at_once(empty_house: House) -> None:
    house = empty_house
    admin, choice = await house.admin(), random.Random(20260101)  # noqa: S311 (no secret)
    people = [(await admin.done("POST", "/v1/people", {"name": "First"}))["id"] for _ in range(4)]
    version = 0
    differences: list[Difference] = []
    for step in range(60):
        await change_something(house, admin, people, choice)
        if step % 15 == 7:
            house.clock.move(days=choice.randint(1, 3))
        if choice.random() < 0.4:
            differences.append(Difference.model_validate(await admin.done("GET", f"/v1/org-chart?since={version}")))
            version = differences[-1].version
    differences.append(Difference.model_validate(await admin.done("GET", f"/v1/org-chart?since={version}")))
    whole = Difference.model_validate(await admin.done("GET", "/v1/org-chart"))

    by_steps, at_once = await rebuilt(house, differences), await rebuilt(house, [whole])

    assert by_steps == at_once == await read_copy(house.service("team").database.pool)


async def test_only_what_changed_is_in_a_difference(admin: Client, make: Make) -> None:
    superior, seller = await make.line(2)
    now = (await admin.done("GET", "/v1/org-chart"))["version"]
    read = await admin.get(f"/v1/people/{seller.id}")

    changed = await admin.patch(f"/v1/people/{seller.id}", {"title": "Head"}, if_match=read.headers["etag"])
    difference = await superior.done("GET", f"/v1/org-chart?since={now}")

    assert changed.headers["org-chart-version"] == str(now + 1)
    assert (difference["version"], difference["units"], difference["stand_ins"]) == (now + 1, None, None)
    assert [person["id"] for person in difference["people"]] == [seller.id]
    assert [(edge["person_id"], edge["superior_id"]) for edge in difference["edges"]] == [(seller.id, superior.id)]
    assert (await admin.done("GET", f"/v1/org-chart?since={now + 1}"))["people"] == []


async def test_a_refusal_names_no_version_that_does_not_exist(admin: Client, make: Make) -> None:
    person = await make.person()
    version = (await admin.get("/v1/org-chart")).headers["org-chart-version"]

    refused = await admin.post(f"/v1/people/{person.id}/departures", {"on": "1900-01-01"})
    bad = await admin.post("/v1/people", {"name": "A", "business_unit_id": person.id})

    assert refused.status_code == 201  # an early day is as good as any where nobody knows since when they are there
    assert bad.status_code == 422
    assert bad.headers["org-chart-version"] == str(int(version) + 1)


async def test_a_change_is_an_event_without_personal_data(house: House, admin: Client) -> None:
    importer = await house.import_client()
    name = word()
    made = await admin.done("POST", "/v1/people", {"name": name, "email": f"{name}@example.com"})
    await house.settle()

    events, after = [], 0
    while page := (await importer.done("GET", f"/v1/team/events?after={after}&limit=1000"))["items"]:
        events += page
        after = page[-1]["position"]

    mine = [event for event in events if event["subject"] == made["id"]]
    assert [event["type"] for event in mine] == ["person.added"]
    assert events[-1]["type"] == "org_chart.changed"
    assert name not in str(events)


async def test_every_service_has_the_same_copy(house: House, make: Make) -> None:
    await make.line(3)
    await house.settle()

    copies = [await read_copy(house.service(name).database.pool) for name in house.apps]

    assert all(copy == copies[0] for copy in copies)


async def test_many_who_come_on_a_new_day_move_the_date_once(empty_house: House) -> None:
    admin = await empty_house.admin()
    before = (await admin.done("GET", "/v1/org-chart"))["version"]
    empty_house.clock.move(days=1)

    answers = await asyncio.gather(*(admin.get("/v1/org-chart") for _ in range(8)))

    assert {answer.json()["version"] for answer in answers} == {before + 1}
