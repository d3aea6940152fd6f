"""Machine clients of every scope, and what they and the administrator have sent to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from services.forecast.handover import telling
from tests.house import Client, House
from tests.scope.asking import Memory, word
from tests.scope.rule import SCOPES, SERVICES, Delivery, Person, Webhook, World

GONE = 410
FEEDS = [f"{service}:events:read" for service in sorted(SERVICES)]
READING = ["team:read", "customer:read", "opportunity:read", "forecast:read", "demand_plans:read", *FEEDS]
WRITING = ["team:write", "customer:write", "opportunity:write", "forecast:write", "webhooks:write"]
KEEPING = ["webhooks:read", "webhooks:write", *FEEDS]
TOGETHER: Sequence[Sequence[str]] = ((), READING, [*READING, *WRITING], KEEPING, KEEPING, ["audit:read", "team:read"])
AUDITING = len(TOGETHER) - 1
"""The one that has the role `auditor` beside its scopes."""


def know(world: World, memory: Memory, client: dict[str, Any]) -> str:
    """Note a machine client; return its id."""
    known = Person(client["name"], frozenset(client["roles"]), scopes=frozenset(client["scopes"]))
    world.people[client["id"]] = known
    memory.hear(client)
    return str(client["id"])


async def programs(admin: Client, world: World, memory: Memory) -> None:
    """Those that the enterprise begins with, one for each scope, some with several."""
    for client in (await admin.done("GET", "/v1/machine-clients"))["items"]:
        know(world, memory, client)
    for number, scopes in enumerate([*TOGETHER, *([scope] for scope in SCOPES)]):
        name = word()
        body = {"name": name, "client_id": name, "scopes": list(scopes)}
        made = await admin.done("POST", "/v1/machine-clients", body)
        if number == AUDITING:
            change = {"role": "auditor", "change": "granted", "reason": "audits"}
            await admin.done("POST", f"/v1/people/{made['id']}/role-changes", change)
            made["roles"] = ["auditor"]
        know(world, memory, made)


async def handovers(house: House, admin: Client, world: World) -> None:
    """Let each plan be handed over to whoever may acknowledge it."""
    await house.settle()
    await telling.look(house.service("forecast"))
    for handover in (await admin.done("GET", "/v1/demand-plan-handovers?limit=500"))["items"]:
        world.handovers[handover["id"]] = handover["receiver_id"]


@asynccontextmanager
async def _receiver() -> AsyncIterator[str]:
    """Yield the URL of somebody who wants no event."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=GONE)

    app = web.Application()
    app.router.add_post("/events", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    finally:
        await runner.cleanup()


async def webhooks(house: House, admin: Client, world: World, memory: Memory) -> None:
    """In each service one of the administrator and of each keeper, with a dead letter and one that waits."""
    keepers = [each for each, known in world.people.items() if known.scopes == frozenset(KEEPING)]
    owners = [admin, *(house.sign_in(each) for each in keepers)]
    async with _receiver() as url:
        for service in sorted(SERVICES):
            path = f"/v1/{service}/webhooks"
            made = [await owner.done("POST", path, {"url": url, "event_types": ["no.such"]}) for owner in owners]
            pairs = [(owner, each["webhook"]["id"]) for owner, each in zip(owners, made, strict=True)]
            for owner, webhook in pairs:
                world.webhooks[webhook] = Webhook(service, owner.id)
                ping = await owner.done("POST", f"{path}/{webhook}/test")
                world.deliveries[ping["id"]] = Delivery(webhook, is_dead=True)
            await house.service(service).webhooks.step()
            for owner, webhook in pairs:
                memory.hear(await owner.done("POST", f"{path}/{webhook}/enablings", {}))
                ping = await owner.done("POST", f"{path}/{webhook}/test")
                world.deliveries[ping["id"]] = Delivery(webhook)
