"""Machine clients: registered, limited by scopes, rotated without a gap."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.house import Client, House
from tests.make import Make, word

Record = dict[str, Any]


async def sign_in(house: House, client: Record, secret: str, **asked: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": client["client_id"], "client_secret": secret, **asked}
    return await house.stranger().request("POST", "/v1/sign-in/token", data=form)


async def test_a_secret_is_told_once_and_kept_nowhere(house: House, admin: Client) -> None:
    body = {"name": "ERP", "client_id": word(), "scopes": ["customer:read"]}
    key = word()
    first = await admin.post("/v1/machine-clients", body, key=key)
    again = await admin.post("/v1/machine-clients", body, key=key)

    made, repeated = first.json(), again.json()
    secret = made["client_secret"]
    assert (first.status_code, again.status_code, again.headers["idempotent-replayed"]) == (201, 201, "true")
    assert repeated == made | {"client_secret": None}
    seen = await admin.get(f"/v1/machine-clients/{made['id']}")
    trail = await admin.get(f"/v1/team/audit?aggregate=person&aggregate_id={made['id']}&limit=500")
    assert secret not in seen.text
    assert secret not in trail.text
    pool = house.service("team").database.pool
    for table in ("idempotency", "client_secret", "outbox", "feed", "audit"):
        kept = await pool.fetch(f"SELECT t::text, encode(convert_to(t::text, 'UTF8'), 'hex') AS hex FROM {table} t")
        assert not [row for row in kept if secret in row[0] or secret.encode().hex() in row[0]], table


async def test_a_secret_is_changed_without_a_gap(house: House, make: Make, admin: Client) -> None:
    _, client = await make.machine(["team:read"])
    path = f"/v1/machine-clients/{client['id']}"
    new = await admin.done("POST", f"{path}/secrets", {})

    for secret in (client["client_secret"], new["client_secret"]):
        assert (await sign_in(house, client, secret)).status_code == 200
    old = client["secrets"][0]["id"]
    left = await admin.done("DELETE", f"{path}/secrets/{old}")

    assert [secret["id"] for secret in left["secrets"]] == [new["id"]]
    assert left["last_used_at"] is not None
    assert (await sign_in(house, client, client["client_secret"])).status_code == 401
    assert (await sign_in(house, client, new["client_secret"])).status_code == 200
    assert (await admin.delete(f"{path}/secrets/{old}")).status_code == 404


async def test_a_secret_ends_when_it_says(house: House, make: Make, admin: Client) -> None:
    _, client = await make.machine([])
    path = f"/v1/machine-clients/{client['id']}/secrets"
    now = house.clock()
    passed = await admin.post(path, {"expires_at": (now - timedelta(seconds=1)).isoformat()})
    assert (passed.status_code, passed.json()["code"]) == (422, "secret_ends_before")
    short = await admin.done("POST", path, {"expires_at": (now + timedelta(minutes=5)).isoformat()})

    assert (await sign_in(house, client, short["client_secret"])).status_code == 200
    house.clock.move(minutes=6)
    assert (await sign_in(house, client, short["client_secret"])).status_code == 401
    assert (await sign_in(house, client, client["client_secret"])).status_code == 200


async def test_of_many_secrets_asked_for_at_once_only_as_many_as_may_be_are_made(make: Make, admin: Client) -> None:
    _, client = await make.machine([])
    path = f"/v1/machine-clients/{client['id']}/secrets"

    answers = await asyncio.gather(*(admin.post(path, {}) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 4
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "too_many_secrets"


async def test_scopes_limit_what_roles_allow(house: House, make: Make, admin: Client) -> None:
    machine, client = await make.machine(["customer:read"], roles=["sales_operations"])

    assert (await machine.get("/v1/customers")).status_code == 200
    refused = await machine.post("/v1/customers", {"legal_name": f"C {word()}", "country": "DE"})
    assert (refused.status_code, refused.json()["scope"]) == (403, "customer:write")
    assert (await machine.get("/v1/opportunities")).json()["scope"] == "opportunity:read"
    assert (await machine.get("/v1/customer/events")).json()["scope"] == "customer:events:read"

    path = f"/v1/machine-clients/{client['id']}"
    given = {"scopes": ["opportunity:read", "customer:events:read"]}
    await admin.done("PATCH", path, given, if_match=(await admin.done("GET", path))["version"])

    assert (await machine.get("/v1/customers")).status_code == 403, "its token is the same, its scopes are not"
    assert (await machine.get("/v1/opportunities")).status_code == 200
    assert (await machine.get("/v1/customer/events")).status_code == 200


async def test_a_token_may_be_narrowed_and_not_widened(house: House, make: Make) -> None:
    machine, client = await make.machine(["import"], scope="customer:read")

    assert (await machine.get("/v1/customers")).status_code == 200
    assert (await machine.get("/v1/people")).json()["scope"] == "team:read"
    wider = await sign_in(house, client, client["client_secret"], scope="customer:read access:write")
    assert (wider.status_code, wider.json()["code"]) == (400, "scope_not_granted")
    forged = house.sign_in(client["id"], scope="access:write audit:read")
    assert (await forged.get("/v1/machine-clients")).json()["code"] == "scope_missing"


async def test_a_disabled_client_is_out_at_once_and_may_come_back(house: House, make: Make, admin: Client) -> None:
    machine, client = await make.machine(["customer:read"])
    path = f"/v1/machine-clients/{client['id']}/status-changes"
    assert (await machine.get("/v1/customers")).status_code == 200

    off = await admin.done("POST", path, {"disabled": True, "reason": "it misbehaves"})
    assert off["active"] is False
    assert (await machine.get("/v1/customers")).status_code == 401
    assert (await sign_in(house, client, client["client_secret"])).status_code == 401
    assert (await admin.post(path, {"disabled": True, "reason": "again"})).json()["code"] == "status_unchanged"

    await admin.done("POST", path, {"disabled": False, "reason": "it is mended"})
    assert (await machine.get("/v1/customers")).status_code == 200


async def test_only_administrators_decide_and_no_machine_about_itself(make: Make, admin: Client) -> None:
    machine, client = await make.machine(["access:write", "access:read"], roles=["admin"])
    path = f"/v1/machine-clients/{client['id']}"
    version = (await machine.done("GET", path))["version"]

    own = await machine.patch(path, {"scopes": ["import"]}, if_match=version)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    seller = await make.seller()
    assert (await seller.get(path)).json()["code"] == "reading_clients_not_allowed"
    other = await seller.post(f"{path}/secrets", {})
    assert other.json()["code"] == "administration_not_allowed"
    unknown = await admin.patch(path, {"scopes": ["customer:everything"]}, if_match=version)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/scopes")


async def test_a_person_is_no_machine_client(make: Make, admin: Client) -> None:
    person = await make.person()

    assert (await admin.get(f"/v1/machine-clients/{person.id}")).status_code == 404
    assert (await admin.post(f"/v1/machine-clients/{person.id}/secrets", {})).status_code == 404


async def test_clients_are_listed(house: House, make: Make, admin: Client) -> None:
    _, client = await make.machine(["customer:read"])

    page = await admin.done("GET", f"/v1/machine-clients?client_id={client['client_id']}&total=true")

    assert (page["total"], page["items"][0]["scopes"], len(page["items"][0]["secrets"])) == ("1", ["customer:read"], 1)
    assert datetime.fromisoformat(page["items"][0]["last_used_at"]) <= house.clock()
