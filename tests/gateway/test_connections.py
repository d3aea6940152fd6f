"""A client's connection, byte by byte: requests sent ahead, offers of other protocols, old clients, quiet ones."""

import asyncio

import pytest
from aiohttp import web

from tests.gateway.stand_ins import Running, StandIn, head, json_answer, raw
from tests.gateway.tokens import Signer

SMUGGLED = head("DELETE /v1/people/1")
LAST = head("GET /health/live", "Connection: close")


@pytest.fixture
def token(signer: Signer) -> str:
    return f"Authorization: Bearer {signer.token()}"


async def in_two_writes(port: int, first: bytes, read: asyncio.Event, second: bytes) -> bytes:
    """Send the second part when the first has been read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    await asyncio.wait_for(read.wait(), 10)
    writer.write(second)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("apart", [True, False], ids=["apart", "together"])
async def test_the_body_after_an_offered_upgrade_is_a_body(
    gateway: Running, services: dict[str, StandIn], token: str, framing: str, apart: bool
) -> None:
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    sized = framing == "length"
    header = f"Content-Length: {len(SMUGGLED)}" if sized else "Transfer-Encoding: chunked"
    body = SMUGGLED if sized else b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    begun = asyncio.Event()

    async def take(request: web.Request) -> web.StreamResponse:
        begun.set()
        return await services["customer"].echo(request)

    services["customer"].answers["/v1/customers"] = take
    first, second = head("POST /v1/customers", token, *offer, header) + body[:10], body[10:] + LAST
    got = await (in_two_writes(gateway.port, first, begun, second) if apart else raw(gateway.port, first + second))

    assert got.count(b"HTTP/1.1 200 ") == 2, got
    assert b'"live"' in got
    (seen,) = services["customer"].seen
    assert seen.size == len(SMUGGLED)
    assert seen.all_of("Upgrade") == seen.all_of("HTTP2-Settings") == []
    assert services["team"].seen == []


async def test_requests_sent_ahead_are_answered_in_order(
    gateway: Running, services: dict[str, StandIn], token: str
) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        begun.set()
        await release.wait()
        return web.json_response({"number": 0})

    services["customer"].answers |= {
        f"/v1/customers/{number}": json_answer({"number": number}) for number in range(1, 40)
    }
    services["customer"].answers["/v1/customers/0"] = slow
    ahead = b"".join(
        head(f"POST /v1/customers/{number}", token, f"Content-Length: {number}") + b"x" * number for number in range(40)
    )
    asked = asyncio.create_task(raw(gateway.port, ahead + LAST))
    await begun.wait()
    release.set()
    got = await asked

    places = [got.index(b'{"number": %d}' % number) for number in range(40)]
    assert places == sorted(places)
    assert got.count(b"HTTP/1.1 200 ") == 41


async def test_what_is_malformed_ends_what_was_sent_ahead(
    gateway: Running, services: dict[str, StandIn], token: str
) -> None:
    got = await raw(gateway.port, head("GET /health/live") + b"nonsense\r\n\r\n" + head("GET /v1/people", token))
    assert b"HTTP/1.1 400 " in got
    assert services["team"].seen == []


async def test_trailers_are_no_headers(gateway: Running, services: dict[str, StandIn], token: str) -> None:
    chunked = ("Transfer-Encoding: chunked", "Connection: close")
    late = f"2\r\n{{}}\r\n0\r\n{token}\r\nX-Forwarded-For: 10.0.0.1\r\nX-Late: 1\r\n\r\n".encode()
    assert (await raw(gateway.port, head("POST /v1/customers", *chunked) + late)).startswith(b"HTTP/1.1 401 ")
    assert (await raw(gateway.port, head("POST /v1/customers", token, *chunked) + late)).startswith(b"HTTP/1.1 200 ")
    (seen,) = services["customer"].seen
    assert seen.size == 2
    assert seen.all_of("X-Late") == []


async def test_an_old_client_gets_an_answer_that_ends_with_the_connection(
    gateway: Running, services: dict[str, StandIn], token: str
) -> None:
    async def in_parts(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await answer.write(b"second")
        return answer

    services["team"].answers["/v1/people"] = in_parts
    got = await raw(gateway.port, head("GET /v1/people", token).replace(b"HTTP/1.1", b"HTTP/1.0"))
    top, _, body = got.partition(b"\r\n\r\n")
    assert body == b"firstsecond"
    assert b"transfer-encoding" not in top
    assert b"connection: close" in top


async def test_who_expects_to_be_asked_for_a_body_and_is_refused_starts_over(gateway: Running) -> None:
    expecting = head("POST /v1/customers", "Expect: 100-continue", "Content-Length: 200")
    got = await raw(gateway.port, expecting + SMUGGLED)
    assert got.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in got
    assert got.count(b"HTTP/1.1 ") == 1


async def test_a_head_answer_has_no_body(gateway: Running, services: dict[str, StandIn], token: str) -> None:
    services["team"].answers["/v1/people"] = json_answer({"something": "else"})
    got = await raw(gateway.port, head("HEAD /v1/people", token) * 2 + LAST)
    assert got.count(b"HTTP/1.1 200 ") == 3
    assert got.lower().count(b"content-length: 21\r\n") == 2
    assert b"something" not in got


async def test_bytes_that_come_one_by_one(gateway: Running, services: dict[str, StandIn], token: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    request = head("POST /v1/customers?a=b", token, "Content-Length: 3", "X-Note: split", "Connection: close") + b"abc"
    for place in range(len(request)):
        writer.write(request[place : place + 1])
        await asyncio.sleep(0)
    got = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    assert got.startswith(b"HTTP/1.1 200 ")
    (seen,) = services["customer"].seen
    assert (seen.target, seen.size, seen.all_of("X-Note")) == ("/v1/customers?a=b", 3, ["split"])
