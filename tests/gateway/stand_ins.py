"""Services played by the test process, and the gateway as a process of its own before them."""

import asyncio
import hashlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROOT = Path(__file__).parents[2]


@dataclass
class Seen:
    """A request as a service saw it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    size: int
    sha256: str

    def all_of(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name.lower()]


class StandIn:
    """A service that remembers what it was asked, and answers as a test wants."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[Seen] = []
        self.answers: dict[str, Answer] = {}
        self.url = ""
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        application = web.Application(client_max_size=0)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = self.answers.get(request.path)
        if answer is not None:
            return await answer(request)
        return await self.echo(request)

    async def echo(self, request: web.Request) -> web.StreamResponse:
        digest, size = hashlib.sha256(), 0
        async for chunk in request.content.iter_any():
            digest.update(chunk)
            size += len(chunk)
        headers = [(name.decode(), value.decode("utf-8", "replace")) for name, value in request.raw_headers]
        self.seen.append(Seen(request.method, request.raw_path, headers, size, digest.hexdigest()))
        return web.json_response({"service": self.name, "size": size, "sha256": digest.hexdigest()})


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(content, status=status, headers=headers)

    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Running:
    """A gateway process."""

    port: int
    process: asyncio.subprocess.Process
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def written(self, part: str) -> str:
        """Return the log once this is in it: a line is written soon after its answer."""
        async with asyncio.timeout(10):
            while part not in (log := self.log.read_text()):  # noqa: ASYNC110 (another process's work)
                await asyncio.sleep(0.01)
        return log

    def memory(self) -> int:
        """Bytes of it that are in memory."""
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident


@asynccontextmanager
async def gateway_before(urls: Mapping[str, str], log: Path, **settings: str) -> AsyncIterator[Running]:
    """Run `python -m gateway` until the block ends."""
    port = free_port()
    environment = os.environ | {f"KEYACCOUNT_{name.upper()}_URL": url for name, url in urls.items()}
    environment |= {"KEYACCOUNT_PORT": str(port)} | settings
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    running = Running(port, process, log)
    try:
        await _until_live(running)
        yield running
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_live(running: Running) -> None:
    async with httpx.AsyncClient(base_url=running.url) as client:
        for _ in range(200):
            try:
                if (await client.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            if running.process.returncode is not None:
                break
    raise AssertionError(running.log.read_text())


def head(line: str, *headers: str) -> bytes:
    """Return a request's head as it goes over the wire."""
    return "\r\n".join((f"{line} HTTP/1.1", "Host: x", *headers, "", "")).encode()


async def raw(port: int, request: bytes) -> bytes:
    """Send bytes as they are and return all that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
