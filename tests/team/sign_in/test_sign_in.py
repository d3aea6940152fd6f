"""Signing in through the API."""

import hashlib
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from orgchart.sign_in import ALGORITHM
from servicekit.values.ids import new_id
from services.team.sign_in import hashing
from services.team.sign_in.first_start import make_first_sign_ins, read_first_sign_ins
from tests.house import Client, House
from tests.make import Make, word


async def sign_in(house: House, **form: str) -> httpx.Response:
    return await house.stranger().request("POST", "/v1/sign-in/token", data=form)


async def with_password(admin: Client, make: Make, **given: Any) -> tuple[Client, dict[str, str]]:
    person = await make.person(**given)
    credentials = {"username": f"user.{word()}", "password": f"{word()}{word()}"}
    await admin.done("POST", f"/v1/people/{person.id}/credentials", credentials)
    return person, credentials


async def test_a_password_becomes_a_token_that_opens_the_house(house: House, admin: Client, make: Make) -> None:
    person, credentials = await with_password(admin, make)

    answer = await sign_in(house, grant_type="password", **credentials)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    me = await Client(house, person.person_id, body["access_token"]).done("GET", "/v1/sign-in/me")
    assert (me["person_id"], me["roles"], me["on_behalf_of"]) == (person.id, [], None)


async def test_the_published_key_verifies_tokens(house: House) -> None:
    keys = (await house.stranger().get("/v1/sign-in/keys")).json()
    assert all("d" not in key for key in keys["keys"])
    signed_in = await house.admin_by_password()
    assert signed_in.token is not None

    token = jwt.decode(signed_in.token, KeySet.import_key_set(keys), algorithms=[ALGORITHM])

    assert token.header == {"alg": ALGORITHM, "kid": keys["keys"][0]["kid"], "typ": "at+jwt"}
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["sub"], claims["client_id"]) == (
        "keyaccount",
        "keyaccount",
        signed_in.id,
        "admin",
    )
    assert claims["exp"] - claims["iat"] == 3600
    assert isinstance(claims["chart_version"], int)


