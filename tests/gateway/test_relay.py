import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from tests.gateway.stand_ins import Running, StandIn, free_port, gateway_before, head, json_answer, raw

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_request_goes_on_as_it_is(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    body = b'{"name": "\xe9\x92\xa2"}'
    answer = await client.post(
        "/v1/opportunities/by-reference/crm/A%2F1?stage=close&stage=x&q=a%20b+c&empty=",
        content=body,
        headers={
            b"Idempotency-Key": b"k-1",
            b"If-Match": b'"3"',
            b"On-Behalf-Of": b"somebody",
            b"X-Note": "é".encode(),
        },
    )

    assert answer.json() == {"service": "opportunity", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    seen = services["opportunity"].seen[0]
    assert seen.method == "POST"
    assert seen.target == "/v1/opportunities/by-reference/crm/A%2F1?stage=close&stage=x&q=a%20b+c&empty="
    assert seen.all_of("Idempotency-Key") == ["k-1"]
    assert seen.all_of("If-Match") == ['"3"']
    assert seen.all_of("On-Behalf-Of") == ["somebody"]
    assert seen.all_of("X-Note") == ["é"]
    assert seen.all_of("Content-Length") == [str(len(body))]
    assert seen.all_of("Content-Type") == []
    assert seen.all_of("Host") == [f"127.0.0.1:{services['opportunity'].port}"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method(client: httpx.AsyncClient, services: dict[str, StandIn], method: str) -> None:
    answer = await client.request(method, "/v1/people/1")
    assert answer.status_code == 200
    assert services["team"].seen[-1].method == method


async def test_an_answer_comes_back_as_it_is(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        given = web.Response(
            status=409, body=b"\x1f\x8b not really", headers={"ETag": '"4"', "Content-Encoding": "gzip"}
        )
        given.headers.extend({"Connection": "X-Between-Us", "X-Between-Us": "1", "Keep-Alive": "timeout=5"})
        given.headers.add("Set-Cookie", "a=1")
        given.headers.add("Set-Cookie", "b=2")
        given.headers["Trace-Id"] = "theirs"
        return given

    services["forecast"].answers["/v1/forecasts"] = answer
    async with client.stream("GET", "/v1/forecasts", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}) as got:
        assert b"".join([chunk async for chunk in got.aiter_raw()]) == b"\x1f\x8b not really"
    assert got.status_code == 409
    assert got.headers["ETag"] == '"4"'
    assert got.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    assert "X-Between-Us" not in got.headers
    assert "Keep-Alive" not in got.headers
    assert got.headers.get_list("Trace-Id") == [TRACE]
    assert len(got.headers.get_list("Date")) == 1


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_body(client: httpx.AsyncClient, services: dict[str, StandIn], status: int) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    services["team"].answers["/v1/people"] = answer
    assert (await client.get("/v1/people")).status_code == status
    assert (await client.get("/v1/people")).status_code == status


async def test_redirects_are_the_clients_matter(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    services["team"].answers["/v1/people"] = json_answer({}, 307, {"Location": "/v1/stand-ins"})
    answer = await client.get("/v1/people")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/v1/stand-ins")


async def test_trace_of_the_client_is_kept(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    answer = await client.get(
        "/v1/people", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "tracestate": "a=1"}
    )

    assert answer.headers["Trace-Id"] == TRACE
    (parent,) = services["team"].seen[-1].all_of("traceparent")
    assert parent.startswith(f"00-{TRACE}-")
    assert "00f067aa0ba902b7" not in parent
    assert services["team"].seen[-1].all_of("tracestate") == ["a=1"]


async def test_headers_between_neighbours_stay(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    await client.get(
        "/v1/people",
        headers={
            "Connection": "keep-alive, X-Secret",
            "X-Secret": "1",
            "Keep-Alive": "timeout=5",
            "TE": "trailers",
            "Proxy-Authorization": "Basic x",
            "Upgrade": "h2c",
            "Trace-Id": "mine",
            "X-Forwarded-For": "10.0.0.1",
            "X-Forwarded-Host": "evil",
            "Forwarded": "for=10.0.0.1",
            "Org-Chart-Version": "999999",
        },
    )

    names = {name.lower() for name, _ in services["team"].seen[-1].headers}
    assert names == {
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "traceparent",
        "deadline-ms",
    } | (names & {"org-chart-version"})
    assert services["team"].seen[-1].all_of("Org-Chart-Version") != ["999999"]


async def test_highest_org_chart_version_is_passed_on(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    for version in ("7001", "7003", "7002", "x", "-9", "9" * 30):
        services["team"].answers["/v1/org-chart"] = json_answer({}, headers={"Org-Chart-Version": version})
        assert (await client.get("/v1/org-chart")).headers["Org-Chart-Version"] == version

    await client.get("/v1/customers", headers={"Org-Chart-Version": "1"})
    assert services["customer"].seen[-1].all_of("Org-Chart-Version") == ["7003"]


async def test_a_service_that_is_down_is_named_at_once(
    tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    urls = {name: service.url for name, service in services.items()} | {"forecast": f"http://127.0.0.1:{free_port()}"}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        for method in ("GET", "POST"):
            async with asyncio.timeout(1):
                answer = await client.request(method, "/v1/forecasts", headers=authorization)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert answer.json()["code"] == "peer_unavailable"
            assert answer.json()["peer"] == "forecast"
        assert (await client.get("/v1/customers", headers=authorization)).status_code == 200


async def test_an_answer_that_breaks_off_is_cut(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    async def chunked(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        await answer.write(b"a" * 1000)
        await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.close()
        return answer

    async def counted(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "5000"})
        await answer.prepare(request)
        await answer.write(b"a" * 1000)
        assert request.transport is not None
        request.transport.abort()
        return answer

    services["customer"].answers |= {"/v1/customers/chunked": chunked, "/v1/customers/counted": counted}
    for form in ("chunked", "counted"):
        with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
            await client.get(f"/v1/customers/{form}")
    assert (await client.get("/v1/customers")).status_code == 200


async def dropped(request: web.Request) -> web.StreamResponse:
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_change_is_never_repeated(client: httpx.AsyncClient, services: dict[str, StandIn], method: str) -> None:
    asked = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await dropped(request)

    assert (await client.get("/v1/contacts")).status_code == 200  # a connection that is used again
    services["customer"].answers["/v1/contacts"] = answer
    got = await client.request(method, "/v1/contacts", content=b"{}")

    assert got.status_code == 502
    assert got.json()["code"] == "answer_lost"
    assert got.json()["peer"] == "customer"
    assert "Idempotency-Key" in got.json()["detail"]
    assert asked == 1


async def test_a_read_is_repeated_once(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    asked = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await dropped(request) if asked == 1 else web.json_response({"asked": asked})

    services["customer"].answers["/v1/contacts"] = answer
    assert (await client.get("/v1/contacts")).json() == {"asked": 2}


async def test_connections_survive_a_restart_of_the_service(
    client: httpx.AsyncClient, services: dict[str, StandIn]
) -> None:
    service = services["forecast"]
    assert (await client.get("/v1/forecasts")).status_code == 200
    await service.stop()
    assert (await client.get("/v1/forecasts")).status_code == 503
    await service.start()
    assert (await client.post("/v1/forecasts", content=b"{}")).status_code == 200


async def test_a_service_that_is_slow(
    impatient: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    cancelled = asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return web.Response()

    services["opportunity"].answers["/v1/funnel"] = slow
    async with httpx.AsyncClient(base_url=impatient.url, headers=authorization) as client, asyncio.timeout(3):
        answer = await client.get("/v1/funnel")
        assert answer.status_code == 504
        assert answer.json()["code"] == "deadline_passed"
        assert answer.json()["peer"] == "opportunity"
        await cancelled.wait()


async def test_a_slow_answer_that_moves_is_not_given_up(
    impatient: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(6):
            await asyncio.sleep(0.2)
            await answer.write(b"drop")
        return answer

    async def drying(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"drop")
        await asyncio.sleep(20)
        return answer

    services["opportunity"].answers |= {"/v1/funnel": dripping, "/v1/products": drying}
    async with httpx.AsyncClient(base_url=impatient.url, headers=authorization) as client:
        assert (await client.get("/v1/funnel")).text == "drop" * 6
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/v1/products")


async def test_a_client_that_stops_in_its_body(
    impatient: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    for begun in (b"", b"abc"):
        whole = head(
            "POST /v1/products", *(f"{name}: {value}" for name, value in authorization.items()), "Content-Length: 10"
        )
        got = await raw(impatient.port, whole + begun)
        assert got.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"request_timeout"' in got


async def test_a_client_that_leaves_is_not_worked_for(
    gateway: Running, services: dict[str, StandIn], authorization: dict[str, str]
) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        await request.read()
        begun.set()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return web.Response()

    services["opportunity"].answers["/v1/products"] = slow
    token = f"Authorization: {authorization['Authorization']}"
    for body in (b"", b"{}"):
        begun.clear()
        cancelled.clear()
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(head("POST /v1/products", token, f"Content-Length: {len(body)}") + body)
        async with asyncio.timeout(3):
            await begun.wait()
            writer.close()
            await cancelled.wait()
            await writer.wait_closed()
    await gateway.written('"outcome":"client_gone"')


async def test_an_early_answer_does_not_wait_for_the_body(
    client: httpx.AsyncClient, services: dict[str, StandIn]
) -> None:
    async def early(_: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "no"}, status=422)

    async def body() -> object:
        for _ in range(20):
            yield b"x" * 100_000
            await asyncio.sleep(0)

    services["opportunity"].answers["/v1/products"] = early
    answer = await client.post("/v1/products", content=body())  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert (await client.get("/v1/products/1")).status_code == 200


async def test_unknown_path(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/costumers/1")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["nearest"] == "/v1/customers"
    assert "/v1/customers" in answer.json()["detail"]
    assert answer.json()["trace_id"] == answer.headers["Trace-Id"]


async def test_methods_that_are_not_offered(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    answer = await client.request("TRACE", "/v1/customers")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "PATCH" in answer.headers["Allow"]
    assert services["customer"].seen == []
    own = await client.post("/openapi.json")
    assert (own.status_code, own.headers["Allow"]) == (405, "GET, HEAD")


async def test_many_at_once(client: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    async def one(number: int) -> None:
        answer = await client.post(f"/v1/opportunities/{number}", content=str(number).encode() * 100)
        assert answer.is_success, answer.text
        assert answer.json()["sha256"] == hashlib.sha256(str(number).encode() * 100).hexdigest()

    await asyncio.gather(*(one(number) for number in range(300)))
