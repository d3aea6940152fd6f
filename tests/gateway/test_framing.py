"""Requests that two readers could read differently, byte by byte: none of them reaches a service."""

import pytest

from tests.gateway.stand_ins import Running, StandIn, head, raw
from tests.gateway.tokens import Signer


@pytest.fixture
def beginning(signer: Signer) -> bytes:
    return f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {signer.token()}\r\n".encode()


SMUGGLED = b"GET /v1/people HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: 2, 2\r\n\r\n{}",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 0x2\r\n\r\n{}",
        b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"Content-Length: 0\r\nX: a\nContent-Length: 3\r\n\r\n" + SMUGGLED,
        b"X-Bad: a\r\n folded: b\r\nContent-Length: 0\r\n\r\n",
        b"X Bad: a\r\n\r\n",
        b"X-Bad: a\x00b\r\n\r\n",
        b": nothing\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    ],
)
async def test_ambiguous_framing(gateway: Running, services: dict[str, StandIn], beginning: bytes, rest: bytes) -> None:
    got = await raw(gateway.port, beginning + rest)

    assert got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ")), got
    assert got.count(b"HTTP/1.1 ") == 1
    assert b"content-type: application/problem+json" in got
    assert b'"trace_id":"' in got
    assert b"connection: close" in got
    assert services["customer"].seen == []
    assert services["team"].seen == []


@pytest.mark.parametrize(
    "line",
    [
        b"GET /v1/customers",
        b"get /v1/customers HTTP/1.1",
        b"GET  /v1/customers HTTP/1.1",
        b"GET /v1/customers?q=\xe9 HTTP/1.1",
        b"CONNECT evil:80 HTTP/1.1",
        b"GET /v1/customers HTTP/9.9",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_what_is_no_request(gateway: Running, services: dict[str, StandIn], line: bytes) -> None:
    got = await raw(gateway.port, line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert got[:13] in {b"HTTP/1.1 400 ", b"HTTP/1.1 401 ", b"HTTP/1.1 404 "}
    assert b"application/problem+json" in got
    assert services["customer"].seen == []


async def test_absolute_form_does_not_choose_the_host(
    gateway: Running, services: dict[str, StandIn], signer: Signer
) -> None:
    token = f"Authorization: Bearer {signer.token()}"
    request = head("GET http://evil.example/v1/customers", token, "Connection: close")
    got = await raw(gateway.port, request.replace(b"Host: x", b"Host: evil.example"))
    assert got.startswith(b"HTTP/1.1 200 ")
    seen = services["customer"].seen[-1]
    assert seen.target == "/v1/customers"
    assert seen.all_of("Host") == [f"127.0.0.1:{services['customer'].port}"]


async def test_headers_without_end(gateway: Running) -> None:
    got = await raw(
        gateway.port, b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(600))
    )
    assert got.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"head_too_large"' in got


async def test_a_header_that_is_not_text(gateway: Running, services: dict[str, StandIn], beginning: bytes) -> None:
    for value in (b"\xff\xfe", b"a\x01b"):
        got = await raw(
            gateway.port, beginning + b"X-Note: " + value + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        assert got.startswith(b"HTTP/1.1 400 ")
        assert b"application/problem+json" in got
    assert services["customer"].seen == []


async def test_a_body_after_a_refusal_is_not_read_as_a_request(gateway: Running, services: dict[str, StandIn]) -> None:
    body = SMUGGLED
    request = b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    last = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    got = await raw(gateway.port, request + body + last)

    assert got.startswith(b"HTTP/1.1 401 ")
    assert got.count(b"HTTP/1.1 ") == 2
    assert b'"live"' in got
    assert services["team"].seen == []


async def test_upgrades_are_not_followed(gateway: Running, services: dict[str, StandIn], signer: Signer) -> None:
    token = f"Authorization: Bearer {signer.token()}"
    upgrade = ("Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Key: x")
    got = await raw(gateway.port, head("GET /v1/customers", token, *upgrade))
    assert got.startswith(b"HTTP/1.1 200 ")
    assert services["customer"].seen[-1].all_of("Upgrade") == []
