"""Pages of other origins: who may call, what they may send and see."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.settings import SettingInvalid, settings_from
from servicekit.run.sign_in import is_origin
from tests.gateway.stand_ins import ROOT, Running, StandIn, gateway_before, json_answer

PORTAL = "https://portal.example.com"
LOCAL = "http://localhost:5173"
ELSEWHERE = "https://portal.example.com.evil.example"


@pytest.fixture(scope="module")
async def opened(standing: dict[str, StandIn], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    log = tmp_path_factory.mktemp("origins") / "log"
    urls = {name: service.url for name, service in standing.items()}
    async with gateway_before(urls, log, KEYACCOUNT_ALLOWED_ORIGINS=f"{PORTAL}, {LOCAL}") as running:
        yield running


@pytest.fixture
async def page(opened: Running, services: dict[str, StandIn]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=opened.url, timeout=30) as client:
        yield client


def told(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def names_in(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


def preflight(origin: str | None, method: str = "PATCH") -> dict[str, str]:
    headers = {"access-control-request-method": method, "access-control-request-headers": "authorization,if-match"}
    return headers | ({"origin": origin} if origin else {})


@pytest.mark.parametrize("origin", [PORTAL, LOCAL])
async def test_a_preflight_is_answered_at_the_door(
    page: httpx.AsyncClient, services: dict[str, StandIn], origin: str
) -> None:
    answer = await page.options("/v1/customers/1", headers=preflight(origin))

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert {"get", "post", "put", "patch", "delete"} <= names_in(answer.headers["access-control-allow-methods"])
    sent = {"authorization", "content-type", "idempotency-key", "if-match", "on-behalf-of", "prefer"}
    assert sent <= names_in(answer.headers["access-control-allow-headers"])
    assert "origin" in names_in(answer.headers["vary"])
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["trace-id"]
    assert all(service.seen == [] for service in services.values())


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "https://portal.example.com:444", PORTAL.upper(), None])
async def test_a_preflight_from_elsewhere_is_refused(
    page: httpx.AsyncClient, services: dict[str, StandIn], origin: str | None
) -> None:
    answer = await page.options("/v1/customers/1", headers=preflight(origin))

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert "KEYACCOUNT_ALLOWED_ORIGINS" in answer.json()["detail"]
    assert told(answer) == {}
    assert "origin" in names_in(answer.headers["vary"])
    assert services["customer"].seen == []


async def test_an_answer_is_shown_to_an_allowed_page(
    page: httpx.AsyncClient, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    headers = {"ETag": '"3"', "Location": "/v1/customers/2", "Vary": "Accept"}
    services["customer"].answers["/v1/customers"] = json_answer({}, headers=headers)

    answer = await page.get("/v1/customers", headers={"origin": PORTAL} | authorization)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PORTAL
    shown = names_in(answer.headers["access-control-expose-headers"])
    assert {"etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "preference-applied"} <= shown
    assert names_in(answer.headers["vary"]) == {"accept", "origin"}
    assert answer.headers["etag"] == '"3"'


async def test_a_refusal_and_a_limit_are_shown_too(page: httpx.AsyncClient) -> None:
    for path, status in (("/v1/customers", 401), ("/v1/nothing", 404), ("/health/live", 200)):
        answer = await page.get(path, headers={"origin": LOCAL})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, LOCAL)


async def test_other_origins_get_none(page: httpx.AsyncClient, authorization: dict[str, str]) -> None:
    for headers in ({}, {"origin": ELSEWHERE}, {"origin": "null"}):
        answer = await page.get("/v1/customers", headers=headers | authorization)
        assert (answer.status_code, told(answer)) == (200, {})
        assert names_in(answer.headers["vary"]) == {"origin"}
    two = [("origin", PORTAL), ("origin", ELSEWHERE), *authorization.items()]
    assert told(await page.get("/v1/customers", headers=two)) == {}


async def test_without_allowed_origins_nothing_is_added(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/customers", headers={"origin": PORTAL})
    asked = await client.options("/v1/customers", headers=preflight(PORTAL))

    assert (told(answer), answer.headers.get("vary")) == ({}, None)
    assert (told(asked), asked.headers.get("vary")) == ({}, None)


@pytest.mark.parametrize(
    "origin", ["https://a.example", "http://localhost:3000", "https://a.example:8443", "http://[::1]:8080"]
)
def test_origins_that_browsers_send(origin: str) -> None:
    assert is_origin(origin)
    assert origin in settings_from({"KEYACCOUNT_ALLOWED_ORIGINS": f"https://b.example , {origin}"}).allowed_origins


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.example.com",
        "https://a.example/",
        "https://a.example/app",
        "https://A.example",
        "https://a.example:443",
        "http://a.example:80",
        "https://user@a.example",
        "https://a.example?x",
        "https://a b.example",
        "https://ä.example",
        "a.example",
        "ftp://a.example",
        "https://",
        "https://[::1",
        "https://a.example:99999",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    assert not is_origin(origin)
    with pytest.raises(SettingInvalid, match="KEYACCOUNT_ALLOWED_ORIGINS"):
        settings_from({"KEYACCOUNT_ALLOWED_ORIGINS": f"https://b.example,{origin}"})


def test_the_gateway_says_so_and_does_not_start(tmp_path: Path) -> None:
    environment = {"KEYACCOUNT_ALLOWED_ORIGINS": "*", "KEYACCOUNT_HOME": str(tmp_path)}

    ended = subprocess.run(
        [sys.executable, "-m", "gateway"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 2
    assert "KEYACCOUNT_ALLOWED_ORIGINS" in ended.stdout + ended.stderr
    assert "'*'" in ended.stdout + ended.stderr
