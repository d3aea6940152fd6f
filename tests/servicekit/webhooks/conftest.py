"""A small service whose events are sent to receivers on loopback, which verify them with the library for receivers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from servicekit.web.service import Service
from tests.clocks import MovableClock
from tests.conftest import Template
from tests.make import word
from tests.servicekit.conftest import Walls, open_walls

Answer = Callable[[dict[str, Any]], int]


@dataclass
class Received:
    """One request that a receiver got."""

    headers: dict[str, str]
    body: bytes
    event: dict[str, Any]
    status: int


@dataclass
class Receiver:
    """A receiver; `status` says what it answers, `secrets` are those that it accepts."""

    url: str
    status: int | Answer = 204
    secret: str = ""
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    hold: Any = None

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The events that it has answered with success, in order."""
        return [one.event for one in self.received if 200 <= one.status < 300]

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        event = Webhook(self.secret).verify(body, headers)
        if self.hold is not None:
            await self.hold(event)
        status = self.status(event) if callable(self.status) else self.status
        self.received.append(Received(headers, body, event, status))
        return web.Response(status=status, text=self.text, headers=self.headers)


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver("")
    app = web.Application()
    app.router.add_post("/events", receiver.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    receiver.url = f"http://127.0.0.1:{port}/events"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@dataclass
class Senders:
    """The small service, its clock, and what a keeper of webhooks does with it."""

    walls: Walls
    clock: MovableClock

    @property
    def service(self) -> Service:
        service: Service = self.walls.app.state.service
        return service

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.walls.client.request(method, f"/v1/team/webhooks{path}", json=body, **options)

    async def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = await self.call(method, path, body, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def register(self, receiver: Receiver, **given: Any) -> dict[str, Any]:
        """Register a receiver for the shelves' events."""
        body = {"url": receiver.url, "event_types": ["shelf.added"], **given}
        made = await self.done("POST", "", body)
        receiver.secret = made["secret"]
        webhook: dict[str, Any] = made["webhook"]
        return webhook

    async def happen(self, times: int = 1) -> list[str]:
        """Let something happen and reach the feed; return the names of the shelves."""
        names = [word() for _ in range(times)]
        for name in names:
            assert (await self.walls.post("/v1/shelves", {"name": name})).is_success
        while await self.service.relay.step():
            pass
        return names

    async def deliver(self) -> int:
        """Try whatever is due until nothing is; return how many attempts that took."""
        attempts = 0
        while begun := await self.service.webhooks.step():
            attempts += begun
        return attempts

    async def deliver_for(self, hours: float, every: float = 0.25) -> int:
        """Let time pass in small steps, delivering after each."""
        attempts = await self.deliver()
        for _ in range(round(hours / every)):
            self.clock.move(hours=every)
            attempts += await self.deliver()
        return attempts

    async def deliveries(self, webhook_id: str, **filters: Any) -> list[dict[str, Any]]:
        page = await self.done("GET", f"/{webhook_id}/deliveries", params={"sort": "planned_at", **filters})
        items: list[dict[str, Any]] = page["items"]
        return items


@pytest.fixture(scope="module")
async def opened(template: Template) -> AsyncIterator[Senders]:
    clock = MovableClock()
    async with open_walls(template, "127.0.0.0/8", clock=clock) as walls:
        yield Senders(walls, clock)


@pytest.fixture
async def senders(opened: Senders, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Senders]:
    """The small service without webhooks; receivers look at the same clock as it does."""

    class ClockedTime(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:  # noqa: ARG003
            return opened.clock()

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", ClockedTime)
    yield opened
    for webhook in (await opened.done("GET", ""))["items"]:
        await opened.done("DELETE", f"/{webhook['id']}")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as started:
        yield started
