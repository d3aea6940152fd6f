"""Signing in from browsers, as far as the door has to do with it."""

from pathlib import Path

import httpx
import pytest

from tests.gateway.stand_ins import Running, StandIn, gateway_before, json_answer

AUTHORIZE = "/v1/sign-in/browser/authorize"
CONFIGURATION = "/v1/sign-in/browser/configuration"


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
async def test_clients_find_out_how_to_sign_in(
    stranger: httpx.AsyncClient, services: dict[str, StandIn], name: str
) -> None:
    services["team"].answers[CONFIGURATION] = json_answer({"issuer": "https://sales.example.com"})

    answer = await stranger.get(f"/.well-known/{name}")

    assert (answer.status_code, answer.json()) == (200, {"issuer": "https://sales.example.com"})
    assert (await stranger.post(f"/.well-known/{name}")).status_code == 405
    assert (await stranger.get("/.well-known/other")).status_code == 404


async def test_the_page_its_form_and_its_cookie_pass(
    stranger: httpx.AsyncClient, services: dict[str, StandIn], gateway: Running
) -> None:
    headers = {"Set-Cookie": "keyaccount-sign-in=x; HttpOnly", "Content-Security-Policy": "default-src 'none'"}
    services["team"].answers[AUTHORIZE] = json_answer({}, headers=headers)
    shown = await stranger.get(AUTHORIZE, params={"client_id": "portal", "state": "secret-state"})
    assert shown.headers["set-cookie"] == headers["Set-Cookie"]
    assert shown.headers["content-security-policy"] == "default-src 'none'"

    back = {"Location": "https://portal.example.com/back?code=secret-code"}
    services["team"].answers[AUTHORIZE] = json_answer({}, status=303, headers=back)
    form = {"username": "wang.fang", "password": "secret-password"}
    answer = await stranger.post(AUTHORIZE, data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, back["Location"])
    log = await gateway.written(answer.headers["Trace-Id"])
    assert f'"route":"{AUTHORIZE}"' in log or '"route":"/v1/sign-in"' in log
    for secret in ("secret-state", "secret-code", "secret-password", "wang.fang"):
        assert secret not in log


async def test_who_guesses_on_the_page_is_slowed_down_by_name_and_by_address(
    tmp_path: Path, services: dict[str, StandIn]
) -> None:
    services["team"].answers[AUTHORIZE] = json_answer({}, status=401)
    urls = {name: service.url for name, service in services.items()}
    rates = {"KEYACCOUNT_GATEWAY_USERNAME_RATE": "0.01/3", "KEYACCOUNT_GATEWAY_SIGN_IN_RATE": "0.01/6"}
    async with (
        gateway_before(urls, tmp_path / "log", **rates) as running,
        httpx.AsyncClient(base_url=running.url) as client,
    ):

        async def tried(name: str) -> tuple[int, str | None]:
            answer = await client.post(AUTHORIZE, data={"username": name, "password": "x", "client_id": "portal"})
            return answer.status_code, answer.json().get("policy") if answer.status_code == 429 else None

        outcomes = [await tried(name) for name in ("wang.fang", "Wang.Fang", "wang.fang", "wang.fang", "li.na")]
        outcomes += [await tried("li.na"), await tried("zhao.min")]
        assert (await client.get(AUTHORIZE)).status_code == 401, "the page itself can still be opened"

    assert outcomes == [(401, None)] * 3 + [(429, "username"), (401, None), (401, None), (429, "sign-in")]
