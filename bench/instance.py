"""An instance to be measured: real processes in a temporary folder, with nothing turned off."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from keyaccount import postgres
from keyaccount.children import Child, Program, last_words
from keyaccount.postgres.server import is_free
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES, ServiceUrls, provision
from keyaccount.secrets import ensure_accounts, ensure_secrets, keep_urls
from keyaccount.settings import PROJECT, Settings
from keyaccount.supervisor import GATEWAY, gateway_command, service_command, worker_command
from orgchart.sign_in import ALGORITHM, AUDIENCE, ISSUER
from servicekit.run.settings import Settings as ServiceSettings
from servicekit.values.ids import new_id

MEASURED = ("team", "customer", "opportunity")
"""The services that run: the one that is measured, and those that it asks."""
_TOKEN_SECONDS = 6 * 3600
_FIRST_PORT, _LAST_PORT, _PORTS = 21_000, 30_000, 40
_DRAIN_SECONDS = 10.0


@dataclass
class Instance:
    """A migrated instance; its services are started when it has been filled."""

    settings: Settings
    server: postgres.Server
    urls: Mapping[str, ServiceUrls]
    measured: str = "opportunity"
    serving: Sequence[str] = MEASURED
    pids: dict[str, int] = field(default_factory=dict)
    _children: list[Child] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def processes(self) -> dict[str, list[int]]:
        """The pids whose CPU time counts, by name; children count with their parents."""
        return {name: [pid] for name, pid in self.pids.items()} | {"postgres": [self.server.process.pid]}

    def port_of(self, path: str) -> int:
        """Return where requests go: straight to the service (`direct`), or through the `gateway`."""
        return self.settings.port_of(self.measured if path == "direct" else GATEWAY)

    def service_settings(self, connections: int) -> ServiceSettings:
        """Return the settings by which another process of ours can be the service that is measured."""
        return ServiceSettings(
            service=self.measured,
            login_url=self.urls[self.measured].login,
            secrets=self.settings.secrets,
            peer_urls={name: self.settings.url_of(name) for name in SERVICES},
            connections=connections,
            log_level="ERROR",
        )

    def token(self, person_id: UUID) -> str:
        """Return an access token as the built-in issuer signs them."""
        jwk = json.loads((self.settings.secrets / "issuer-key.json").read_text())
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(person_id),
            "client_id": "bench",
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "jti": str(new_id()),
            "chart_version": 0,
        }
        key = OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "d")})
        return jwt.encode({"alg": ALGORITHM, "kid": jwk["kid"]}, claims, key, algorithms=[ALGORITHM])

    async def start(self) -> None:
        """Start services and gateway, and wait until they are ready.

        Raises:
            Unable: one of them does not come up.
        """
        await self._start(*(program for name in self.serving for program in self._service(name)))
        await self._start(self._program(GATEWAY, gateway_command(), self.settings.port, self._peers()))

    async def start_floor(self, recordings: Path) -> int:
        """Start the bare endpoint that repeats what was recorded; return its port."""
        told = {"BENCH_RECORDINGS": str(recordings), "BENCH_DATABASE_URL": self.urls[self.measured].login}
        return await self.start_app("floor", "bench.floor_app:create_app", told, factory=True)

    async def start_app(self, name: str, app: str, told: Mapping[str, str], *, factory: bool) -> int:
        """Start an app of the bench under uvicorn, as bare as it can be; return its port."""
        port = self._next_port()
        options = "--http httptools --loop uvloop --ws none --no-access-log --log-level warning --no-server-header"
        command = (sys.executable, "-m", "uvicorn", app, *(("--factory",) if factory else ()), *options.split())
        await self._start(self._program(name, (*command, "--port", str(port)), port, dict(told)))
        return port

    async def start_profiled(self, file: Path) -> int:
        """Start the service that is measured once more, with a clock on its CPU (`bench.profiled`); return its port."""
        port, service = self._next_port(), self.measured
        command = (sys.executable, "-m", "bench.profiled", service, str(port), str(file))
        await self._start(self._program("profiled", command, port, self._told(service)))
        return port

    def _next_port(self) -> int:
        taken = {child.program.ready_port for child in self._children}
        first = self.settings.database_port + 1
        return next(port for port in range(first, first + _PORTS) if port not in taken)

    async def stop_floor(self) -> None:
        """Stop the bare endpoint."""
        await self.drain("floor")

    async def serve_by(self, processes: int) -> None:
        """Have the service that is measured served by so many processes from now on."""
        await self.drain(*self.settings.processes_of(self.measured))
        self.settings = replace(self.settings, workers={self.measured: processes})
        await self._start(*self._service(self.measured))

    async def drain(self, *names: str) -> None:
        """Stop these processes."""
        for child in [child for child in self._children if child.program.name in names]:
            self._children.remove(child)
            self.pids.pop(child.program.name, None)
            await child.drain(_DRAIN_SECONDS)

    async def stop(self) -> None:
        """Stop everything that runs on the database."""
        for child in reversed(self._children):
            await child.drain(_DRAIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._children.clear()
        self._tasks.clear()
        self.pids.clear()

    async def _start(self, *programs: Program) -> None:
        children = [Child(program, _say_nothing) for program in programs]
        self._children += children
        running = [asyncio.create_task(child.keep_alive()) for child in children]
        self._tasks += running
        waiting = asyncio.ensure_future(_all_ready(children))
        done, _ = await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
        if waiting not in done:
            waiting.cancel()
        await done.pop()

    def _service(self, name: str) -> list[Program]:
        port, told = self.settings.port_of(name), self._told(name)
        return [
            self._program(
                each, service_command(name, port) if own == port else worker_command(name, port, own), own, told
            )
            for each, own in self.settings.processes_of(name).items()
        ]

    def _told(self, name: str) -> dict[str, str]:
        return self._peers() | {
            "KEYACCOUNT_SERVICE": name,
            "KEYACCOUNT_LOGIN_URL": self.urls[name].login,
            "KEYACCOUNT_SECRETS": str(self.settings.secrets),
        }

    def _peers(self) -> dict[str, str]:
        urls = {f"KEYACCOUNT_{peer.upper()}_URL": self.settings.url_of(peer) for peer in SERVICES}
        return urls | {"KEYACCOUNT_PORT": str(self.settings.port)}

    def _program(self, name: str, command: tuple[str, ...], port: int, told: dict[str, str]) -> Program:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("KEYACCOUNT_")} | told
        log = self.settings.logs / f"{name}.log"
        return Program(name, command, lambda: environment, PROJECT, log, port, self._note)

    def _note(self, name: str, pid: int) -> None:
        self.pids[name] = pid


async def _all_ready(children: Sequence[Child]) -> None:
    await asyncio.gather(*(child.wait_ready() for child in children))


@asynccontextmanager
async def fresh_instance(
    *, durable: bool = True, measured: str = "opportunity", serving: Sequence[str] = MEASURED
) -> AsyncIterator[Instance]:
    """Make an empty, migrated instance in a temporary folder, and remove it afterwards.

    `serving` are the services that are started with it, among them the one that is `measured`.
    """
    home = temporary_home()
    settings = Settings(
        home, free_ports(), "", {}, demo=False, time_zone="UTC", reporting_currency="USD", audit=home / "audit"
    )
    server = await asyncio.to_thread(postgres.start, home / "postgres", settings.database_port, durable=durable)
    try:
        instance = Instance(settings, server, await _prepare(settings, server), measured, serving)
        try:
            yield instance
        finally:
            await instance.stop()
    finally:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(postgres.remove, home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


async def _prepare(settings: Settings, server: postgres.Server) -> dict[str, ServiceUrls]:
    ensure_secrets(settings.secrets)
    urls = await provision(server.admin_url, ensure_accounts(settings.secrets, SERVICES))
    keep_urls(settings.secrets, urls)
    log = settings.logs / "migrations.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "keyaccount.migrating",
            str(settings.secrets),
            cwd=PROJECT,
            stdout=output,
            stderr=output,
        )
        if await process.wait():
            raise Unable(f"The migrations failed:\n{last_words(log)}")
    return urls


def temporary_home() -> Path:
    """Return a new folder for an instance."""
    home = Path(tempfile.mkdtemp(prefix="keyaccount-bench-"))
    home.chmod(0o755)  # PostgreSQL's user passes through
    (home / "logs").mkdir()
    return home


def free_ports() -> int:
    """Return the first of so many free ports in a row that an instance finds room, several processes too."""
    for first in range(_FIRST_PORT + os.getpid() % 200 * _PORTS, _LAST_PORT, _PORTS):
        if all(is_free(first + place) for place in range(_PORTS)):
            return first
    raise Unable("No free ports for an instance.")


def _say_nothing(_: str, __: str) -> None:
    return None
