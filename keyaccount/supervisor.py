"""`keyaccount up`: everything started in order, kept alive, and stopped in the other order."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from keyaccount.children import Child, Program, last_words
from keyaccount.databases import Databases
from keyaccount.forking import ForkServer
from keyaccount.instance import Record
from keyaccount.postgres.server import is_free
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES
from keyaccount.secrets import ensure_secrets
from keyaccount.settings import PROJECT, VARIABLES, Settings
from keyaccount.telling import Teller
from keyaccount.worker import GRACE_SECONDS, LOOPBACK, UVICORN

GATEWAY = "gateway"
FORK_SERVER = "fork-server"
DEMO_LOADED = "demo-loaded"
_DRAIN_SECONDS = GRACE_SECONDS + 5.0


async def run(settings: Settings, record: Record, teller: Teller) -> None:
    """Run an instance until SIGINT, SIGTERM or SIGHUP; a second signal hurries.

    Raises:
        Unable: it cannot be started; what was started is stopped.
    """
    instance = Instance(settings, record, teller)
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            instance.hurry()
        else:
            teller.say("keyaccount", "stopping")
            told.set()

    heard = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means to outlive the terminal
        heard.append(signal.SIGHUP)
    for number in heard:
        asyncio.get_running_loop().add_signal_handler(number, tell)
    living, stopping = asyncio.create_task(instance.live()), asyncio.create_task(told.wait())
    try:
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        living.cancel()
        stopping.cancel()
        (ending,) = await asyncio.gather(living, return_exceptions=True)
        await instance.close()
    if isinstance(ending, Exception):
        raise ending


class Instance:
    """The processes of one instance."""

    def __init__(self, settings: Settings, record: Record, teller: Teller) -> None:
        self._settings = settings
        self._record = record
        self._teller = teller
        self._databases = Databases(settings, teller.say)
        self._began = time.monotonic()
        self._forks = ForkServer(
            python("-m", "keyaccount.fork_server"),
            PROJECT,
            settings.logs / "fork-server.log",
            say=lambda what: teller.say("keyaccount", what),
            started=lambda pid: record.note_child(FORK_SERVER, pid),
        )
        self._children = {
            name: Child(self._program(name, served, port), teller.say, self._forks)
            for served in (*SERVICES, GATEWAY)
            for name, port in settings.processes_of(served).items()
        }

    async def live(self) -> None:
        """Start everything and keep it alive; ends only by being cancelled or by what cannot be mended."""
        for name, port in self._settings.ports():
            if not is_free(port):
                message = f"Port {port}, for {name}, is taken; set KEYACCOUNT_PORT to another."
                raise Unable(message)
        self._forks.open()  # it reads in while PostgreSQL starts
        first = ensure_secrets(self._settings.secrets)
        await self._databases.open()
        await self._migrate()
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in self._children.values():
                    tasks.create_task(child.keep_alive())
                tasks.create_task(self._databases.watch(self._reconnect))
                tasks.create_task(self._welcome(first=first))
        except* Unable as failures:
            raise failures.exceptions[0] from None

    async def close(self) -> None:
        """Let the door finish, then the services, then PostgreSQL."""
        await self._children[GATEWAY].drain(_DRAIN_SECONDS)
        await asyncio.gather(*(child.drain(_DRAIN_SECONDS) for child in self._serving()))
        await self._forks.close()
        await self._databases.close()

    def hurry(self) -> None:
        """End the processes without waiting for what they are doing."""
        for child in self._children.values():
            child.kill()

    def _reconnect(self) -> None:
        for child in self._serving():
            child.terminate()

    def _serving(self) -> list[Child]:
        """Return the processes of the services: everything that is on a database."""
        return [child for name, child in self._children.items() if name != GATEWAY]

    async def _migrate(self) -> None:
        log = self._settings.logs / "migrations.log"
        code = await self._run_once("keyaccount.migrating", str(self._settings.secrets), log=log)
        if code != 0:
            message = f"The migrations failed, nothing was started:\n{last_words(log)}"
            raise Unable(message)
        self._teller.say("postgresql", "provisioned and migrated")

    async def _welcome(self, *, first: bool) -> None:
        """Tell where everything is; load the demo, once; show what there is."""
        await asyncio.gather(*(child.wait_ready() for child in self._children.values()))
        self._teller.show_addresses(self._settings, time.monotonic() - self._began)
        if first:
            self._teller.show_first_sign_ins(self._settings)
        if not self._settings.demo:
            return
        marker = self._settings.home / DEMO_LOADED
        if not marker.exists():
            code = await self._run_once(
                "keyaccount.demonstration", self._settings.base_url, str(self._settings.secrets)
            )
            if code != 0:
                self._teller.say("keyaccount", f"the demo data are not complete (code {code}); the next start goes on")
                return
            marker.touch()
        await self._run_once("keyaccount", "report")

    async def _run_once(self, module: str, *arguments: str, log: Path | None = None) -> int:
        """Run one of our modules to its end, on the terminal or into a log; it does not outlive us."""
        output = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            output = os.open(log, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600)
        process = await asyncio.create_subprocess_exec(
            *python("-m", module, *arguments),
            cwd=PROJECT,
            env=os.environ | _own_variables(self._settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        if output is not None:
            os.close(output)
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    def _program(self, name: str, served: str, port: int) -> Program:
        """Return how a process of a service, or the gateway, is run; it alone answers at the port."""
        settings = self._settings
        if served == GATEWAY:
            command = gateway_command()
        elif port == settings.port_of(served):
            command = service_command(served, port)
        else:
            command = worker_command(served, settings.port_of(served), port)
        return Program(
            name=name,
            command=command,
            environment=lambda: self._environment(name, served),
            folder=PROJECT,
            log=settings.logs / f"{name}.log",
            ready_port=port,
            started=self._record.note_child,
        )

    def _environment(self, name: str, served: str) -> Mapping[str, str]:
        """Return a child's environment: no administrator's URL, no other service's database."""
        administrative = {variable.name for variable in VARIABLES if variable.name.endswith("DATABASE_URL")}
        passed = {key: value for key, value in os.environ.items() if key not in administrative}
        settings = self._settings
        passed |= _own_variables(settings)
        passed["KEYACCOUNT_SECRETS"] = str(settings.secrets)
        passed |= {f"KEYACCOUNT_{peer.upper()}_URL": settings.url_of(peer) for peer in SERVICES}
        if served != GATEWAY:
            passed |= {
                "KEYACCOUNT_SERVICE": served,
                "KEYACCOUNT_PROCESS": f"{socket.gethostname()}:{settings.home}:{name}",
                "KEYACCOUNT_LOGIN_URL": self._databases.urls[served].login,
                "KEYACCOUNT_AUDIT_FOLDER": str(settings.audit),
            }
        return passed


