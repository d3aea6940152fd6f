"""Answers that two readers could read differently, connections that end at the worst moment, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from tests.gateway.raw_service import Answer, RawService, Writer, always, raw_service, whole
from tests.gateway.stand_ins import Running, StandIn, gateway_before, head, raw
from tests.gateway.tokens import Signer

POISON = whole(b"poison")


@dataclass
class Before:
    """A gateway before a service that answers in bytes."""

    client: httpx.AsyncClient
    running: Running
    service: RawService


@pytest.fixture(scope="module")
async def long_running(
    standing: dict[str, StandIn], signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Before]:
    urls = {name: service.url for name, service in standing.items()}
    log = tmp_path_factory.mktemp("answers") / "log"
    headers = {"Authorization": f"Bearer {signer.token()}"}
    async with (
        raw_service(always(b"")) as (service, url),
        gateway_before(urls | {"customer": url}, log, KEYACCOUNT_GATEWAY_CONNECTIONS="4") as running,
        httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as client,
    ):
        yield Before(client, running, service)


@pytest.fixture
async def before(long_running: Before, services: dict[str, StandIn]) -> Before:
    """The same with a new connection, nothing remembered."""
    service = long_running.service
    service.answer = always(whole(b"", "Connection: close"))
    while (await long_running.client.post("/v1/customers")).status_code != 200:  # noqa: ASYNC110 (its breaker may be open)
        await asyncio.sleep(0.05)
    service.requests.clear()
    service.connections = 0
    return long_running


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + POISON,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Bare: a\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Bare: a\rContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Nul: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX Space: a\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + POISON,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(600)),
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
)
async def test_what_is_no_answer(before: Before, answer: bytes) -> None:
    before.service.answer = always(answer)
    got = await before.client.post("/v1/customers", content=b"{}")
    assert (got.status_code, got.json()["code"]) == (502, "answer_lost")
    assert len(before.service.requests) == 1, "a change is not repeated"

    before.service.answer = always(whole(b"good"))
    assert (await before.client.post("/v1/customers")).text == "good"


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + whole(b"last"), 200, "last"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", 204, ""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", 304, ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 299 \r\nContent-Length: 1\r\n\r\na", 299, "a"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n",
            200,
            "abc",
        ),
    ],
)
async def test_answers_of_every_form_leave_the_connection_usable(
    before: Before, answer: bytes, status: int, body: str
) -> None:
    before.service.answer = always(answer)
    for method in ("GET", "POST", "GET"):
        got = await before.client.request(method, "/v1/customers")
        assert (got.status_code, got.text) == (status, body)
        assert "Link" not in got.headers
        assert "X-T" not in got.headers
    assert before.service.connections == 1


async def test_the_answer_to_head_has_a_length_and_no_body(before: Before) -> None:
    before.service.answer = always(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
    for _ in range(3):
        assert (await before.client.head("/v1/customers")).headers["Content-Length"] == "1234"
    before.service.answer = always(whole(b"body"))
    assert (await before.client.get("/v1/customers")).text == "body"
    assert before.service.connections == 1
    before.service.answer = always(whole(b"a body where there is none"))
    assert (await before.client.head("/v1/customers")).status_code == 200
    assert (await before.client.get("/v1/customers")).text == "a body where there is none"
    assert before.service.connections == 2


async def test_an_answer_that_ends_with_the_connection(before: Before) -> None:
    async def ends(writer: Writer, number: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nfirst")
        await writer.drain()
        writer.write(b"second")
        if number:
            writer.transport.abort()
        else:
            writer.close()

    before.service.answer = ends
    assert (await before.client.get("/v1/customers")).text == "firstsecond"


@pytest.mark.parametrize("together", [True, False], ids=["together", "apart"])
async def test_what_follows_an_answer_is_nobodys(before: Before, together: bool) -> None:
    """A service that answers twice: the second must not become the answer to somebody else's request."""

    async def twice(writer: Writer, number: int) -> None:
        if number:
            writer.write(whole(b"mine"))
        elif together:
            writer.write(whole(b"mine") + POISON)
        else:
            writer.write(whole(b"mine"))
            await writer.drain()
            writer.write(POISON)

    before.service.answer = twice
    for _ in range(3):
        assert (await before.client.post("/v1/customers")).text == "mine"


