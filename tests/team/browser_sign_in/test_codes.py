"""Codes, and what they are exchanged for."""

import asyncio
import base64
import hashlib
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from servicekit.run.sign_in import ProviderSettings, SignInSettings
from tests.house import Client, House
from tests.make import word
from tests.team.browser_sign_in.browser import Browser, browser_at, told


def check_refused(answer: httpx.Response, code: str = "grant_refused") -> None:
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (400, code, "invalid_grant")


async def test_a_code_becomes_tokens_that_open_the_house(
    house: House, browser: Browser, person: Client, credentials: dict[str, str]
) -> None:
    answer = await browser.fill_in(credentials)
    heard = told(answer)
    assert answer.headers["location"].startswith("https://portal.test/back?of=portal&code=")
    assert answer.headers["cache-control"] == "no-store"
    assert (heard["state"], heard["iss"]) == ("a state & more", "keyaccount")

    redeemed = await browser.redeem(heard["code"])

    assert (redeemed.status_code, redeemed.headers["cache-control"]) == (200, "no-store")
    tokens = redeemed.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    signed_in = Client(house, person.person_id, tokens["access_token"])
    assert (await signed_in.done("GET", "/v1/sign-in/me"))["person_id"] == person.id


async def test_tokens_say_what_openid_connect_has_them_say(
    house: House, browser: Browser, person: Client, credentials: dict[str, str]
) -> None:
    tokens = await browser.sign_in(credentials)
    keys = KeySet.import_key_set((await house.stranger().get("/v1/sign-in/keys")).json())

    access = jwt.decode(tokens["access_token"], keys, algorithms=["Ed25519"]).claims
    identity = jwt.decode(tokens["id_token"], keys, algorithms=["Ed25519"]).claims

    assert (access["sub"], access["client_id"], access["exp"] - access["iat"]) == (person.id, "portal", 900)
    assert (identity["iss"], identity["aud"], identity["sub"]) == ("keyaccount", "portal", person.id)
    assert identity["nonce"] == "a nonce"
    half = hashlib.sha512(tokens["access_token"].encode()).digest()[:32]
    assert identity["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    as_access = Client(house, person.person_id, tokens["id_token"])
    assert (await as_access.get("/v1/sign-in/me")).status_code == 401, "an ID token opens nothing"


@pytest.mark.parametrize(
    "given",
    [
        {"code_verifier": "another-verifier-of-the-right-length-0123456789"},
        {"client_id": "other", "redirect_uri": "http://127.0.0.1:5173/back"},
        {"code": "made-up"},
    ],
)
async def test_a_code_is_bound_to_whom_it_was_given(
    browser: Browser, credentials: dict[str, str], given: dict[str, str]
) -> None:
    code = await browser.code(credentials)

    check_refused(await browser.redeem(**{"code": code, **given}))

    again = await browser.redeem(code)
    if "code" in given:
        assert again.status_code == 200
    else:
        check_refused(again)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"client_id": "nobody"}, "/client_id"),
        ({"redirect_uri": "https://portal.test/back"}, "/redirect_uri"),
        ({"code_verifier": "short"}, "/code_verifier"),
        ({"code_verifier": ""}, ""),
        ({"grant_type": "password"}, "/grant_type"),
        ({"client_secret": "x"}, "/client_secret"),
    ],
)
async def test_a_form_that_is_not_as_it_should_be_takes_nothing(
    browser: Browser, credentials: dict[str, str], given: dict[str, Any], pointer: str
) -> None:
    code = await browser.code(credentials)

    answer = await browser.redeem(code, **given)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert (await browser.redeem(code)).status_code == 200


async def test_a_code_lives_for_a_minute(house: House, browser: Browser, credentials: dict[str, str]) -> None:
    code = await browser.code(credentials)
    house.clock.move(seconds=61)

    check_refused(await browser.redeem(code))


async def test_a_code_that_comes_twice_takes_back_what_it_gave(browser: Browser, credentials: dict[str, str]) -> None:
    code = await browser.code(credentials)
    tokens = (await browser.redeem(code)).json()

    check_refused(await browser.redeem(code))

    check_refused(await browser.refresh(tokens["refresh_token"]))


async def test_libraries_for_oauth_read_why(browser: Browser) -> None:
    """They take plain JSON only, and say so."""
    for accept, media_type in (("application/json", "application/json"), ("*/*", "application/problem+json")):
        browser.http.headers["accept"] = accept
        answer = await browser.refresh("made-up")
        check_refused(answer)
        assert answer.headers["content-type"] == media_type


async def test_of_many_redemptions_at_once_one_succeeds(browser: Browser, credentials: dict[str, str]) -> None:
    code = await browser.code(credentials)

    answers = await asyncio.gather(*(browser.redeem(code) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    for answer in answers:
        if answer.status_code == 400:
            check_refused(answer)
    (given,) = [answer.json() for answer in answers if answer.status_code == 200]
    check_refused(await browser.refresh(given["refresh_token"]))


async def test_neither_code_nor_token_is_kept(house: House, browser: Browser, credentials: dict[str, str]) -> None:
    """Nor are they kept for a repetition with an Idempotency-Key: it is answered anew, and a code counts once."""
    browser.http.headers["idempotency-key"] = word()
    answer = await browser.fill_in(credentials)
    code = told(answer)["code"]
    tokens = (await browser.redeem(code)).json()
    check_refused(await browser.redeem(code))

    pool = house.service("team").database.pool
    for table in ("authorization_code", "refresh_token", "sign_in_session", "audit", "idempotency", "outbox", "feed"):
        kept = "".join(row[0] for row in await pool.fetch(f'SELECT row::text FROM "{table}" AS row'))
        for secret in (code, tokens["refresh_token"], tokens["access_token"], credentials["password"]):
            assert secret not in kept, table
            assert secret.encode().hex() not in kept, table


async def test_where_another_provider_signs_people_in_the_page_is_off(
    house: House, browser: Browser, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await browser.sign_in(credentials)
    service = house.service("team")
    off = SignInSettings(provider=ProviderSettings("https://sso.example.com", "keyaccount"), passwords=False)
    monkeypatch.setattr(service, "settings", replace(service.settings, sign_in=off))

    for answer in (await browser.show(), await browser.refresh(tokens["refresh_token"])):
        assert (answer.status_code, answer.json()["code"]) == (409, "passwords_off")
        assert "https://sso.example.com" in answer.json()["detail"]


async def test_over_tls_the_cookie_is_the_hosts_alone(
    house: House, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = house.service("team")
    public = replace(service.settings.sign_in, public_url="https://sales.example.com")
    monkeypatch.setattr(service, "settings", replace(service.settings, sign_in=public))

    cookie = (await browser.show()).headers["set-cookie"]
    told_by = (await browser.http.get("/v1/sign-in/browser/configuration")).json()

    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert told_by["issuer"] == "https://sales.example.com"
    assert told_by["authorization_endpoint"] == "https://sales.example.com/v1/sign-in/browser/authorize"
    assert told_by["jwks_uri"] == "https://sales.example.com/v1/sign-in/keys"
    assert told_by["code_challenge_methods_supported"] == ["S256"]


async def test_each_browser_client_has_its_own(house: House, credentials: dict[str, str]) -> None:
    async with browser_at(house, "other") as other:
        tokens = await other.sign_in(credentials)
    async with browser_at(house) as portal:
        check_refused(await portal.refresh(tokens["refresh_token"]))
    async with browser_at(house, "other") as other:
        assert (await other.refresh(tokens["refresh_token"])).status_code == 200
