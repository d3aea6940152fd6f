"""People through the API."""

import asyncio

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make, word


async def test_an_administrator_adds_somebody_whom_everybody_sees(admin: Client, make: Make) -> None:
    reader = await make.person()
    added = await admin.post("/v1/people", {"name": "Wang Fang", "email": "fang@example.com", "title": "Seller"})

    assert added.status_code == 201
    body = added.json()
    assert (body["version"], body["active"], body["superior_id"], body["roles"]) == (1, True, None, [])
    assert added.headers["etag"] == '"1"'
    read = await reader.get(f"/v1/people/{body['id']}")
    assert read.json() == body


async def test_nobody_else_writes(make: Make) -> None:
    seller = await make.person()

    for answer in (
        await seller.post("/v1/people", {"name": "A friend"}),
        await seller.patch(f"/v1/people/{seller.id}", {"title": "Director"}, if_match=1),
        await seller.post(f"/v1/people/{seller.id}/departures", {"on": "2026-01-01"}),
        await seller.post(f"/v1/people/{seller.id}/credentials", {"username": word(), "password": word() * 2}),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == "administration_not_allowed"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "A", "nickname": "B"}, "/nickname"),
        ({"name": "A", "email": "no address"}, "/email"),
        ({"name": "A", "kind": "robot"}, "/kind"),
        ({"name": "A", "joined_on": "yesterday"}, "/joined_on"),
        ({"name": "A\x00B"}, ""),
        ({"name": "A", "external_reference": {"system": "E R P", "id": "1"}}, "/external_reference/system"),
    ],
)
async def test_bad_input_is_named(admin: Client, body: dict[str, object], pointer: str) -> None:
    answer = await admin.post("/v1/people", body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_change_needs_the_version_it_is_based_on(admin: Client, make: Make) -> None:
    path = f"/v1/people/{(await make.person()).id}"

    assert (await admin.patch(path, {"title": "Head"})).status_code == 428
    assert (await admin.patch(path, {"title": "Head"}, if_match="seven")).status_code == 400
    changed = await admin.patch(path, {"title": "Head"}, if_match=1)
    assert (changed.status_code, changed.json()["title"], changed.headers["etag"]) == (200, "Head", '"2"')
    stale = await admin.patch(path, {"title": "Tail"}, if_match=1)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    cleared = await admin.patch(path, {"title": None}, if_match=2)
    assert cleared.json()["title"] is None
    assert (await admin.patch(path, {"name": None}, if_match=3)).status_code == 400


async def test_of_many_who_change_the_same_version_one_succeeds(admin: Client, make: Make) -> None:
    path = f"/v1/people/{(await make.person()).id}"

    answers = await asyncio.gather(*(admin.patch(path, {"title": f"T{n}"}, if_match=1) for n in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_an_unknown_unit_is_refused(admin: Client) -> None:
    answer = await admin.post("/v1/people", {"name": "A", "business_unit_id": str(new_id())})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_business_unit")
    assert answer.json()["errors"][0]["pointer"] == "/business_unit_id"


async def test_username_and_reference_are_unique(admin: Client) -> None:
    name = word()
    reference = {"system": "hr", "id": name}
    await admin.done("POST", "/v1/people", {"name": "A", "username": name, "external_reference": reference})

    again = await admin.post("/v1/people", {"name": "B", "username": name.upper()})
    assert (again.status_code, again.json()["code"]) == (409, "username_taken")
    other = await admin.post("/v1/people", {"name": "B", "external_reference": reference})
    assert (other.status_code, other.json()["code"]) == (409, "person_reference_taken")


async def test_the_same_request_sent_twice_adds_one_person(admin: Client) -> None:
    key, body = word(), {"name": f"Only {word()}"}

    first, second = await asyncio.gather(*(admin.post("/v1/people", body, key=key) for _ in range(2)))
    third = await admin.post("/v1/people", body, key=key)

    assert first.json()["id"] == second.json()["id"] == third.json()["id"]
    assert (third.status_code, third.headers["idempotent-replayed"], third.headers["etag"]) == (201, "true", '"1"')
    other = await admin.post("/v1/people", {"name": "Another"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_list_is_filtered_sorted_and_paged(admin: Client, make: Make) -> None:
    mark = word()
    superior = await make.person()
    made = [await make.person(superior, name=f"{mark} {n}", title="Żółć ＡＢ") for n in range(5)]

    first = await admin.done("GET", f"/v1/people?search={mark.upper()}&limit=2&total=true&sort=-name")
    assert [item["name"] for item in first["items"]] == [f"{mark} 4", f"{mark} 3"]
    assert first["total"] == "5"
    second = await admin.done("GET", f"/v1/people?search={mark.upper()}&limit=2&sort=-name&cursor={first['next']}")
    assert [item["name"] for item in second["items"]] == [f"{mark} 2", f"{mark} 1"]
    below = await admin.done("GET", f"/v1/people?superior_id={superior.id}&active=true&sort=created_at&kind=person")
    assert [item["id"] for item in below["items"]] == [person.id for person in made]
    accents = await admin.done("GET", f"/v1/people?superior_id={superior.id}&search=zolc%20ab")
    assert len(accents["items"]) == 5
    assert (await admin.get("/v1/people?search=%25")).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=red", "query:colour"),
        ("limit=0", "query:limit"),
        ("sort=salary", "query:sort"),
        ("active=perhaps", "query:active"),
        ("cursor=bm90aGluZw", "query:cursor"),
        ("superior_id=7", "query:superior_id"),
    ],
)
async def test_a_bad_query_is_named(admin: Client, query: str, pointer: str) -> None:
    answer = await admin.get(f"/v1/people?{query}")

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])


async def test_who_does_not_exist_is_not_found(admin: Client, house: House) -> None:
    answer = await admin.get(f"/v1/people/{new_id()}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await house.stranger().get("/v1/people")).status_code == 401