def closing_at(second: int) -> Answer:
    async def answer(writer: Writer, number: int) -> None:
        if number == second:
            writer.transport.abort()
        else:
            writer.write(whole(str(number).encode()))

    return answer


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 502), ("DELETE", 502)])
async def test_a_connection_that_ends_just_as_it_is_used_again(before: Before, method: str, status: int) -> None:
    before.service.answer = closing_at(1)
    assert (await before.client.get("/v1/customers")).text == "0"
    assert (await before.client.request(method, "/v1/customers")).status_code == status
    assert len(before.service.requests) == (3 if method == "GET" else 2)
    assert before.service.connections == (2 if method == "GET" else 1)


async def test_a_connection_that_ended_while_nobody_used_it(before: Before) -> None:
    async def leave(writer: Writer, _: int) -> None:
        writer.write(whole(b"bye"))
        writer.close()

    before.service.answer = leave
    for _ in range(5):
        got = await before.client.post("/v1/customers", content=b"{}")
        assert (got.status_code, got.text) == (200, "bye")
        async with asyncio.timeout(5):
            while before.service.open:  # noqa: ASYNC110 (another task's work)
                await asyncio.sleep(0)
    assert len(before.service.requests) == 5


async def test_an_early_answer_ends_the_connection(before: Before, signer: Signer) -> None:
    """Nobody knows how much of the body the service has still to read."""

    async def refuse(writer: Writer, number: int) -> None:
        writer.write(b"HTTP/1.1 422 No\r\nContent-Length: 2\r\n\r\nno" if number == 0 else whole(b"yes"))

    before.service.answer = refuse
    token = f"Authorization: Bearer {signer.token()}"
    unfinished = head("POST /v1/customers", token, "Transfer-Encoding: chunked") + b"3\r\nabc\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", before.running.port)
    writer.write(unfinished)
    assert (await reader.readline()).startswith(b"HTTP/1.1 422 ")
    assert (await before.client.post("/v1/customers")).text == "yes"
    assert before.service.connections == 2
    writer.close()
    await writer.wait_closed()


async def test_no_more_connections_than_allowed(before: Before) -> None:
    go_on = asyncio.Event()

    async def slow(writer: Writer, _: int) -> None:
        await go_on.wait()
        writer.write(whole(b"late"))

    before.service.answer = slow
    asked = [asyncio.create_task(before.client.get("/v1/customers")) for _ in range(20)]
    async with asyncio.timeout(10):
        while len(before.service.requests) < 4:  # noqa: ASYNC110 (another process's work)
            await asyncio.sleep(0.01)
    go_on.set()
    assert {(await one).text for one in asked} == {"late"}
    assert before.service.connections == 4


async def test_a_request_says_once_how_long_it_is(before: Before, signer: Signer) -> None:
    before.service.answer = always(whole(b""))
    token = f"Authorization: Bearer {signer.token()}"
    for headers in (
        ("Connection: close, Content-Length, Transfer-Encoding", "Content-Length: 002"),
        ("Connection: close", "Transfer-Encoding: chunked"),
    ):
        body = b"{}" if "002" in headers[-1] else b"2;name=value\r\n{}\r\n0\r\nX-T: 1\r\n\r\n"
        assert b" 200 OK" in await raw(before.running.port, head("POST /v1/customers", token, *headers) + body)
        request = before.service.requests[-1].lower()
        assert request.endswith(b"content-length: 2\r\n\r\n{}")
        assert request.count(b"content-length") == 1
        assert b"transfer-encoding" not in request
    await before.client.get("/v1/customers")
    assert b"content-length" not in before.service.requests[-1].lower()
    await before.client.post("/v1/customers")
    assert b"content-length: 0\r\n" in before.service.requests[-1].lower()
