"""A service that is frozen costs the first callers one short wait, later ones nothing, and others nothing at all."""

import asyncio
import time
from pathlib import Path

import httpx
from aiohttp import web

from tests.gateway.stand_ins import StandIn, gateway_before

SILENCE = 0.5


async def hanging(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def timed(client: httpx.AsyncClient, path: str) -> tuple[int, float]:
    began = time.monotonic()
    answer = await client.get(path)
    return answer.status_code, time.monotonic() - began


async def test_a_frozen_service(tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str]) -> None:
    urls = {name: service.url for name, service in services.items()}
    async with (
        gateway_before(urls, tmp_path / "log", KEYACCOUNT_GATEWAY_SILENCE=str(SILENCE)) as running,
        httpx.AsyncClient(base_url=running.url, headers=authorization, timeout=30) as client,
    ):
        forecast = services["forecast"]
        forecast.answers |= {"/v1/forecasts": hanging, "/health/live": hanging, "/health/ready": hanging}
        first, others = await asyncio.gather(
            asyncio.gather(*(timed(client, "/v1/forecasts") for _ in range(4))), timed(client, "/v1/customers")
        )
        assert {status for status, _ in first} == {504}
        assert max(seconds for _, seconds in first) < SILENCE + 2
        assert others[0] == 200

        for _ in range(5):
            answer = await client.get("/v1/forecasts")
            assert (answer.status_code, answer.json()["peer"]) == (503, "forecast")
            assert answer.headers["Retry-After"] == "1"
            assert answer.elapsed.total_seconds() < 0.3
        report = (await client.get("/health")).json()
        assert report["services"]["forecast"]["breaker"] == "open"
        assert report["services"]["customer"]["breaker"] == "closed"

        forecast.answers.clear()
        async with asyncio.timeout(1.5):
            while (await client.get("/v1/forecasts")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_a_slow_answer_of_a_service_that_lives_is_waited_for(
    tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.json_response({})

    urls = {name: service.url for name, service in services.items()}
    services["forecast"].answers["/v1/forecasts"] = slow
    async with (
        gateway_before(urls, tmp_path / "log", KEYACCOUNT_GATEWAY_SILENCE=str(SILENCE)) as running,
        httpx.AsyncClient(base_url=running.url, headers=authorization, timeout=30) as client,
    ):
        assert (await timed(client, "/v1/forecasts"))[0] == 200


async def test_services_hear_how_long_an_answer_is_waited_for(
    client: httpx.AsyncClient, services: dict[str, StandIn]
) -> None:
    await client.get("/v1/customers", headers={"Deadline-Ms": "1"})
    await client.post("/v1/customers", json={})
    assert [seen.all_of("deadline-ms") for seen in services["customer"].seen] == [["30000"], ["30000"]]
