"""Bodies pass in both directions as they come: 50 MB cost no memory, a slow reader slows the writer."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from tests.gateway.stand_ins import Running, StandIn, gateway_before, head

MEGABYTE = 1024 * 1024
FIFTY = 50
GROWTH = 16 * MEGABYTE


@pytest.fixture(scope="module")
async def wide(standing: dict[str, StandIn], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A gateway that takes bodies of 64 MB."""
    urls = {name: service.url for name, service in standing.items()}
    log = tmp_path_factory.mktemp("wide") / "log"
    async with gateway_before(urls, log, KEYACCOUNT_GATEWAY_BODY_LIMIT=str(64 * MEGABYTE)) as running:
        yield running


async def megabytes(number: int) -> AsyncIterator[bytes]:
    for index in range(number):
        yield bytes([index % 251]) * MEGABYTE


def digest_of(number: int) -> str:
    digest = hashlib.sha256()
    for index in range(number):
        digest.update(bytes([index % 251]) * MEGABYTE)
    return digest.hexdigest()


@pytest.mark.parametrize("sized", [True, False], ids=["content-length", "chunked"])
async def test_a_large_body_goes_up(
    wide: Running, services: dict[str, StandIn], authorization: dict[str, str], sized: bool
) -> None:
    headers = authorization | ({"Content-Length": str(FIFTY * MEGABYTE)} if sized else {})
    async with httpx.AsyncClient(base_url=wide.url, timeout=60) as client:
        await client.post("/v1/customers/batches", content=megabytes(1), headers=authorization)
        before = wide.memory()
        answer = await client.post("/v1/customers/batches", content=megabytes(FIFTY), headers=headers)

    assert answer.json() == {"service": "customer", "size": FIFTY * MEGABYTE, "sha256": digest_of(FIFTY)}
    assert wide.memory() - before < GROWTH
    assert services["customer"].seen[-1].all_of("Transfer-Encoding") == ([] if sized else ["chunked"])


