"""`keyaccount doctor`: what is in force, and what is lacking, with the way out."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import asyncpg
from rich.console import Console
from rich.markup import escape

from keyaccount import instance
from keyaccount.database_urls import with_database, without_password
from keyaccount.postgres import cluster, places, system_user
from keyaccount.postgres.server import is_free
from keyaccount.problems import Unable
from keyaccount.provisioning import DATABASE, EXTENSIONS, OLDEST_VERSION, SERVICES
from keyaccount.secrets import read_urls
from keyaccount.settings import VARIABLES, Settings, settings_from, unknown_variables
from keyaccount.sign_in_checks import sign_in_findings

_LEAST_DISK_BYTES = 2_000_000_000
_CONNECT_SECONDS = 5.0

Check = Callable[[Settings], Iterator["Finding"]]


@dataclass(frozen=True)
class Finding:
    """What one check found; `remedy` is set where something is wrong."""

    subject: str
    state: str
    remedy: str = ""


def examine(console: Console) -> bool:
    """Print configuration and findings; whether all is well."""
    _print_configuration(console)
    try:
        settings = settings_from()
    except Unable as problem:
        findings = [Finding("configuration", "not understood", str(problem))]
    else:
        findings = [finding for check in CHECKS for finding in check(settings)]
    findings += [
        Finding("configuration", f"{name} is set and means nothing", "Correct or unset it.")
        for name in unknown_variables()
    ]
    for finding in findings:
        mark = "[red]✗[/red]" if finding.remedy else "[green]✓[/green]"
        console.print(f" {mark} {finding.subject}: {escape(finding.state)}", highlight=False, soft_wrap=True)
        if finding.remedy:
            console.print(f"   {escape(finding.remedy)}", highlight=False, soft_wrap=True)
    return not any(finding.remedy for finding in findings)


def _print_configuration(console: Console) -> None:
    widest = max(len(variable.name) for variable in VARIABLES)
    for variable in VARIABLES:
        given = os.environ.get(variable.name)
        shown = without_password(given) if given and variable.name.endswith("_URL") else given
        shown = "…" if shown and variable.name.endswith("_PASSWORD") else shown
        in_force = shown or f"{variable.default or 'none'} (default)"
        line = f"{variable.name:<{widest}}  [bold]{escape(in_force)}[/bold]  [dim]{escape(variable.meaning)}[/dim]"
        console.print(line, highlight=False, soft_wrap=True)
    console.print()


def check_python(_: Settings) -> Iterator[Finding]:
    """Python's version."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    old = sys.version_info < (3, 11)
    yield Finding("python", version, "Python 3.11 or later is needed." if old else "")


