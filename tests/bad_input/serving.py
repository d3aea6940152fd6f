"""A house that is served over sockets as in production, with its gateway in front.

Relays, consumers and jobs run when they are told to: so whatever is written between two looks, a request has written.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from gateway.app import Gateway
from gateway.protocol import GatewayProtocol
from gateway.settings import Settings
from tests.house import House


@dataclass(frozen=True)
class Served:
    """Where each service listens and the gateway, and the document that it gives out."""

    urls: Mapping[str, str]
    door: str
    document: Mapping[str, Any]


@asynccontextmanager
async def served(house: House) -> AsyncIterator[Served]:
    """Serve the apps of a house at ports of this machine."""
    async with AsyncExitStack() as stack:
        urls = {
            name: await stack.enter_async_context(_listening(app, lifespan="off")) for name, app in house.apps.items()
        }
        settings = Settings(urls=urls, secrets=house.secrets, rate=None, address_rate=None)
        door = await stack.enter_async_context(_listening(Gateway(settings), lifespan="on", http=GatewayProtocol))
        yield Served(urls, door, await _document(house, door))


async def _document(house: House, door: str) -> Mapping[str, Any]:
    """Return the merged document as soon as it is whole; the services have theirs made before they are asked."""
    for app in house.apps.values():
        app.openapi()
    async with httpx.AsyncClient(base_url=door, timeout=30) as client:
        while True:
            document: dict[str, Any] = (await client.get("/openapi.json")).raise_for_status().json()
            if "x-unavailable" not in document:
                return document


@asynccontextmanager
async def _listening(app: Any, lifespan: Any, http: Any = "httptools") -> AsyncIterator[str]:
    config = uvicorn.Config(
        app, lifespan=lifespan, log_config=None, http=http, ws="none", server_header=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        task = asyncio.create_task(server._serve([door]))
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
