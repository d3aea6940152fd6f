"""Refresh tokens, how long somebody stays signed in, signing out, and what the trail keeps of it."""

import asyncio
from typing import Any

from tests.house import Client, House
from tests.make import Make, word
from tests.team.browser_sign_in.browser import Browser, browser_at
from tests.team.browser_sign_in.test_codes import check_refused


async def steps_of(admin: Client, person: Client) -> list[tuple[str, Any]]:
    """Return what the person's trail keeps of signing in."""
    path = f"/v1/team/audit?aggregate=person&aggregate_id={person.id}&limit=500"
    items = (await admin.done("GET", path))["items"]
    entries = [each["after"] for each in items if each["table_name"] == "sign_in_event"]
    return [(each["step"], each["client_id"]) for each in entries]


async def test_a_refresh_token_is_exchanged_for_the_next(
    house: House, browser: Browser, person: Client, credentials: dict[str, str]
) -> None:
    tokens = await browser.sign_in(credentials)
    for _ in range(3):
        answer = await browser.refresh(tokens["refresh_token"])
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json()["refresh_token"] != tokens["refresh_token"]
        tokens = answer.json()
    signed_in = Client(house, person.person_id, tokens["access_token"])
    assert (await signed_in.get("/v1/sign-in/me")).status_code == 200


async def test_an_exchanged_token_that_comes_again_ends_the_session(
    house: House, browser: Browser, credentials: dict[str, str]
) -> None:
    old = (await browser.sign_in(credentials))["refresh_token"]
    new = (await browser.refresh(old)).json()["refresh_token"]
    house.clock.move(seconds=11)

    check_refused(await browser.refresh(old))

    check_refused(await browser.refresh(new))


async def test_of_many_refreshes_at_once_one_succeeds_and_the_session_goes_on(
    browser: Browser, credentials: dict[str, str]
) -> None:
    token = (await browser.sign_in(credentials))["refresh_token"]

    answers = await asyncio.gather(*(browser.refresh(token) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    for answer in answers:
        if answer.status_code == 400:
            check_refused(answer, "refresh_token_exchanged")
    (given,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await browser.refresh(given["refresh_token"])).status_code == 200


async def test_a_refresh_while_signing_out_leaves_nobody_signed_in(
    browser: Browser, credentials: dict[str, str]
) -> None:
    for _ in range(5):
        token = (await browser.sign_in(credentials))["refresh_token"]
        answer, out = await asyncio.gather(browser.refresh(token), browser.sign_out(token))
        assert out.status_code == 200
        if answer.status_code == 200:
            check_refused(await browser.refresh(answer.json()["refresh_token"]))


async def test_who_is_away_or_has_been_here_long_enough_signs_in_again(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    admin, person = await house.admin(), await make.person()
    credentials = {"username": word(), "password": f"{word()}{word()}"}
    await admin.done("POST", f"/v1/people/{person.id}/credentials", credentials)
    async with browser_at(house) as browser:
        token = (await browser.sign_in(credentials))["refresh_token"]
        house.clock.move(hours=4, seconds=1)
        check_refused(await browser.refresh(token))

        token = (await browser.sign_in(credentials))["refresh_token"]
        for _ in range(3):
            house.clock.move(hours=3, minutes=59)
            answer = await browser.refresh(token)
            assert answer.status_code == 200
            token = answer.json()["refresh_token"]
        house.clock.move(minutes=4)
        check_refused(await browser.refresh(token))
        house.clock.move(hours=5)
        await browser.sign_in(credentials)

    pool = house.service("team").database.pool
    assert await pool.fetchval("SELECT count(*) FROM sign_in_session") == 1, "what is over is forgotten"
    assert await pool.fetchval("SELECT count(*) FROM refresh_token") == 1
    assert await pool.fetchval("SELECT count(*) FROM authorization_code") == 1


async def test_new_credentials_and_leaving_sign_out(
    house: House, browser: Browser, admin: Client, person: Client, credentials: dict[str, str]
) -> None:
    token = (await browser.sign_in(credentials))["refresh_token"]
    changed = {**credentials, "password": f"{word()}{word()}"}
    await admin.done("POST", f"/v1/people/{person.id}/credentials", changed)
    check_refused(await browser.refresh(token))

    token = (await browser.sign_in(changed))["refresh_token"]
    await admin.done("POST", f"/v1/people/{person.id}/departures", {"on": str(house.clock().date())})
    await house.settle()
    check_refused(await browser.refresh(token))


async def test_who_signs_out_is_out_and_what_is_unknown_is_answered_alike(
    house: House, browser: Browser, credentials: dict[str, str]
) -> None:
    tokens = await browser.sign_in(credentials)
    async with browser_at(house, "other") as other:
        foreign = await other.sign_out(tokens["refresh_token"])
    assert (await browser.refresh(tokens["refresh_token"])).status_code == 200, "another client's word counts nothing"

    out = await browser.sign_out(tokens["refresh_token"], token_type_hint="refresh_token")

    unknown = await browser.sign_out("made-up")
    assert out.status_code == foreign.status_code == unknown.status_code == 200
    assert out.json() == foreign.json() == unknown.json()
    check_refused(await browser.refresh(tokens["refresh_token"]))


async def test_the_trail_keeps_who_signed_in_who_failed_and_what_was_stolen(
    house: House, browser: Browser, admin: Client, person: Client, credentials: dict[str, str]
) -> None:
    wrong = {**credentials, "password": word()}
    assert (await browser.fill_in(wrong)).status_code == 401
    form = {"grant_type": "password", **wrong}
    assert (await house.stranger().request("POST", "/v1/sign-in/token", data=form)).status_code == 401
    form = {"grant_type": "password", **credentials}
    assert (await house.stranger().request("POST", "/v1/sign-in/token", data=form)).status_code == 200
    code = await browser.code(credentials)
    await browser.redeem(code)
    await browser.redeem(code)
    tokens = await browser.sign_in(credentials)
    await browser.refresh(tokens["refresh_token"])
    house.clock.move(seconds=11)
    await browser.refresh(tokens["refresh_token"])
    await browser.sign_out((await browser.sign_in(credentials))["refresh_token"])

    assert await steps_of(admin, person) == [
        ("credentials_set", None),
        ("refused", "portal"),
        ("refused", None),
        ("signed_in", None),
        ("signed_in", "portal"),
        ("code_misused", "portal"),
        ("signed_in", "portal"),
        ("refresh_token_reused", "portal"),
        ("signed_in", "portal"),
        ("signed_out", "portal"),
    ]


async def test_names_that_nobody_has_fill_no_trail(house: House, browser: Browser) -> None:
    pool = house.service("team").database.pool
    rows = "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM sign_in_event)"
    before = await pool.fetchval(rows)

    assert (await browser.fill_in({"username": word(), "password": word()})).status_code == 401

    assert await pool.fetchval(rows) == before