async def test_a_large_answer_comes_down(
    wide: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    async def large(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        async for chunk in megabytes(FIFTY):
            await answer.write(chunk)
        return answer

    services["forecast"].answers["/v1/demand-plans/1/lines"] = large
    digest, size, before = hashlib.sha256(), 0, wide.memory()
    async with (
        httpx.AsyncClient(base_url=wide.url, timeout=60, headers=authorization) as client,
        client.stream("GET", "/v1/demand-plans/1/lines") as answer,
    ):
        async for chunk in answer.aiter_raw():
            digest.update(chunk)
            size += len(chunk)

    assert (size, digest.hexdigest()) == (FIFTY * MEGABYTE, digest_of(FIFTY))
    assert wide.memory() - before < GROWTH


async def test_an_answer_arrives_while_it_is_made(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    go_on = asyncio.Event()

    async def in_two_parts(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await go_on.wait()
        await answer.write(b"second")
        return answer

    services["customer"].answers["/v1/customer/events"] = in_two_parts
    async with client.stream("GET", "/v1/customer/events") as answer, asyncio.timeout(5):
        parts = answer.aiter_raw()
        assert await anext(parts) == b"first"
        go_on.set()
        assert await anext(parts) == b"second"


async def test_a_slow_reader_slows_the_service(
    client: httpx.AsyncClient, gateway: Running, services: dict[str, StandIn]
) -> None:
    written = 0

    async def large(request: web.Request) -> web.StreamResponse:
        nonlocal written
        answer = web.StreamResponse()
        await answer.prepare(request)
        async for chunk in megabytes(FIFTY):
            await answer.write(chunk)
            written += len(chunk)
        return answer

    services["customer"].answers["/v1/customers"] = large
    before = gateway.memory()
    async with client.stream("GET", "/v1/customers"):
        await asyncio.sleep(0.7)
        assert written < 25 * MEGABYTE, "what nobody reads must not be fetched (the rest are the sockets' buffers)"
        assert gateway.memory() - before < GROWTH


async def test_a_slow_service_slows_the_writer(
    client: httpx.AsyncClient, gateway: Running, services: dict[str, StandIn]
) -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        async for chunk in megabytes(30):
            taken += len(chunk)
            yield chunk

    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.7)
        taken_before_reading.append(taken)
        await request.read()
        return web.json_response({})

    taken_before_reading: list[int] = []
    services["customer"].answers["/v1/customers"] = slow
    before = gateway.memory()
    assert (await client.post("/v1/customers", content=body())).status_code == 200
    assert taken_before_reading[0] < 25 * MEGABYTE
    assert gateway.memory() - before < GROWTH


async def refused_whole(answer: httpx.Response) -> None:
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Connection"] == "close"
    assert answer.json()["code"] == "body_too_large"
    assert answer.json()["limit_bytes"] == 32 * MEGABYTE


async def test_a_hundred_megabytes_are_refused_by_their_length(
    client: httpx.AsyncClient, gateway: Running, services: dict[str, StandIn]
) -> None:
    before = gateway.memory()
    answer = await client.post("/v1/customers", content=megabytes(100), headers={"Content-Length": str(100 * MEGABYTE)})
    await refused_whole(answer)
    assert services["customer"].seen == []
    assert gateway.memory() - before < GROWTH


async def test_a_hundred_megabytes_without_a_length_are_refused_on_the_way(
    client: httpx.AsyncClient, gateway: Running, services: dict[str, StandIn]
) -> None:
    whole = False

    async def take(request: web.Request) -> web.StreamResponse:
        nonlocal whole
        async for _ in request.content.iter_any():
            pass
        whole = True
        return web.json_response({})

    services["customer"].answers["/v1/customers"] = take
    before = gateway.memory()
    await refused_whole(await client.post("/v1/customers", content=megabytes(100)))
    await asyncio.sleep(0.1)
    assert not whole, "the service must not take a body that was cut for a whole one"
    assert gateway.memory() - before < GROWTH
    assert (await client.get("/v1/customers/1")).status_code == 200


async def test_who_asks_first_need_not_send_it(
    gateway: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    token = f"Authorization: {authorization['Authorization']}"
    writer.write(head("POST /v1/customers", token, "Expect: 100-continue", f"Content-Length: {100 * MEGABYTE}"))
    async with asyncio.timeout(3):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()

    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(head("POST /v1/customers", token, "Expect: 100-continue", "Content-Length: 2", "Connection: close"))
    async with asyncio.timeout(3):
        assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        writer.write(b"{}")
        assert b"HTTP/1.1 200 " in await reader.read()
    writer.close()
    await writer.wait_closed()
    assert services["customer"].seen[-1].all_of("Expect") == []


async def test_limit_is_exact(tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str]) -> None:
    urls = {name: service.url for name, service in services.items()}
    async with (
        gateway_before(urls, tmp_path / "log", KEYACCOUNT_GATEWAY_BODY_LIMIT="100000") as running,
        httpx.AsyncClient(base_url=running.url, headers=authorization) as client,
    ):

        async def in_parts(size: int) -> AsyncIterator[bytes]:
            yield b"x" * 5
            await asyncio.sleep(0.02)
            yield b"x" * (size - 5)

        for body in (lambda size: b"x" * size, in_parts):
            assert (await client.post("/v1/customers", content=body(100_000))).status_code == 200
            assert (await client.post("/v1/customers", content=body(100_001))).status_code == 413


async def test_a_service_that_takes_nothing(
    impatient: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    async def deaf(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(20)
        return web.json_response({})

    services["customer"].answers["/v1/customers"] = deaf
    async with (
        asyncio.timeout(5),
        httpx.AsyncClient(base_url=impatient.url, headers=authorization, timeout=10) as client,
    ):
        answer = await client.post("/v1/customers", content=megabytes(30))
    assert answer.status_code == 504
    assert answer.json()["code"] == "deadline_passed"


async def test_a_client_that_reads_nothing_is_cut(
    impatient: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    ended = asyncio.Event()

    async def large(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        try:
            await answer.prepare(request)
            async for chunk in megabytes(FIFTY):
                await answer.write(chunk)
        finally:
            ended.set()
        return answer

    services["customer"].answers["/v1/customers"] = large
    token = f"Authorization: {authorization['Authorization']}"
    _, writer = await asyncio.open_connection("127.0.0.1", impatient.port)
    writer.write(head("GET /v1/customers", token))
    async with asyncio.timeout(5):
        await ended.wait()
    await impatient.written('"outcome":"answer_cut"')
    writer.transport.abort()