def _own_variables(settings: Settings) -> dict[str, str]:
    return {
        "KEYACCOUNT_HOME": str(settings.home),
        "KEYACCOUNT_PORT": str(settings.port),
        "KEYACCOUNT_PUBLIC_URL": os.environ.get("KEYACCOUNT_PUBLIC_URL") or settings.base_url,
        "KEYACCOUNT_TIME_ZONE": settings.time_zone,
        "KEYACCOUNT_REPORTING_CURRENCY": settings.reporting_currency,
        "KEYACCOUNT_UNCLASSIFIED": settings.unclassified,
        "PYTHONUNBUFFERED": "1",
    }


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs our own Python."""
    return (sys.executable, *arguments)


def service_command(service: str, port: int) -> tuple[str, ...]:
    """Return how a service is served by one process."""
    options = {"host": LOOPBACK, "port": port} | UVICORN
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    flags = ("--no-access-log", "--no-server-header", "--no-proxy-headers")
    return python("-m", "uvicorn", f"services.{service}.app:create_app", "--factory", *words, *flags)


def worker_command(service: str, port: int, own_port: int) -> tuple[str, ...]:
    """Return how one of several processes of a service is run."""
    return python("-m", "keyaccount.worker", service, str(port), str(own_port))


def gateway_command() -> tuple[str, ...]:
    """Return how the gateway is served: it has a server of its own making."""
    return python("-m", "gateway")