async def test_an_unknown_name_and_a_wrong_password_are_not_told_apart(house: House, admin: Client, make: Make) -> None:
    _, credentials = await with_password(admin, make)
    tries = [
        {**credentials, "password": word()},
        {**credentials, "username": word()},
        {"username": "import", "password": word()},
    ]

    answers = [await sign_in(house, grant_type="password", **form) for form in tries]

    bodies = [{**answer.json(), "trace_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "sign_in_refused"


async def test_both_are_verified_at_the_same_cost(
    house: House, admin: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever measures must not learn which names there are: each try hashes once, with the same parameters."""
    _, credentials = await with_password(admin, make)
    verify, parameters = hashing._hasher.verify, []

    def noting(password: str, password_hash: str) -> bool:
        parameters.append(password_hash.split("$")[1:4])
        return verify(password, password_hash)

    monkeypatch.setattr(hashing._hasher, "verify", noting)
    await sign_in(house, grant_type="password", **{**credentials, "password": word()})
    await sign_in(house, grant_type="password", username=word(), password=word())

    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


async def test_people_and_machines_sign_in_each_in_their_own_way(house: House, admin: Client, make: Make) -> None:
    _, credentials = await with_password(admin, make)
    machine = await admin.done("POST", "/v1/people", {"name": "ERP", "kind": "machine"})
    identifier, secret = f"erp-{word()}", f"{word()}{word()}"
    body = {"username": identifier, "password": secret}
    await admin.done("POST", f"/v1/people/{machine['id']}/credentials", body)

    token = await sign_in(house, grant_type="client_credentials", client_id=identifier, client_secret=secret)
    assert token.status_code == 200
    crossed = await sign_in(house, grant_type="password", username=identifier, password=secret)
    assert crossed.status_code == 401
    client = {"client_id": credentials["username"], "client_secret": credentials["password"]}
    assert (await sign_in(house, grant_type="client_credentials", **client)).status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "password", "username": "a"},
        {"grant_type": "password", "username": "a", "password": ""},
        {"grant_type": "client_credentials", "username": "a", "password": "b"},
        {"grant_type": "magic", "username": "a", "password": "b"},
        {"grant_type": "password", "username": "a", "password": "b", "colour": "red"},
        {"grant_type": "password", "username": "a", "password": "b" * 201},
    ],
)
async def test_a_form_that_lacks_something_is_malformed(house: House, form: dict[str, str]) -> None:
    answer = await sign_in(house, **form)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


async def test_json_is_no_form(house: House) -> None:
    answer = await house.stranger().post("/v1/sign-in/token", {"grant_type": "password"})

    assert answer.status_code == 400


async def test_new_credentials_take_the_place_of_the_old(house: House, admin: Client, make: Make) -> None:
    person, credentials = await with_password(admin, make)
    changed = {"username": credentials["username"].upper(), "password": f"{word()}{word()}"}

    answer = await admin.post(f"/v1/people/{person.id}/credentials", changed)

    assert answer.json()["username"] == credentials["username"]
    assert "password" not in answer.json()
    assert (await sign_in(house, grant_type="password", **credentials)).status_code == 401
    assert (await sign_in(house, grant_type="password", **changed)).status_code == 200


async def test_weak_passwords_and_taken_names_are_refused(admin: Client, make: Make) -> None:
    person, credentials = await with_password(admin, make)
    path = f"/v1/people/{(await make.person()).id}/credentials"

    short = await admin.post(path, {"username": word(), "password": "short"})
    assert (short.status_code, short.json()["code"]) == (422, "password_too_short")
    same = await admin.post(path, {"username": "longenoughname", "password": "LongEnoughName1"})
    assert (same.status_code, same.json()["code"]) == (422, "password_is_name")
    taken = await admin.post(path, {**credentials, "password": f"{word()}{word()}"})
    assert (taken.status_code, taken.json()["code"]) == (409, "username_taken")
    nobody = await admin.post(f"/v1/people/{new_id()}/credentials", {"username": word(), "password": word() * 2})
    assert nobody.status_code == 404
    assert person.id != ""


async def test_no_password_is_kept_or_shown(house: House, admin: Client, make: Make) -> None:
    person, credentials = await with_password(admin, make)

    trail = await admin.get(f"/v1/team/audit?aggregate=person&aggregate_id={person.id}&limit=500")

    kept = await house.service("team").database.pool.fetchval(
        "SELECT password_hash FROM credential WHERE person_id = $1", person.person_id
    )
    assert kept.startswith("$argon2id$")
    assert kept not in trail.text
    assert credentials["password"] not in trail.text


async def test_a_password_cannot_be_guessed_from_what_is_kept_of_the_request(
    house: House, admin: Client, make: Make
) -> None:
    path = f"/v1/people/{(await make.person()).id}/credentials"
    content = f'{{"username":"{word()}","password":"{word()}{word()}"}}'.encode()
    key = word()

    headers = {"idempotency-key": key, "content-type": "application/json"}
    first, second = [await admin.request("POST", path, content=content, headers=headers) for _ in range(2)]

    assert (first.status_code, second.headers["idempotent-replayed"]) == (201, "true")
    guess = hashlib.sha256(f"POST {path}?\n".encode() + content).digest()
    pool = house.service("team").database.pool
    assert await pool.fetchval("SELECT count(*) FROM idempotency WHERE request_digest = $1", guess) == 0


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_refused(house: House, token: str) -> None:
    answer = await house.stranger().get("/v1/sign-in/me", headers={"authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody-else"},
        {"aud": "somebody-else"},
        {"exp": 1},
        {"sub": "admin"},
        {"sub": str(new_id())},
        {"iat": 99_999_999_999},
    ],
)
async def test_a_token_that_says_something_else_is_refused(
    house: House, admin: Client, claims: dict[str, object]
) -> None:
    assert admin.person_id is not None
    client = house.sign_in(admin.person_id, **claims)

    assert (await client.get("/v1/sign-in/me")).status_code == 401


async def test_the_first_start_is_made_once(house: House, admin: Client) -> None:
    before = (await admin.done("GET", "/v1/org-chart"))["version"]

    await make_first_sign_ins(house.service("team"))

    assert (await admin.done("GET", "/v1/org-chart"))["version"] == before
    found = await admin.done("GET", "/v1/people?external_system=keyaccount&sort=name")
    assert [(item["name"], item["kind"], item["roles"]) for item in found["items"]] == [
        ("Administrator", "person", ["admin"]),
        ("Import", "machine", ["admin", "sales_operations"]),
    ]


async def test_another_provider_needs_no_first_sign_ins(tmp_path: Any) -> None:
    assert read_first_sign_ins(tmp_path) == []
