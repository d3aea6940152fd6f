"""`keyaccount audit verify` and `keyaccount audit checkpoint`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
from joserfc.jwk import OKPKey
from rich.console import Console

from keyaccount.auditing.chains import check_chains
from keyaccount.auditing.findings import Fault, Report
from keyaccount.auditing.signatures import check_checkpoints
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES, ServiceUrls
from keyaccount.secrets import AUDIT_KEY, read_urls
from keyaccount.settings import Settings
from servicekit.data.checkpoint_file import CheckpointFile, Line
from servicekit.data.checkpoints import Checkpoint
from servicekit.run.checkpointing import Checkpointing, Signer, file_in

WHOLE, TAMPERED = 0, 3
NEWEST_UNTIL = "SELECT * FROM audit_checkpoint WHERE at <= $1 ORDER BY number DESC LIMIT 1"
_CONNECT_SECONDS = 10.0
_PATIENCE_SECONDS = 60.0

Tell = Callable[[int], None]


def verify(settings: Settings, services: Sequence[str], since: datetime | None, *, as_json: bool) -> int:
    """Check the trail of each service and print what was found; return the exit code."""
    key, urls = read_key(settings.secrets), urls_of(settings, services)
    console = Console(stderr=True, quiet=as_json)
    reports = []
    for service in services:
        with console.status(f"{service}: reading"):
            telling = _teller(console, service)
            file = file_in(settings.audit, service)
            reports.append(asyncio.run(verify_service(service, urls[service], key, file, since=since, tell=telling)))
    if as_json:
        print(json.dumps(_as_json(reports), indent=2, default=str))  # noqa: T201 - what was asked for
    else:
        _show(Console(), reports)
    return TAMPERED if any(report.faults for report in reports) else WHOLE


def checkpoint(settings: Settings, services: Sequence[str], *, as_json: bool) -> int:
    """Sign what is outstanding of each service now; return the exit code."""
    key, urls = read_key(settings.secrets), urls_of(settings, services)
    signed = {}
    for service in services:
        rows = asyncio.run(_sign(service, urls[service], key, file_in(settings.audit, service)))
        if rows is None:
            message = f"A transaction on the server of {service} has been open for long; nothing was signed."
            raise Unable(message)
        signed[service] = rows
        if not as_json:
            Console().print(f"{service}: {rows:,} rows signed", highlight=False)
    if as_json:
        print(json.dumps(signed, indent=2))  # noqa: T201 - what was asked for
    return WHOLE


async def verify_service(
    service: str, urls: ServiceUrls, key: OKPKey, file: CheckpointFile, *, since: datetime | None, tell: Tell
) -> Report:
    """Check one service's trail, or what came after the last checkpoint before `since`, as of one instant."""
    known = file.size()  # before the snapshot: whatever the file says by now is in the database
    async with connected(service, urls) as connection, connection.transaction(isolation="repeatable_read"):
        lines = None if known is None else file.in_force(known)
        return await check(connection, service, key, lines, since=since, tell=tell)


async def check(
    connection: asyncpg.Connection,
    service: str,
    key: OKPKey,
    filed: Iterator[Line] | None,
    *,
    since: datetime | None = None,
    tell: Tell = lambda _: None,
) -> Report:
    """Check what the transaction of a connection sees of a trail, and the lines of its file, if there is one."""
    began = time.monotonic()
    report = Report(service)
    start = await connection.fetchrow(NEWEST_UNTIL, since) if since else None
    first = Checkpoint.of(service, start) if start else None
    last = await check_checkpoints(connection, report, key, first, filed)
    await check_chains(connection, report, first, last, tell)
    report.seconds = time.monotonic() - began
    return report


def read_key(secrets: Path) -> OKPKey:
    """Return the key of the audit trail."""
    path = secrets / AUDIT_KEY
    try:
        return OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except OSError as failure:
        message = f"{path} cannot be read ({failure.strerror}); the first start of an instance makes it."
        raise Unable(message) from failure


def urls_of(settings: Settings, services: Sequence[str]) -> dict[str, ServiceUrls]:
    """Return how the services' databases are reached."""
    if unknown := [service for service in services if service not in SERVICES]:
        message = f"There is no service {unknown[0]!r}; there are {', '.join(SERVICES)}."
        raise Unable(message)
    urls = read_urls(settings.secrets)
    if missing := [service for service in services if service not in urls]:
        message = f"{settings.secrets} does not say where the database of {missing[0]} is; `keyaccount up` writes it."
        raise Unable(message)
    return urls


@asynccontextmanager
async def connected(service: str, urls: ServiceUrls) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection to a service's schema, as its login role."""
    try:
        connection = await asyncpg.connect(urls.login, timeout=_CONNECT_SECONDS, server_settings={"jit": "off"})
    except (OSError, TimeoutError, asyncpg.PostgresError) as failure:
        message = f"The database of {service} cannot be reached ({failure}); is the instance running?"
        raise Unable(message) from failure
    try:
        yield connection
    finally:
        await connection.close()


async def _sign(service: str, urls: ServiceUrls, key: OKPKey, file: CheckpointFile) -> int | None:
    async with connected(service, urls) as connection:
        return await Checkpointing(service, Signer(key), file).step(connection, _PATIENCE_SECONDS)


def _teller(console: Console, service: str) -> Tell:
    began = time.monotonic()

    def tell(rows: int) -> None:
        if console.is_terminal:
            console.print(f"{service}: {rows:,} rows, {rows / (time.monotonic() - began):,.0f} a second", end="\r")

    return tell


def _show(console: Console, reports: Sequence[Report]) -> None:
    for report in reports:
        signed = f"signed until {report.signed_until:%Y-%m-%d %H:%M:%S} UTC" if report.signed_until else "never signed"
        console.print(
            f"{report.service}: {'whole' if not report.faults else 'NOT WHOLE'}; {report.rows:,} rows in "
            f"{report.chains:,} chains, {report.checkpoints:,} checkpoints, {signed}, {report.unsigned_rows:,} rows "
            f"since; {report.seconds:.1f} s",
            highlight=False,
            soft_wrap=True,
        )
        for place, fault in enumerate(report.faults):
            console.print(_line(fault, first=place == 0), highlight=False, soft_wrap=True, markup=False)
        if report.is_full:
            console.print("  … and perhaps more", highlight=False)


def _line(fault: Fault, *, first: bool) -> str:
    where = fault.place()
    return f"  {'first: ' if first else ''}{f'{where}: ' if where else ''}{fault.what}"


def _as_json(reports: Sequence[Report]) -> dict[str, object]:
    faults = [report.as_json()["first_fault"] for report in reports if report.faults]
    return {
        "ok": not faults,
        "first_fault": faults[0] if faults else None,
        "services": [report.as_json() for report in reports],
    }
