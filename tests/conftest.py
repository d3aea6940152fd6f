"""One PostgreSQL per test process, one migrated template, a clone per house."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from keyaccount import postgres
from keyaccount.provisioning import SERVICES, ServiceUrls, clone_database, drop_database, provision, service_urls
from keyaccount.secrets import ensure_accounts, ensure_secrets, keep_urls
from servicekit.data.migrations import migrate
from servicekit.run.logs import configure_logs
from servicekit.values.ids import new_id
from tests.house import House, open_house
from tests.make import Make
from tests.telling import show

TEMPLATE = "keyaccount_template"

configure_logs("tests", "CRITICAL")
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # how long an example takes says how busy the machine is


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    show(terminalreporter)


@dataclass(frozen=True)
class Template:
    """A server with a migrated database to be cloned."""

    admin_url: str
    secrets: Path

    async def clone(self) -> tuple[str, dict[str, ServiceUrls]]:
        """Return the name of a new clone and the services' URLs to it."""
        name = f"house_{new_id().hex}"
        await clone_database(self.admin_url, TEMPLATE, name)
        accounts = ensure_accounts(self.secrets, SERVICES)
        return name, {s: service_urls(self.admin_url, name, s, account) for s, account in accounts.items()}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    folder = Path(tempfile.mkdtemp(prefix="keyaccount-"))
    folder.chmod(0o755)
    running = postgres.start(folder / "postgres", durable=False)
    yield running
    running.stop()
    postgres.remove(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Template:
    secrets = tmp_path_factory.mktemp("secrets")
    ensure_secrets(secrets)
    accounts = ensure_accounts(secrets, SERVICES)
    urls = await provision(postgres_server.admin_url, accounts, TEMPLATE)

    keep_urls(secrets, urls)

    for service in SERVICES:
        await asyncio.to_thread(migrate, service, urls[service].owner)
    return Template(postgres_server.admin_url, secrets)


@pytest.fixture(scope="session")
async def house(template: Template) -> AsyncIterator[House]:
    """Return a house that tests share: assert on what your test made."""
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield opened


@pytest.fixture
async def empty_house(template: Template) -> AsyncIterator[House]:
    """Return a house of its own to one test."""
    name, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield opened
    await drop_database(template.admin_url, name)


@pytest.fixture
async def make(house: House) -> Make:
    """Return the factories of the shared house."""
    return Make(house)
