"""The load generator counts what is answered and stops at what is not."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bench.load import FRESH_KEY, Job
from bench.loading import LoadGenerator, Measured, RunFailed, percentile

REQUEST = f"GET /it HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {FRESH_KEY.decode()}\r\n\r\n"
ANSWER = b"HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\nok"

Serve = Callable[[bytes], bytes]


async def serve(answer: Serve) -> tuple[asyncio.Server, int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(answer(await reader.readuntil(b"\r\n\r\n")))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def job(port: int, connections: int) -> Job:
    return Job(
        set="it",
        port=port,
        connections=connections,
        warm_up=0.02,
        seconds=0.1,
        most_seconds=1.0,
        least=10,
        processes={"us": []},
    )


@pytest.fixture
async def load() -> AsyncIterator[LoadGenerator]:
    async with LoadGenerator.started() as started:
        await started.define("it", [[REQUEST]] * 4)
        yield started


async def test_it_measures_answers_and_never_uses_a_key_twice(load: LoadGenerator) -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> bytes:
        seen.append(request)
        return ANSWER % b"200 OK"

    server, port = await serve(answer)
    async with server:
        measured = await load.run(job(port, 4))
    assert measured.requests >= 10
    assert measured.rate > 0
    assert 0 < measured.p50_ms <= measured.p99_ms
    assert len(set(seen)) == len(seen) >= measured.requests


async def test_a_failure_ends_the_run_and_is_told(load: LoadGenerator) -> None:
    server, port = await serve(lambda _: ANSWER % b"422 Unprocessable Content")
    async with server:
        with pytest.raises(RunFailed, match=r"GET /it HTTP/1\.1: 422 ok"):
            await load.run(job(port, 2))


async def test_a_closed_connection_is_told(load: LoadGenerator) -> None:
    with pytest.raises(RunFailed):
        await load.run(job(1, 1))


def test_percentiles_lie_between_the_values() -> None:
    assert percentile([3.0], 99) == 3.0
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0
    assert Measured.of([1.0, 2.0, 3.0], 0.5, {"service": 0.003}).cpu_ms == {"service": pytest.approx(1.0)}
