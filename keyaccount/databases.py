"""The servers that an instance's services use: the embedded one, kept alive, and those it is given."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from keyaccount import postgres
from keyaccount.children import Say
from keyaccount.provisioning import SERVICES, ServiceUrls, provision
from keyaccount.secrets import ensure_accounts, keep_urls
from keyaccount.settings import Settings

_LOOK_SECONDS = 0.05


class Databases:
    """Starts, provisions, watches and stops. `urls` says how each service reaches its schema."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.urls: dict[str, ServiceUrls] = {}
        self._settings = settings
        self._say = say
        self._starting: asyncio.Future[postgres.Server] | None = None
        self._server: postgres.Server | None = None

    async def open(self) -> None:
        """Start the embedded server, where one is needed, and provision every server."""
        if self._settings.needs_embedded:
            await self._start()
        await self._provision()

    async def watch(self, moved: Callable[[], None]) -> None:
        """Start the embedded server again when it dies; call `moved` if its URL is another one then."""
        while self._server is not None:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._server.is_running():
                continue
            self._say("postgresql", f"ended with code {self._server.process.returncode}; starting it again")
            before = self._server.admin_url
            await self._start()
            if self._server.admin_url != before:
                await self._provision()
                moved()

    async def close(self) -> None:
        """Stop the embedded server, also one that is being started just now."""
        if self._starting is not None:
            server = await self._starting
            await asyncio.to_thread(server.stop)
            self._say("postgresql", "stopped")

    async def _start(self) -> None:
        port = self._server.port if self._server else self._settings.database_port
        folder = self._settings.home / "postgres"
        self._starting = asyncio.ensure_future(asyncio.to_thread(postgres.start, folder, port))
        self._server = await asyncio.shield(self._starting)  # a thread cannot be cancelled: `close` waits for it
        self._say("postgresql", f"ready on port {self._server.port} (process {self._server.process.pid})")

    async def _provision(self) -> None:
        accounts = ensure_accounts(self._settings.secrets, SERVICES)
        served: defaultdict[str, list[str]] = defaultdict(list)
        for service in SERVICES:
            served[self._admin_url(service)].append(service)
        for admin_url, services in served.items():
            self.urls |= await provision(admin_url, {service: accounts[service] for service in services})
        keep_urls(self._settings.secrets, self.urls)

    def _admin_url(self, service: str) -> str:
        given = self._settings.database_urls.get(service) or self._settings.database_url
        if given or self._server is None:
            return given
        return self._server.admin_url