def check_home(settings: Settings) -> Iterator[Finding]:
    """Whether there is a place to write, and room."""
    existing = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    writable = os.access(existing, os.W_OK | os.X_OK)
    yield Finding("data folder", str(settings.home), "" if writable else "It cannot be written; set KEYACCOUNT_HOME.")
    free = shutil.disk_usage(existing).free
    remedy = f"Less than {_LEAST_DISK_BYTES / 1e9:.0f} GB; make room." if free < _LEAST_DISK_BYTES else ""
    yield Finding("disk", f"{free / 1e9:.1f} GB free", remedy)


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Whether the ports are free, unless our own instance has them."""
    if running := instance.running_instance(settings.home):
        yield Finding("instance", f"running on port {running.port} (process {running.owner.pid})")
        return
    yield Finding("instance", "not running")
    for name, port in settings.ports():
        free = is_free(port)
        yield Finding(
            f"port of {name}", f"{port} {'free' if free else 'taken'}", "" if free else "Set KEYACCOUNT_PORT."
        )


def check_workers(settings: Settings) -> Iterator[Finding]:
    """Whether the machine has room for the processes, and the embedded server for their connections."""
    counts = {name: len(settings.processes_of(name)) for name in SERVICES}
    several = [f"{name} {count}" for name, count in counts.items() if count > 1]
    cores = os.cpu_count() or 1
    state = f"{', '.join(several)}, the others 1; {cores} cores" if several else "one process for each service"
    yield Finding("workers", state)
    each = os.environ.get("KEYACCOUNT_CONNECTIONS") or "10"
    if not settings.needs_embedded or not each.isdigit():
        return
    needed = sum(count * int(each) for name, count in counts.items() if name not in settings.database_urls)
    most = cluster.MOST_CONNECTIONS - cluster.OTHERS_CONNECTIONS
    remedy = f"They may be {most}: lower KEYACCOUNT_WORKERS or KEYACCOUNT_CONNECTIONS." if needed > most else ""
    yield Finding("connections", f"up to {needed} of the services", remedy)


def check_embedded(settings: Settings) -> Iterator[Finding]:
    """What the embedded PostgreSQL needs of the machine."""
    if not settings.needs_embedded:
        yield Finding("postgresql", "own server")
        return
    try:
        yield Finding("postgresql", f"embedded, {places.wheel_binaries()}")
        yield Finding("locale", cluster.character_type())
    except Unable as problem:
        yield Finding("postgresql", "embedded, but not able to run", str(problem))
    socket = settings.home / "postgres" / "socket"
    state = "in the data folder" if places.socket_path_fits(socket) else "in the temporary folder, the path is too long"
    yield Finding("socket", state)
    if os.geteuid() == 0:
        yield _user_for_root()


def _user_for_root() -> Finding:
    name = system_user.USER_NAME
    if system_user.system_user_exists():
        return Finding("user", f"we are root, PostgreSQL runs as {name}")
    if system_user.can_make_system_user():
        return Finding("user", f"we are root, the user {name} will be made for PostgreSQL")
    remedy = f"Make a system user {name}: PostgreSQL does not run as root, and there is no useradd here."
    return Finding("user", "we are root", remedy)


def check_databases(settings: Settings) -> Iterator[Finding]:
    """Whether the servers that can be reached find Chinese, know our extensions and are new enough."""
    given = {settings.database_url, *settings.database_urls.values()} - {""}
    for url in sorted(given | _embedded_url(settings)):
        name = f"database {without_password(url)}"
        try:
            yield from asyncio.run(_examine_server(name, url))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
            yield Finding(name, "cannot be reached", f"{type(failure).__name__}: {failure}")


def _embedded_url(settings: Settings) -> set[str]:
    """Return how a service reaches the embedded server, while it runs."""
    if not settings.needs_embedded or instance.running_instance(settings.home) is None:
        return set()
    urls = read_urls(settings.secrets)
    embedded = [service for service in SERVICES if service in urls and service not in settings.database_urls]
    return {urls[service].login for service in embedded[:1]}


async def _examine_server(name: str, url: str) -> list[Finding]:
    connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    try:
        version = connection.get_server_version()
        old = version.major * 10000 < OLDEST_VERSION
        findings = [Finding(name, f"PostgreSQL {version.major}", "PostgreSQL 18 or later is needed." if old else "")]
        offered = {row["name"] for row in await connection.fetch("SELECT name FROM pg_available_extensions")}
        missing = sorted(set(EXTENSIONS) - offered)
        findings.append(Finding(name, "extensions", f"Install {', '.join(missing)}." if missing else ""))
        provisioned = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE)
    finally:
        await connection.close()
    if provisioned:
        findings.append(await _examine_trigrams(name, with_database(url, DATABASE)))
    return findings


async def _examine_trigrams(name: str, url: str) -> Finding:
    connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    try:
        found = await connection.fetchval("SELECT array_length(extensions.show_trgm('大客户'), 1)")
    finally:
        await connection.close()
    remedy = "" if found else "LC_CTYPE of the database has to be C.UTF-8: make the database anew with it."
    return Finding(name, "Chinese names are found" if found else "finds no trigram in a Chinese name", remedy)


def check_sign_in(_: Settings) -> Iterator[Finding]:
    """Who signs people in, and whether that can work."""
    yield from (Finding(*found) for found in sign_in_findings())


CHECKS: tuple[Check, ...] = (
    check_python,
    check_home,
    check_ports,
    check_workers,
    check_embedded,
    check_databases,
    check_sign_in,
)
