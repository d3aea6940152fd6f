"""Roles and departures through the API, and what remains of them."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from orgchart.viewer import ROLES
from services.team.people.rules import Role
from tests.house import Client, House
from tests.make import Make, word


def test_the_roles_are_those_that_the_chart_knows() -> None:
    assert {str(role) for role in Role} == ROLES


async def test_roles_are_granted_and_withdrawn(admin: Client, make: Make) -> None:
    person = await make.person()
    path = f"/v1/people/{person.id}/role-changes"
    grant = {"role": "auditor", "change": "granted", "reason": "yearly audit"}

    granted = await admin.post(path, grant)
    assert (granted.status_code, granted.json()["roles"], granted.json()["version"]) == (201, ["auditor"], 2)
    assert (await person.get("/v1/sign-in/me")).json()["roles"] == ["auditor"]
    again = await admin.post(path, grant)
    assert (again.status_code, again.json()["code"]) == (409, "role_unchanged")
    withdrawn = await admin.post(path, {**grant, "change": "withdrawn"})
    assert withdrawn.json()["roles"] == []
    assert (await admin.post(path, {**grant, "role": "emperor"})).status_code == 400


async def test_nobody_grants_themselves_a_role_and_the_attempt_is_remembered(admin: Client, make: Make) -> None:
    other = await make.person(roles=["admin"])
    body = {"role": "finance", "change": "granted", "reason": "I would like it"}

    refused = await other.post(f"/v1/people/{other.id}/role-changes", body)

    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")
    trail = await admin.done("GET", f"/v1/team/audit?aggregate=person&aggregate_id={other.id}")
    last = trail["items"][-1]
    assert (last["operation"], last["actor"], last["after"]["code"]) == ("refused", other.id, "own_matter")
    assert last["after"]["attempted"] == {"role": "finance", "change": "granted"}


async def test_two_administrators_cannot_withdraw_each_others_role_at_once(make: Make) -> None:
    for _ in range(4):
        one, other = await make.person(roles=["admin"]), await make.person(roles=["admin"])
        body = {"role": "admin", "change": "withdrawn", "reason": "too many"}

        answers = await asyncio.gather(
            one.post(f"/v1/people/{other.id}/role-changes", body), other.post(f"/v1/people/{one.id}/role-changes", body)
        )

        assert sorted(answer.status_code for answer in answers) == [201, 403]


async def test_who_has_left_is_let_in_no_longer(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    admin = await house.admin()
    seller, username = await make.person(), word()
    password = f"{word()}{word()}"
    credentials = {"username": username, "password": password}
    await admin.done("POST", f"/v1/people/{seller.id}/credentials", credentials)
    form = {"grant_type": "password", **credentials}
    leaves = house.clock().date() + timedelta(days=2)
    gone = await admin.post(f"/v1/people/{seller.id}/departures", {"on": str(leaves)})
    assert (gone.status_code, gone.json()["left_on"], gone.json()["active"]) == (201, str(leaves), True)

    house.clock.move(days=1)
    assert (await seller.get("/v1/people")).status_code == 200
    assert (await house.stranger().request("POST", "/v1/sign-in/token", data=form)).status_code == 200
    house.clock.move(days=1)
    refused = await seller.get("/v1/people")
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_invalid")
    assert (await house.stranger().request("POST", "/v1/sign-in/token", data=form)).status_code == 401
    assert (await admin.done("GET", f"/v1/people/{seller.id}"))["active"] is False


async def test_a_departure_is_recorded_once_and_never_ones_own(admin: Client, make: Make) -> None:
    person = await make.person(joined_on="2020-01-01")
    path = f"/v1/people/{person.id}/departures"

    early = await admin.post(path, {"on": "2019-12-31"})
    assert (early.status_code, early.json()["code"]) == (422, "left_before_joining")
    assert (await admin.post(path, {"on": "2099-01-01"})).status_code == 201
    again = await admin.post(path, {"on": "2099-01-01"})
    assert (again.status_code, again.json()["code"]) == (409, "left_already")
    joined = await admin.patch(f"/v1/people/{person.id}", {"joined_on": "2100-01-01"}, if_match=2)
    assert (joined.status_code, joined.json()["code"]) == (422, "left_before_joining")
    own = await admin.post(f"/v1/people/{admin.id}/departures", {"on": "2099-01-01"})
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")


async def test_the_trail_tells_all_and_hides_personal_data(admin: Client, make: Make) -> None:
    name = f"Zhang {word()}"
    person = await make.person(name=name, email=f"{word()}@example.com")
    await admin.done("PATCH", f"/v1/people/{person.id}", {"name": f"{name} Wei"}, if_match=1)

    trail = await admin.done("GET", f"/v1/team/audit?aggregate=person&aggregate_id={person.id}")

    assert [(entry["operation"], entry["table_name"], entry["actor"]) for entry in trail["items"]] == [
        ("insert", "person", admin.id),
        ("update", "person", admin.id),
    ]
    assert name not in str(trail)
    assert trail["items"][1]["after"]["name"].startswith("sha256:")
    assert (await person.get(f"/v1/team/audit?aggregate=person&aggregate_id={person.id}")).status_code == 403


@pytest.mark.parametrize(
    ("table", "column"), [("role_change", "reason"), ("superior_change", "reason"), ("audit", "actor")]
)
async def test_the_service_cannot_alter_history(house: House, table: str, column: str) -> None:
    pool = house.service("team").database.pool

    for statement in (f"UPDATE {table} SET {column} = ''", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
