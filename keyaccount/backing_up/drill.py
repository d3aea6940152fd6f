"""`keyaccount restore-drill`: whether what was acknowledged while a backup ran is there after a restore."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from keyaccount import postgres
from keyaccount.auditing.command import read_key, verify_service
from keyaccount.backing_up.backup import following, size_of
from keyaccount.backing_up.restore import restore
from keyaccount.children import Say
from keyaccount.database_urls import with_database
from keyaccount.postgres.server import is_free
from keyaccount.problems import Unable
from keyaccount.provisioning import DATABASE, SERVICES
from keyaccount.secrets import FIRST_SIGN_INS, read_urls
from keyaccount.settings import PROJECT, Settings
from servicekit.run.checkpointing import file_in

_UP_SECONDS = 120.0
_FIRST_SECONDS = 30.0
_LOOK_SECONDS = 0.2
FIGURES = {
    "audit rows": "SELECT count(*) FROM audit",
    "sequences of chains": "SELECT coalesce(sum(sequence), 0)::bigint FROM audit_head",
    "events": "SELECT count(*) FROM feed",
    "feed position": "SELECT last_position FROM relay",
}
"""What only grows."""
_REPLICATED = """
SELECT bool_and(flush_lsn >= $1::text::pg_lsn) FROM pg_stat_replication WHERE application_name = 'pg_receivewal'
"""


@dataclass
class Writes:
    """Customers that are entered while the backup runs; what was acknowledged is noted."""

    base_url: str
    secrets: Path
    acknowledged: list[str] = field(default_factory=list)
    first: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        """Enter one customer after the other until told to stop."""
        with signed_in(self.base_url, self.secrets) as client:
            while not self.stopping.is_set():
                company = {"kind": "customer", "legal_name": f"Restore drill {uuid4().hex}", "country": "DE"}
                answer = client.post("/v1/customers", json=company, headers={"Idempotency-Key": uuid4().hex})
                if answer.is_success:
                    self.acknowledged.append(answer.json()["id"])
                    self.first.set()


@contextmanager
def signed_in(base_url: str, secrets: Path) -> Iterator[httpx.Client]:
    """Lend a client of the gateway, signed in as the client for imports."""
    given = json.loads((secrets / FIRST_SIGN_INS).read_text(encoding="utf-8"))["import_client"]
    with httpx.Client(base_url=base_url, timeout=30) as client:
        answer = client.post("/v1/sign-in/token", data={"grant_type": "client_credentials", **given})
        if not answer.is_success:
            message = f"The drill cannot sign in at {base_url} ({answer.status_code})."
            raise Unable(message)
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def drill(settings: Settings, seconds: float, say: Say) -> dict[str, Any]:
    """Back up the running instance under writes, restore it elsewhere, start it there, and compare; leave nothing.

    Raises:
        Unable: something that was there before the end of the log is not there after the restore.
    """
    with tempfile.TemporaryDirectory(prefix="keyaccount-drill-") as place:
        Path(place).chmod(0o755)
        writes = Writes(settings.base_url, settings.secrets)
        writing = threading.Thread(target=writes.write, daemon=True)
        began = time.monotonic()
        with following(settings, Path(place) / "backup", say) as server:
            taken = time.monotonic() - began
            writing.start()
            writing.join(seconds)
            if not writes.first.wait(_FIRST_SECONDS):
                message = f"No write was acknowledged within {_FIRST_SECONDS:.0f} s; is the instance well?"
                raise Unable(message)
            writes.stopping.set()
            writing.join()
            before = asyncio.run(_figures_once_replicated(server.admin_url))
        size = size_of(Path(place) / "backup")
        say("drill", f"{len(writes.acknowledged):,} writes acknowledged since the base backup; restoring")
        home = Path(place) / "home"
        began = time.monotonic()
        try:
            restore(Path(place) / "backup", home, None, say)
            restored = time.monotonic() - began
            with _up(home) as base_url:
                started = time.monotonic() - began - restored
                found = _compare(base_url, home, writes.acknowledged, before)
        finally:
            _remove(home)
    report = {
        "acknowledged": len(writes.acknowledged),
        "lost": 0,
        "backup_seconds": round(taken, 1),
        "backup_bytes": size,
        "restore_seconds": round(restored, 1),
        "start_seconds": round(started, 1),
        **found,
    }
    say("drill", f"nothing lost; restored in {restored:.1f} s, up after {started:.1f} s more, the trail is whole")
    return report


async def _figures_once_replicated(admin_url: str) -> dict[str, int]:
    """Note what there is, then wait until the log up to there has arrived."""
    connection = await asyncpg.connect(with_database(admin_url, DATABASE))
    try:
        figures = await _figures(connection)
        end = await connection.fetchval("SELECT pg_current_wal_insert_lsn()::text")
        await connection.execute("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'drill', 'end')")
        deadline = time.monotonic() + _UP_SECONDS
        while not await connection.fetchval(_REPLICATED, end):
            if time.monotonic() > deadline:
                message = "The write-ahead log does not arrive in the backup."
                raise Unable(message)
            await asyncio.sleep(_LOOK_SECONDS)
        return figures
    finally:
        await connection.close()


async def _figures(connection: asyncpg.Connection) -> dict[str, int]:
    """Return what only grows, by service."""
    found: dict[str, int] = {}
    for service in SERVICES:
        await connection.execute(f"SET search_path = {service}")
        found |= await _figures_in(connection, service)
    return found


async def _figures_in(connection: asyncpg.Connection, service: str) -> dict[str, int]:
    return {f"{service} {what}": await connection.fetchval(query) for what, query in FIGURES.items()}


def _compare(base_url: str, home: Path, acknowledged: list[str], before: dict[str, int]) -> dict[str, Any]:
    with signed_in(base_url, home / "secrets") as client:
        lost = [each for each in acknowledged if client.get(f"/v1/customers/{each}").status_code != httpx.codes.OK]
    if lost:
        message = f"{len(lost)} of {len(acknowledged)} acknowledged writes are lost, the first is customer {lost[0]}."
        raise Unable(message)
    urls, key = read_urls(home / "secrets"), read_key(home / "secrets")
    reports = [
        asyncio.run(
            verify_service(
                service, urls[service], key, file_in(home / "audit", service), since=None, tell=lambda _: None
            )
        )
        for service in SERVICES
    ]
    for report in reports:
        if report.faults:
            message = (
                f"The audit trail of {report.service} is not whole: {report.faults[0].place()}: {report.faults[0].what}"
            )
            raise Unable(message)
    after: dict[str, int] = {}
    for service in SERVICES:
        after |= asyncio.run(_figures_of(urls[service].login, service))
    if less := {name: (value, after[name]) for name, value in before.items() if after[name] < value}:
        message = f"There is less than before: {less}"
        raise Unable(message)
    return {"audit_rows": sum(report.rows for report in reports), "figures": after}


async def _figures_of(url: str, service: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        return await _figures_in(connection, service)
    finally:
        await connection.close()


@contextmanager
def _up(home: Path) -> Iterator[str]:
    """Run the restored instance at ports of its own while the block runs."""
    port = next(base for base in range(30000, 60000, 10) if all(is_free(base + step) for step in range(6)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")}
    environment |= {"KEYACCOUNT_HOME": str(home), "KEYACCOUNT_PORT": str(port), "KEYACCOUNT_DEMO": "off"}
    with (home / "drill.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "keyaccount", "up"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    base_url = f"http://127.0.0.1:{port}"
    try:
        _await_ready(base_url, process, home / "drill.log")
        yield base_url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _await_ready(base_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base_url}/health", timeout=5).json().get("status") == "ready":
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(_LOOK_SECONDS)
    message = f"The restored instance does not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
    raise Unable(message)


def _remove(home: Path) -> None:
    """Remove what lies elsewhere too, where PostgreSQL's user could not reach the folder."""
    if (home / "postgres").exists():
        postgres.remove(home / "postgres")
    shutil.rmtree(home, ignore_errors=True)
