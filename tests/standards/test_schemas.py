"""The migrated schemas are what the tables declare: also where Alembic does not look."""

import asyncio
import importlib
from typing import Any

import asyncpg
import pytest
from sqlalchemy import CheckConstraint, MetaData

from keyaccount.provisioning import SERVICES
from servicekit.data.migrations import check, migrate, parts_of
from servicekit.data.tables import Audited
from tests.conftest import Template
from tests.house import existing_services


def metadata_of(service: str) -> list[MetaData]:
    return [importlib.import_module(part.tables).metadata for part in parts_of(service)]


def tables_of(service: str) -> list[Any]:
    return [table for metadata in metadata_of(service) for table in metadata.sorted_tables]


@pytest.fixture(params=existing_services())
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def schema(template: Template, service: str) -> Any:
    _, urls = await template.clone()
    connection = await asyncpg.connect(urls[service].owner)
    yield connection, urls[service].owner
    await connection.close()


async def test_tables_are_as_declared(schema: Any, service: str) -> None:
    _, owner_url = schema
    await asyncio.to_thread(check, service, owner_url)


async def test_migrating_twice_changes_nothing(schema: Any, service: str) -> None:
    connection, owner_url = schema
    before = await fingerprint(connection)
    await asyncio.to_thread(migrate, service, owner_url)
    assert await fingerprint(connection) == before


async def fingerprint(connection: asyncpg.Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        """
        SELECT 'column', table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = current_schema()
        UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(pg_trigger.oid)
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
        ORDER BY 1, 2, 3, 4
        """
    )
    return [tuple(row) for row in rows]


async def test_checks_are_as_declared(schema: Any, service: str) -> None:
    connection, _ = schema
    declared = {
        constraint.name
        for table in tables_of(service)
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    rows = await connection.fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
    )
    assert {row[0] for row in rows} == declared


async def test_triggers_are_as_declared(schema: Any, service: str) -> None:
    connection, _ = schema
    rows = await connection.fetch(
        """
        SELECT relname, tgname, encode(tgargs, 'escape') AS arguments
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
        """
    )
    installed = {(row["relname"], row["tgname"]): row["arguments"].split("\\000")[:-1] for row in rows}
    declared: dict[tuple[str, str], list[str]] = {}
    for table in tables_of(service):
        if audited := table.info.get("audited"):
            assert isinstance(audited, Audited)
            declared[table.name, "audited"] = [audited.aggregate, audited.id_column, ",".join(audited.personal)]
        for trigger in table.info.get("triggers", ()):
            declared[table.name, trigger] = []
        if table.info.get("append_only"):
            declared[table.name, "append_only_row"] = []
            declared[table.name, "append_only_table"] = []
    assert installed == declared


async def test_the_login_role_cannot_alter_history(template: Template, service: str) -> None:
    _, urls = await template.clone()
    connection = await asyncpg.connect(urls[service].login)
    try:
        for table in tables_of(service):
            if not table.info.get("append_only"):
                continue
            for statement in (
                f'UPDATE "{table.name}" SET "{next(iter(table.c)).name}" = DEFAULT',
                f'DELETE FROM "{table.name}"',
                f'TRUNCATE "{table.name}"',
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO audit_head VALUES ('x', gen_random_uuid(), 1, '')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT append_audit('x', gen_random_uuid(), 'o', 't', NULL, NULL)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (id int)")
        for other in set(SERVICES) - {service}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SELECT 1 FROM {other}.outbox")
    finally:
        await connection.close()
