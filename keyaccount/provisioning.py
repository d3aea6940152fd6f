"""Roles, database, schemas, extensions and rights: what a service finds when it comes to migrate.

Everything here may be done again and again. Roles belong to the whole server, rights to one database: a test that
clones a database provisions the roles once.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from keyaccount.database_urls import for_role, with_database
from keyaccount.problems import Unable
from keyaccount.scram import verifier

DATABASE = "keyaccount"
SERVICES = ("customer", "opportunity", "forecast", "team")
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "ltree")

OLDEST_VERSION = 180000
_STATISTICS_OFFERED = """
SELECT CASE WHEN rolsuper THEN current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' END
FROM pg_roles WHERE rolname = current_user
"""
_ONE_AT_A_TIME = 7_239_552_137_001  # an advisory lock of the maintenance database; no service takes any


@dataclass(frozen=True)
class Account:
    """The passwords of a service's two roles."""

    owner_password: str
    login_password: str


@dataclass(frozen=True)
class ServiceUrls:
    """How a service reaches its schema: `owner` migrates, `login` does everything else."""

    owner: str
    login: str


async def provision(
    admin_url: str, accounts: Mapping[str, Account], database: str = DATABASE
) -> dict[str, ServiceUrls]:
    """Make or mend all that the services named in `accounts` need on a server; return their URLs."""
    async with _maintenance(admin_url) as admin:
        await provision_roles(admin, accounts)
        await provision_database(admin, admin_url, database, accounts)
    return {service: service_urls(admin_url, database, service, account) for service, account in accounts.items()}


def service_urls(admin_url: str, database: str, service: str, account: Account) -> ServiceUrls:
    """Return the URLs of a service in one of the databases on the server of `admin_url`."""
    return ServiceUrls(
        owner=for_role(admin_url, database, f"{service}_owner", account.owner_password),
        login=for_role(admin_url, database, f"{service}_service", account.login_password),
    )


async def provision_roles(admin: asyncpg.Connection, accounts: Mapping[str, Account]) -> None:
    """Make the two roles of each service on the whole server, and give them their passwords."""
    superuser = await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    for service, account in accounts.items():
        passwords = {f"{service}_owner": account.owner_password, f"{service}_service": account.login_password}
        for role, password in passwords.items():
            if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
                await admin.execute(f"CREATE ROLE {role}")
            await admin.execute(
                f"ALTER ROLE {role} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE PASSWORD '{verifier(password)}'"
            )
            await admin.execute(f"ALTER ROLE {role} SET search_path = {service}, extensions")
        if not superuser:  # a superuser acts for everybody already
            await admin.execute(f"GRANT {service}_owner TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")


async def provision_database(
    admin: asyncpg.Connection, admin_url: str, database: str, services: Collection[str]
) -> None:
    """Make the database with extensions, schemas and rights. The roles must be there."""
    if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await _create_database(admin, database)
    await _restrict_entry(admin, database, services)
    inside = await asyncpg.connect(with_database(admin_url, database))
    try:
        async with inside.transaction():
            await _provision_extensions(inside)
            for service in services:
                await _provision_schema(inside, service)
    finally:
        await inside.close()


async def clone_database(admin_url: str, template: str, database: str, services: Collection[str] = SERVICES) -> None:
    """Make `database` a copy of `template`, to which nobody may be connected meanwhile."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        await _restrict_entry(admin, database, services)  # rights on the database itself are not copied
    finally:
        await admin.close()


async def drop_database(admin_url: str, database: str) -> None:
    """Remove a database, throwing out who is connected."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    finally:
        await admin.close()


async def _create_database(admin: asyncpg.Connection, database: str) -> None:
    """Name the locale, so that an own server of another one is as good."""
    try:
        await admin.execute(
            f'CREATE DATABASE "{database}" TEMPLATE template0 ENCODING UTF8 '
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    except asyncpg.WrongObjectTypeError as refusal:  # "invalid LC_CTYPE locale name"
        default = await admin.fetchval("SELECT datctype FROM pg_database WHERE datname = 'template0'")
        if "UTF" not in default.upper():
            message = (
                f"The server knows no locale C.UTF-8 ({refusal}); install it there: without it no Chinese is found."
            )
            raise Unable(message) from refusal
        await admin.execute(
            f'CREATE DATABASE "{database}" TEMPLATE template0 ENCODING UTF8 '
            f"LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE '{default}'"
        )


async def _restrict_entry(admin: asyncpg.Connection, database: str, services: Collection[str]) -> None:
    roles = ", ".join(f"{service}_owner, {service}_service" for service in services)
    await admin.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {roles}')


async def _provision_extensions(inside: asyncpg.Connection) -> None:
    await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await inside.execute("CREATE SCHEMA IF NOT EXISTS extensions")
    for extension in EXTENSIONS:
        await inside.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA extensions")
    if await inside.fetchval(_STATISTICS_OFFERED):
        await inside.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA extensions")
        await inside.execute("REVOKE ALL ON extensions.pg_stat_statements FROM PUBLIC")


async def _provision_schema(inside: asyncpg.Connection, service: str) -> None:
    """The owner makes tables in the schema; the login role may use what it finds there, and nothing else anywhere."""
    owner, login = f"{service}_owner", f"{service}_service"
    await inside.execute(f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {owner}")
    await inside.execute(f"GRANT USAGE ON SCHEMA {service}, extensions TO {login}")
    await inside.execute(f"GRANT USAGE ON SCHEMA extensions TO {owner}")
    by_default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {service} GRANT"
    await inside.execute(f"{by_default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {login}")
    await inside.execute(f"{by_default} USAGE, SELECT ON SEQUENCES TO {login}")


@asynccontextmanager
async def _maintenance(admin_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield the administrator's connection; only one provisions a server at a time."""
    try:
        admin = await asyncpg.connect(admin_url)
    except (OSError, asyncpg.PostgresError) as failure:
        message = f"The database server cannot be entered as administrator: {failure}"
        raise Unable(message) from failure
    try:
        if await admin.fetchval("SELECT current_setting('server_version_num')::int") < OLDEST_VERSION:
            message = f"PostgreSQL 18 or later is needed, the server is {await admin.fetchval('SHOW server_version')}."
            raise Unable(message)
        await admin.execute(f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})")
        yield admin
    except asyncpg.InsufficientPrivilegeError as refusal:
        message = f"The database administrator may not do what is needed ({refusal}); it needs CREATEDB and CREATEROLE."
        raise Unable(message) from refusal
    finally:
        await admin.close()
