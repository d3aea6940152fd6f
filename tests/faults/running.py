"""One run: an instance, traffic and faults from a seed, and the judgement of all that happened."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from keyaccount.provisioning import SERVICES
from keyaccount.secrets import read_urls
from keyaccount.settings import PROJECT
from tests.faults import judging
from tests.faults.breaking import Breaker
from tests.faults.calling import Caller
from tests.faults.company import PROBES, assemble
from tests.faults.crowding import Crowd, Watch
from tests.faults.following import follow
from tests.faults.forecasting import Forecaster, open_cycle
from tests.faults.history import History
from tests.faults.importing import Importer
from tests.faults.jobs import JobGiver
from tests.faults.planted import Planted
from tests.faults.proxy import Proxy
from tests.faults.receiving import NETWORK, Receiver
from tests.faults.schedule import Schedule
from tests.faults.state import SETTLED_WITHIN_SECONDS, Final, read_state, unsettled
from tests.faults.traffic import Deals, Worker
from tests.system.instance import Instance, living_in, until

WITH_DATABASE_PROXY = ("customer", "forecast")
LOSING = ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '256MB'")


@dataclass(frozen=True)
class Plan:
    """What to do. `writes` are acknowledged ones, `workers` connections with single requests on their way.

    `batch` is the size of a batch of opportunities, `rates` how many exchange rates follow it, `batch_pause` the
    seconds until the next one; `job_pause` those between jobs.
    """

    seed: int = 1
    writes: int = 20_000
    workers: int = 8
    batch: int = 200
    rates: int = 0
    batch_pause: float = 0.5
    schedule: Schedule = field(default_factory=Schedule)
    planted: Planted | None = None
    most_seconds: float = 100.0
    forecasting: bool = True
    jobs: bool = True
    job_pause: float = 1.0
    webhooks: bool = True


@dataclass
class Result:
    """What came of it."""

    plan: Plan
    history: History
    final: Final
    verdicts: list[judging.Verdict]
    seconds: float
    crowd: Crowd


async def run(plan: Plan, kept: Path | None = None) -> Result:
    """Start an instance, load it and break it, let it come to rest, and judge; the history is kept in `kept`."""
    watch = Watch()
    with _folder() as folder:
        async with _instance(plan, folder) as (instance, proxies):
            with (kept or folder / "history.jsonl").open("w", encoding="utf-8") as file:
                history = History(file=file)
                company = await assemble(instance.port, instance.home / "secrets")
                if plan.planted is Planted.ASYNCHRONOUS_COMMIT:
                    await _make_careless(instance)
                caller = Caller(history, company, instance.port, random.Random(f"{plan.seed} keys"))  # noqa: S311
                began = time.monotonic()
                await _load(plan, caller, Breaker(instance, folder, caller, proxies))
                seconds = time.monotonic() - began
            final = await read_state(instance.home / "secrets", caller)
            if kept is not None:
                shutil.copytree(instance.home / "logs", kept.with_suffix(".logs"), dirs_exist_ok=True)
    return Result(plan, history, final, judging.judge(history, final), seconds, watch.crowd())


async def _load(plan: Plan, caller: Caller, breaker: Breaker) -> None:
    """Work and break until there are enough writes and every fault of the schedule has happened."""
    cycle = await open_cycle(caller) if plan.forecasting else None
    receiver = Receiver(caller)
    if plan.webhooks:
        await receiver.open()
    until_at = time.monotonic() + plan.most_seconds
    breaking = asyncio.create_task(plan.schedule.run(breaker, plan.seed, plan.writes))

    def going() -> bool:
        enough = caller.history.writes >= plan.writes and breaking.done()
        return not enough and time.monotonic() < until_at

    following = True
    followers = [asyncio.create_task(follow(caller, service, lambda: following)) for service in SERVICES]
    deals = Deals()
    work = [
        Worker(_through(caller, breaker, place), deals, _random(plan, f"worker {place}")).run(going)
        for place in range(plan.workers)
    ]
    work.append(Importer(caller, _random(plan, "importer"), plan.batch, plan.rates).run(going, plan.batch_pause))
    if plan.jobs:
        work.append(JobGiver(caller, _random(plan, "jobs")).run(going, plan.job_pause))
    if cycle:
        heads = caller.company.levels["head"]
        work += [Forecaster(caller, head, cycle, _random(plan, head.name)).run(going, 0.1) for head in heads]
    await asyncio.gather(*work)
    breaking.cancel()
    ending = await asyncio.gather(breaking, return_exceptions=True)
    if isinstance(ending[0], Exception):
        raise ending[0]
    await _settled(breaker.instance.home / "secrets")
    following = False
    await asyncio.gather(*followers)
    receiver.close()


def _through(caller: Caller, breaker: Breaker, place: int) -> Caller:
    """Let every fourth worker reach the gateway through a proxy."""
    if place % 4 or "client" not in breaker.proxies:
        return caller
    return Caller(caller.history, caller.company, breaker.proxies["client"].port, caller.rng)


def _random(plan: Plan, name: str) -> random.Random:
    return random.Random(f"{plan.seed} {name}")  # noqa: S311 (a seed is the point)


async def _settled(secrets: Path) -> None:
    """Wait until nothing is on its way any more, or nothing of it moves."""
    left: dict[str, int] = {}
    until_at = time.monotonic() + SETTLED_WITHIN_SECONDS
    while time.monotonic() < until_at:
        with contextlib.suppress(OSError, asyncpg.PostgresError):
            now = await unsettled(secrets)
            if not now:
                return
            if now != left:
                left, until_at = now, time.monotonic() + SETTLED_WITHIN_SECONDS
        await asyncio.sleep(0.2)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="keyaccount-faults-"))
    folder.chmod(0o755)  # PostgreSQL's user passes through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _instance(plan: Plan, folder: Path) -> AsyncIterator[tuple[Instance, dict[str, Proxy]]]:
    """Start an instance whose processes reach each other through proxies."""
    with living_in(folder / "home") as instance:
        proxies = _proxies(instance)
        for proxy in proxies.values():
            await proxy.start()
        plan_file = folder / "plan.json"
        plan_file.write_text(
            json.dumps(
                {
                    "services": {service: proxies[service].port for service in PROBES},
                    "databases": {name: proxies[f"{name} database"].port for name in WITH_DATABASE_PROXY},
                    "planted": plan.planted,
                }
            )
        )
        await asyncio.to_thread(_up, instance, plan_file)
        try:
            yield instance, proxies
        finally:
            for proxy in proxies.values():
                proxy.stop()
            await asyncio.to_thread(_down, instance)


def _proxies(instance: Instance) -> dict[str, Proxy]:
    port = instance.port
    proxies = {"client": Proxy("client", lambda: ("127.0.0.1", port))}
    for place, service in enumerate(SERVICES, start=1):
        proxies[service] = Proxy(service, lambda place=place: ("127.0.0.1", port + place))  # type: ignore[misc]
    for service in WITH_DATABASE_PROXY:
        name = f"{service} database"
        proxies[name] = Proxy(name, lambda service=service: _database(instance, service))  # type: ignore[misc]
    return proxies


def _database(instance: Instance, service: str) -> tuple[str, int]:
    url = read_urls(instance.home / "secrets")[service].login
    return "127.0.0.1", int(parse_qs(urlsplit(url).query)["port"][0])


def _up(instance: Instance, plan_file: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")}
    environment |= {"KEYACCOUNT_HOME": str(instance.home), "KEYACCOUNT_PORT": str(instance.port)}
    environment |= {"KEYACCOUNT_DEMO": "off", "KEYACCOUNT_LOG_LEVEL": "WARNING", "FAULTS_PLAN": str(plan_file)}
    environment |= {"KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES": NETWORK}
    with (plan_file.parent / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.starting"],
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=log,
            text=True,
        )
    instance.started.append(process)
    said = plan_file.parent / "up.log"
    until(lambda: "Keyaccount is up" in said.read_text() or process.poll() is not None, said, 120)
    assert process.poll() is None, said.read_text()


def _down(instance: Instance) -> None:
    for process in instance.started:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def _make_careless(instance: Instance) -> None:
    """Let PostgreSQL acknowledge what it has not written yet, and write as late as it may."""
    password = (instance.cluster.parent / "admin-password").read_text().strip()
    port = _database(instance, "team")[1]
    connection = await asyncpg.connect(
        user="postgres", password=password, host="127.0.0.1", port=port, database="postgres"
    )
    for setting in LOSING:
        await connection.execute(f"ALTER SYSTEM SET {setting}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
