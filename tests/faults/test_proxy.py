import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.connections import Line, Lost
from tests.faults.proxy import Cut, Proxy

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789"


class Server:
    """Answers every request and counts them."""

    def __init__(self) -> None:
        self.asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            self.asked += 1
            writer.write(ANSWER)
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, Proxy]]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    proxy = Proxy("test", lambda: ("127.0.0.1", listening.sockets[0].getsockname()[1]))
    await proxy.start()
    yield made, proxy
    proxy.stop()
    listening.close()


async def test_it_passes_what_is_not_to_be_cut(server: tuple[Server, Proxy]) -> None:
    line = Line(server[1].port)
    for _ in range(3):
        assert (await line.ask("GET", "/", {})).body == b"0123456789"
    assert len(server[1].sides) == 2
    line.close()


@pytest.mark.parametrize(
    ("where", "arrives"), [(Cut.BEFORE_REQUEST, False), (Cut.BEFORE_ANSWER, True), (Cut.IN_ANSWER, True)]
)
async def test_a_cut_loses_the_answer_and_says_what_arrived(
    server: tuple[Server, Proxy], where: Cut, arrives: bool
) -> None:
    made, proxy = server
    proxy.cut(where)
    line = Line(proxy.port)
    with pytest.raises(Lost):
        await line.ask("POST", "/", {}, {"some": "thing"})
    assert (made.asked, proxy.done, proxy.plan) == (int(arrives), [where], [])
    assert (await line.ask("GET", "/", {})).status == 200
    line.close()


async def test_who_connects_is_refused_while_the_server_is_away_and_let_in_when_it_is_back() -> None:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    proxy = Proxy("test", lambda: ("127.0.0.1", port))
    await proxy.start()
    listening.close()
    await listening.wait_closed()
    line = Line(proxy.port)
    with pytest.raises(Lost):
        await line.ask("GET", "/", {})
    again = await asyncio.start_server(made.serve, "127.0.0.1", port)
    async with asyncio.timeout(5):
        while True:
            try:
                assert (await line.ask("GET", "/", {})).status == 200
                break
            except Lost:
                await asyncio.sleep(0.01)
    line.close()
    proxy.stop()
    again.close()
