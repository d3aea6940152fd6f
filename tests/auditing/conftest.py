"""A trail of a few chains, signed in several checkpoints, in a database of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from joserfc.jwk import OKPKey

from keyaccount.auditing.command import check, read_key, verify_service
from keyaccount.auditing.findings import Fault, Report
from keyaccount.database_urls import with_database
from keyaccount.provisioning import ServiceUrls, drop_database
from servicekit.data.checkpoint_file import CheckpointFile
from servicekit.run.checkpointing import Checkpointing, Signer
from servicekit.values.ids import new_id
from tests.conftest import Template

SERVICE = "customer"
CREATE = """
CREATE TABLE shelf (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shelf
    FOR EACH ROW EXECUTE FUNCTION audit_change('shelf', 'id', '')
"""
ACT = "BEGIN; SET LOCAL keyaccount.actor = 'service:tests';"


@dataclass
class Trail:
    """A service's trail, somebody who may do anything to its tables, and what is signed."""

    urls: ServiceUrls
    key: OKPKey
    file: CheckpointFile
    owner: asyncpg.Connection
    admin: asyncpg.Connection
    login: asyncpg.Connection
    shelves: list[UUID]

    @property
    def checkpointing(self) -> Checkpointing:
        return Checkpointing(SERVICE, Signer(self.key), self.file)

    async def put(self, shelf: UUID, name: str) -> None:
        """Write a row, which is audited."""
        await self.owner.execute(
            f"{ACT} INSERT INTO shelf VALUES ('{shelf}', '{name}') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;"
            "COMMIT"
        )

    async def write(self, rounds: int = 2) -> None:
        """Give every chain some rows."""
        for _ in range(rounds):
            for shelf in self.shelves:
                await self.put(shelf, new_id().hex)

    async def sign(self) -> int | None:
        return await self.checkpointing.step(self.login)

    async def verify(self, since: datetime | None = None) -> Report:
        return await verify_service(SERVICE, self.urls, self.key, self.file, since=since, tell=lambda _: None)

    async def verify_tampered(self, *statements: str, since: datetime | None = None) -> Report:
        """Do as a superuser whom no trigger stops, look, and take it back."""
        transaction = self.admin.transaction()
        await transaction.start()
        try:
            await self._tamper(statements)
            size = self.file.size()
            lines = None if size is None else self.file.in_force(size)
            return await check(self.admin, SERVICE, self.key, lines, since=since)
        finally:
            await transaction.rollback()

    async def first_of(self, *statements: str) -> Fault:
        """Return the first fault after tampering."""
        report = await self.verify_tampered(*statements)
        assert report.faults, "the trail passed for whole"
        return report.faults[0]

    async def tamper(self, *statements: str) -> None:
        """Tamper for good."""
        async with self.admin.transaction():
            await self._tamper(statements)

    async def _tamper(self, statements: Sequence[str]) -> None:
        await self.admin.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await self.admin.execute(statement)


@asynccontextmanager
async def open_trail(template: Template, folder: Path) -> AsyncIterator[Trail]:
    name, urls = await template.clone()
    owner, login = await asyncpg.connect(urls[SERVICE].owner), await asyncpg.connect(urls[SERVICE].login)
    admin = await asyncpg.connect(with_database(template.admin_url, name))
    await admin.execute(f"SET search_path = {SERVICE}, extensions")
    await owner.execute(CREATE)
    file = CheckpointFile(folder / "audit" / "customer.checkpoints")
    shelves = sorted(new_id() for _ in range(3))
    made = Trail(urls[SERVICE], read_key(template.secrets), file, owner, admin, login, shelves)
    await made.write()
    await made.sign()
    await made.write()
    await made.sign()
    yield made
    for connection in (owner, login, admin):
        await connection.close()
    await drop_database(template.admin_url, name)


@pytest.fixture(scope="module")
async def trail(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trail]:
    """Return the trail that tests share: whoever tampers with it takes it back."""
    async with open_trail(template, tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture
async def own_trail(template: Template, tmp_path: Path) -> AsyncIterator[Trail]:
    """Return a trail to be spoilt for good."""
    async with open_trail(template, tmp_path) as opened:
        yield opened
