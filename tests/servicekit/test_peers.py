"""Calls to a peer that is down, frozen, slow, back again; what is left of the time goes along."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from joserfc.jwk import OKPKey

from servicekit.data.transactions import writing_has_begun
from servicekit.peers import client
from servicekit.peers.breaker import FAILURES
from servicekit.peers.client import CalledWhileWriting, Peer
from servicekit.peers.tokens import ServiceTokens
from servicekit.values.deadlines import answer_due
from servicekit.values.errors import DeadlinePassed, PeerUnavailable
from tests.gateway.stand_ins import StandIn, free_port, json_answer

PATH = "/v1/people"


@pytest.fixture
async def team() -> AsyncIterator[StandIn]:
    stand_in = StandIn("team")
    await stand_in.start()
    stand_in.answers[client.HEALTH] = json_answer({})
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def peer(team: StandIn) -> AsyncIterator[Peer]:
    made = Peer("team", team.url, ServiceTokens("customer", OKPKey.generate_key("Ed25519")))
    yield made
    await made.close()


@pytest.fixture
def due() -> Iterator[None]:
    mark = answer_due.set(float("inf"))
    yield
    answer_due.reset(mark)


async def hanging(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def seconds_until_refused(peer: Peer, timeout_seconds: float = 3.0) -> float:
    began = time.monotonic()
    with pytest.raises(PeerUnavailable, match="team"):
        await peer.get(PATH, timeout_seconds=timeout_seconds)
    return time.monotonic() - began


async def test_a_peer_that_is_down_is_named_within_300_ms_and_found_again() -> None:
    team = StandIn("team")
    team.port = free_port()
    peer = Peer("team", f"http://127.0.0.1:{team.port}", ServiceTokens("customer", OKPKey.generate_key("Ed25519")))
    team.answers[client.HEALTH] = json_answer({})
    assert [await seconds_until_refused(peer) < 0.3 for _ in range(FAILURES)] == [True] * FAILURES
    assert peer.breaker.state == "open"
    assert await seconds_until_refused(peer) < 0.05
    await team.start()
    async with asyncio.timeout(1.5):
        while True:
            try:
                assert (await peer.get(PATH))["service"] == "team"
                break
            except PeerUnavailable:
                await asyncio.sleep(0.02)
    assert peer.breaker.state == "closed"
    await peer.close()
    await team.stop()


async def test_a_frozen_peer_costs_one_wait_and_then_none(peer: Peer, team: StandIn) -> None:
    team.answers[PATH] = team.answers[client.HEALTH] = hanging
    waits = await asyncio.gather(*(seconds_until_refused(peer, timeout_seconds=0.4) for _ in range(5)))
    assert max(waits) < 1
    assert peer.breaker.state == "open"
    assert await seconds_until_refused(peer) < 0.3

    del team.answers[PATH]
    team.answers[client.HEALTH] = json_answer({})
    async with asyncio.timeout(1.5):
        while peer.breaker.is_open:
            await asyncio.gather(peer.get(PATH), return_exceptions=True)
            await asyncio.sleep(0.02)


async def test_a_slow_question_does_not_close_the_way_for_quick_ones(peer: Peer, team: StandIn) -> None:
    team.answers["/v1/slow"] = hanging

    async def quick() -> None:
        for _ in range(10):
            await peer.get(PATH)
            await asyncio.sleep(0.03)

    with pytest.raises(PeerUnavailable):
        await asyncio.gather(quick(), peer.get("/v1/slow", timeout_seconds=0.2))
    assert peer.breaker.state == "closed"


async def test_who_follows_in_vain_spoils_no_call_and_is_kept_from_nothing(peer: Peer, team: StandIn) -> None:
    team.answers["/v1/team/events"] = hanging
    with pytest.raises(PeerUnavailable):
        await peer.follow("/v1/team/events", {}, timeout_seconds=0.1)
    assert peer.breaker.state == "closed"
    peer.breaker.open()
    team.answers["/v1/team/events"] = json_answer({"items": []})
    assert await peer.follow("/v1/team/events", {}, timeout_seconds=1) == {"items": []}
    assert peer.breaker.state == "closed", "an answer is an answer"


async def test_refusals_do_not_open_it_and_inability_does(peer: Peer, team: StandIn) -> None:
    team.answers[PATH] = json_answer({"detail": "no"}, 404)
    for _ in range(2 * FAILURES):
        with pytest.raises(client.PeerRefused):
            await peer.get(PATH)
    assert peer.breaker.state == "closed"
    team.answers[PATH] = json_answer({}, 503)
    for _ in range(FAILURES):
        with pytest.raises(PeerUnavailable):
            await peer.get(PATH)
    assert peer.breaker.state == "open"


async def test_a_change_is_not_sent_twice_and_a_question_is(peer: Peer, team: StandIn) -> None:
    asked = []

    async def cut(request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        assert request.transport
        request.transport.abort()
        return web.Response()

    team.answers[PATH] = cut
    with pytest.raises(PeerUnavailable):
        await peer.post(PATH, {})
    assert asked == ["POST"]
    peer.breaker.heard()
    with pytest.raises(PeerUnavailable):
        await peer.get(PATH)
    assert asked.count("GET") > 1


async def test_a_peer_gets_no_more_time_than_is_left(peer: Peer, team: StandIn, due: None) -> None:
    await peer.get(PATH)
    assert 2500 < int(team.seen[-1].all_of("deadline-ms")[0]) <= 3000
    answer_due.set(time.monotonic() + 0.5)
    await peer.get(PATH)
    assert 0 < int(team.seen[-1].all_of("deadline-ms")[0]) <= 500
    team.answers["/v1/slow"] = hanging
    with pytest.raises(DeadlinePassed):
        await peer.get("/v1/slow")
    seen = len(team.seen)
    with pytest.raises(DeadlinePassed):
        await peer.get(PATH)
    assert len(team.seen) == seen, "what nobody waits for is not asked"


async def test_nobody_is_asked_while_writing(peer: Peer, team: StandIn) -> None:
    mark = writing_has_begun.set(True)
    try:
        for asking in (peer.get(PATH), peer.post(PATH, {}), peer.follow(PATH, {}, timeout_seconds=1)):
            with pytest.raises(CalledWhileWriting, match=PATH):
                await asking
    finally:
        writing_has_begun.reset(mark)
