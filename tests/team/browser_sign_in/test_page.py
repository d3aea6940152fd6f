"""The sign-in page and its form."""

from typing import Any

import httpx
import pytest

from services.team.browser_sign_in.forms import LIFETIME
from tests.house import House
from tests.make import word
from tests.team.browser_sign_in.browser import AUTHORIZE, Browser, Page, browser_at, told


async def test_the_page_is_readable_without_style_and_runs_nothing(browser: Browser) -> None:
    answer = await browser.show(login_hint="wang.fang")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("script") == []
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    shown = [each for each in page.all("input") if each.get("type") != "hidden"]
    assert [each["name"] for each in shown] == ["username", "password"]
    assert [each["id"] for each in shown] == [label["for"] for label in page.all("label")]
    assert [each["autocomplete"] for each in shown] == ["username", "current-password"]
    assert shown[0]["value"] == "wang.fang"
    assert {"Sign in to Keyaccount", "portal", "Username", "Password", "Sign in"} <= set(page.words)
    assert page.all("form") == [{"method": "post", "action": AUTHORIZE}]


async def test_browsers_are_told_to_be_strict_with_it(browser: Browser) -> None:
    answer = await browser.show()

    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "script-src" not in policy
    assert "unsafe" not in str(policy)
    assert policy["form-action"] == "'self' https://portal.test"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_what_a_client_sends_is_shown_as_text(browser: Browser) -> None:
    answer = await browser.show(login_hint='"><script>alert(1)</script>', state="'\"><img src=x>")

    page = Page(answer.text)
    assert page.all("script") == page.all("img") == []
    assert page.hidden["state"] == "'\"><img src=x>"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"client_id": "nobody"}, "query:client_id"),
        ({"client_id": "keyaccount"}, "query:client_id"),
        ({"redirect_uri": "https://portal.test/back"}, "query:redirect_uri"),
        ({"redirect_uri": "https://portal.test/back?of=portal&x=1"}, "query:redirect_uri"),
        ({"redirect_uri": "https://portal.test/back?of=portal/"}, "query:redirect_uri"),
        ({"redirect_uri": "https://PORTAL.test/back?of=portal"}, "query:redirect_uri"),
        ({"redirect_uri": "http://127.0.0.1:5173/back"}, "query:redirect_uri"),
        ({"redirect_uri": None}, "query:redirect_uri"),
        ({"client_id": None}, "query:client_id"),
        ({"colour": "red"}, "query:colour"),
    ],
)
async def test_nobody_is_sent_where_no_client_is_registered(
    browser: Browser, given: dict[str, Any], pointer: str
) -> None:
    for answer in (await browser.show(**given), await browser.fill_in({"username": "a", "password": "b"}, **given)):
        if None in given.values() and answer.request.method == "POST":
            continue  # the form that we have shown holds it
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert answer.json()["errors"][0]["pointer"] in {pointer, pointer.replace("query:", "/")}
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_known_client_is_told_what_is_wrong(browser: Browser, given: dict[str, Any], error: str) -> None:
    answer = await browser.show(**given)

    assert answer.headers["location"].startswith("https://portal.test/back?of=portal&")
    heard = told(answer)
    assert (heard["error"], heard["state"], heard["iss"]) == (error, "a state & more", "keyaccount")
    assert "code" not in heard


async def test_an_unknown_name_and_a_wrong_password_are_not_told_apart(
    browser: Browser, credentials: dict[str, str]
) -> None:
    tries = [{**credentials, "password": word()}, {**credentials, "username": word()}, {"username": "import"}]
    texts, again = [], {}
    for given in tries:
        answer = await browser.fill_in({"password": word()} | given)
        assert answer.status_code == 401
        assert [each["role"] for each in Page(answer.text).all("p") if "role" in each] == ["alert"]
        shown = answer.text.replace(given["username"], "<name>")
        again = Page(answer.text).hidden
        texts.append(shown.replace(again["form_token"], "<token>"))
    assert texts[0] == texts[1] == texts[2]

    assert told(await browser.http.post(AUTHORIZE, data=again | credentials))["code"], "the page shown again works"


async def test_a_form_counts_only_as_it_was_shown_and_where(
    house: House, browser: Browser, credentials: dict[str, str]
) -> None:
    hidden = Page((await browser.show()).text).hidden

    async def sent(by: Browser, **given: Any) -> httpx.Response:
        return await by.http.post(AUTHORIZE, data=hidden | credentials | given)

    async with browser_at(house) as elsewhere:
        refused = [await sent(elsewhere)]
        await elsewhere.show()
        refused.append(await sent(elsewhere))
    refused += [await sent(browser, state="another"), await sent(browser, nonce="another")]
    forged = hidden["form_token"][:-8] + "AAAAAAA="
    refused += [await sent(browser, form_token=token) for token in ("", "x", "é", forged)]
    for answer in refused:
        assert answer.status_code == 403, answer.text
        assert Page(answer.text).hidden["form_token"]
        assert "location" not in answer.headers

    assert told(await sent(browser))["code"]
    house.clock.move(seconds=LIFETIME.total_seconds())
    assert (await sent(browser)).status_code == 403


async def test_a_second_page_in_the_same_browser_leaves_the_first_as_it_is(
    browser: Browser, credentials: dict[str, str]
) -> None:
    first = Page((await browser.show()).text).hidden
    await browser.show(state="second")

    assert told(await browser.http.post(AUTHORIZE, data=first | credentials))["state"] == "a state & more"
