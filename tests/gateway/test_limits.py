"""What one client may ask for: how often, how many at once, how long a question; who may read the figures."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from gateway.rates import MOST_CLIENTS, Buckets
from tests.gateway.stand_ins import StandIn, gateway_before, json_answer
from tests.gateway.tokens import Signer

OTHER = "0190b5a0-0000-7000-8000-000000000002"
TOKEN = "/v1/sign-in/token"


@pytest.fixture(scope="module")
async def strict(
    standing: dict[str, StandIn], signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that allows little."""
    urls = {name: service.url for name, service in standing.items()}
    limits = {
        "KEYACCOUNT_GATEWAY_RATE": "0.2/5",
        "KEYACCOUNT_GATEWAY_SIGN_IN_RATE": "0.01/6",
        "KEYACCOUNT_GATEWAY_USERNAME_RATE": "0.01/2",
        "KEYACCOUNT_GATEWAY_ADDRESS_RATE": "0.01/8",
        "KEYACCOUNT_GATEWAY_AT_ONCE": "2",
        "KEYACCOUNT_TRUSTED_PROXIES": "127.0.0.1",
    }
    log = tmp_path_factory.mktemp("strict") / "log"
    async with gateway_before(urls, log, **limits) as running, httpx.AsyncClient(base_url=running.url) as client:
        yield client


def of(signer: Signer, person: str, address: str = "10.0.0.1") -> dict[str, str]:
    return {"authorization": f"Bearer {signer.token(sub=person)}", "x-forwarded-for": address}


async def test_a_client_that_asks_too_often_is_told_when_to_go_on(
    strict: httpx.AsyncClient, services: dict[str, StandIn], signer: Signer
) -> None:
    headers = of(signer, "0190b5a0-0000-7000-8000-0000000000a1")
    answers = [await strict.get("/v1/customers", headers=headers) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == ['"client";q=5;w=25'] * 6
    assert answers[0].headers["ratelimit"] == '"client";r=4;t=5'
    assert answers[4].headers["ratelimit"].startswith('"client";r=0;')
    refused = answers[5]
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["code"], refused.json()["policy"]) == ("too_many_requests", "client")
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert len(services["customer"].seen) == 5
    other = await strict.get("/v1/customers", headers=of(signer, "0190b5a0-0000-7000-8000-0000000000a2"))
    assert other.status_code == 200


async def test_too_many_at_once_is_one_clients_own_matter(
    strict: httpx.AsyncClient, services: dict[str, StandIn], signer: Signer
) -> None:
    arrived, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def waiting(_: web.Request) -> web.StreamResponse:
        arrived.release()
        await go_on.wait()
        return web.json_response({})

    services["customer"].answers["/v1/customers"] = waiting
    headers = of(signer, "0190b5a0-0000-7000-8000-0000000000b1")
    under_way = [asyncio.create_task(strict.get("/v1/customers", headers=headers)) for _ in range(2)]
    for _ in under_way:
        await arrived.acquire()
    refused = await strict.get("/v1/people", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_at_once")
    assert refused.headers["retry-after"] == "1"
    other = await strict.get("/v1/people", headers=of(signer, "0190b5a0-0000-7000-8000-0000000000b2"))
    assert other.status_code == 200
    go_on.set()
    assert [answer.status_code for answer in await asyncio.gather(*under_way)] == [200, 200]
    assert (await strict.get("/v1/people", headers=headers)).status_code == 200


async def test_guessing_a_password_is_slowed_down_by_name_and_by_address(
    strict: httpx.AsyncClient, services: dict[str, StandIn]
) -> None:
    async def try_name(name: str, address: str) -> httpx.Response:
        form = {"grant_type": "password", "username": name, "password": "x"}
        return await strict.post(TOKEN, data=form, headers={"x-forwarded-for": address})

    services["team"].answers[TOKEN] = json_answer({"code": "sign_in_refused"}, 401)
    answers = [await try_name("Ada", f"10.1.0.{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].json()["policy"] == "username"
    assert (await try_name("ADA", "10.1.0.9")).status_code == 429, "names are told apart as team does"

    services["team"].answers[TOKEN] = json_answer({"access_token": "t"})
    by_address = [(await try_name(f"somebody-{number}", "10.2.0.1")).status_code for number in range(7)]
    assert by_address == [200] * 6 + [429]
    assert (await try_name("somebody", "10.2.0.2")).status_code == 200


async def test_a_sign_in_in_pieces_is_looked_at_too(strict: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    async def pieces(size: int) -> AsyncIterator[bytes]:
        yield b"grant_type=password&user"
        yield b"name=grace&password=" + b"x" * size

    services["team"].answers[TOKEN] = json_answer({}, 401)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-forwarded-for": "10.3.0.1"}
    statuses = [(await strict.post(TOKEN, content=pieces(5), headers=headers)).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert (await strict.post(TOKEN, content=pieces(100_000), headers=headers)).status_code == 413


async def test_made_up_tokens_are_not_verified_for_ever(strict: httpx.AsyncClient, services: object) -> None:
    statuses = [
        (
            await strict.get(
                "/v1/people", headers={"authorization": f"Bearer x.{number}", "x-forwarded-for": "2001:db8::1"}
            )
        ).status_code
        for number in range(9)
    ]
    assert statuses == [401] * 8 + [429]
    neighbour = {"authorization": "Bearer y", "x-forwarded-for": "2001:db8::ffff"}
    assert (await strict.get("/v1/people", headers=neighbour)).status_code == 429, "one customer has a whole /64"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("q=" + "x" * 9000, 414, "query_too_long"),
        ("&".join(f"stage={number}" for number in range(101)), 400, "too_many_parameters"),
    ],
)
async def test_a_question_has_bounds(client: httpx.AsyncClient, query: str, status: int, code: str) -> None:
    answer = await client.get(f"/v1/customers?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_no_limit_when_switched_off(
    tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    urls = {name: service.url for name, service in services.items()}
    async with (
        gateway_before(urls, tmp_path / "log", KEYACCOUNT_GATEWAY_RATE="off") as running,
        httpx.AsyncClient(base_url=running.url) as client,
    ):
        assert "ratelimit" not in (await client.get("/v1/customers", headers=authorization)).headers


async def test_figures_are_for_who_is_near(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    route = {"Matched-Route": "/v1/customers/{customer_id}"}
    services["customer"].answers["/v1/customers/7"] = json_answer({}, headers=route)
    assert "matched-route" not in (await client.get("/v1/customers/7")).headers
    assert (await client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"})).status_code == 404
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    labels = 'method="GET",route="/v1/customers/{customer_id}",status="2xx"'
    assert f"keyaccount_request_seconds_count{{{labels}}}" in answer.text
    assert 'keyaccount_breaker_open{peer="forecast"} 0.0' in answer.text
    assert 'keyaccount_rate_limited_total{policy="client"} 0.0' in answer.text
    assert "process_resident_memory_bytes" in answer.text
    assert "customers/7" not in answer.text


def test_the_table_of_clients_is_bounded_and_keeps_who_comes() -> None:
    now = [0.0]
    buckets = Buckets("client", 1, 2, now=lambda: now[0])
    assert [buckets.take("busy").passes for _ in range(3)] == [True, True, False]
    for number in range(MOST_CLIENTS):
        buckets.take(str(number))
    assert not buckets.take("busy").passes
    now[0] = 1.0
    assert buckets.take("busy").passes
    for number in range(5 * MOST_CLIENTS):
        buckets.take(f"other {number}")
    assert len(buckets._young) + len(buckets._old) <= 2 * MOST_CLIENTS
