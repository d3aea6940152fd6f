from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from keyaccount import postgres
from keyaccount.database_urls import for_role, with_database
from keyaccount.problems import Unable
from keyaccount.provisioning import (
    SERVICES,
    Account,
    ServiceUrls,
    clone_database,
    drop_database,
    provision,
    service_urls,
)

ACCOUNTS = {service: Account(f"{service}-owner-password", f"{service}-login-password") for service in SERVICES}


@pytest.fixture(scope="module")
async def template(server: postgres.Server) -> str:
    """Return a provisioned database in which `customer` has a table with one row."""
    urls = await provision(server.admin_url, ACCOUNTS, "template_of_house")
    await run(urls["customer"].owner, "CREATE TABLE kept (id int PRIMARY KEY)", "INSERT INTO kept VALUES (42)")
    await run(urls["team"].owner, "CREATE TABLE secret (id int)")
    return "template_of_house"


@pytest.fixture
async def urls(server: postgres.Server, template: str) -> AsyncIterator[dict[str, ServiceUrls]]:
    database = f"house_{uuid4().hex[:12]}"
    await clone_database(server.admin_url, template, database)
    yield {service: service_urls(server.admin_url, database, service, account) for service, account in ACCOUNTS.items()}
    await drop_database(server.admin_url, database)


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_the_login_role_reads_and_writes_what_the_owner_made(urls: dict[str, ServiceUrls]) -> None:
    login = urls["customer"].login

    await run(
        login, "INSERT INTO kept VALUES (1)", "UPDATE kept SET id = 2 WHERE id = 1", "DELETE FROM kept WHERE id = 2"
    )

    assert await ask(login, "SELECT id FROM kept") == 42


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM team.secret",
        "INSERT INTO team.secret VALUES (1)",
        "CREATE TABLE mine ()",
        "CREATE TABLE team.mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE TABLE extensions.mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "ALTER TABLE kept ADD stolen int",
        "DROP TABLE kept",
        "TRUNCATE kept",
        "SET ROLE customer_owner",
        "SET ROLE team_service",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SELECT query FROM extensions.pg_stat_statements",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY kept TO PROGRAM 'cat'",
    ],
)
async def test_the_login_role_is_refused_everything_else(urls: dict[str, ServiceUrls], statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(urls["customer"].login, statement)


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM team.secret", "CREATE TABLE public.mine ()", "SET ROLE team_owner"]
)
async def test_the_owner_is_refused_in_another_schema(urls: dict[str, ServiceUrls], statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(urls["customer"].owner, statement)


async def test_the_login_role_owns_nothing(urls: dict[str, ServiceUrls]) -> None:
    owned = "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'customer_service'::regrole"

    assert await ask(urls["customer"].login, owned) == 0


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_no_service_enters_a_maintenance_database(server: postgres.Server, template: str, database: str) -> None:
    for role, password in (
        ("customer_service", ACCOUNTS["customer"].login_password),
        ("customer_owner", ACCOUNTS["customer"].owner_password),
    ):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await run(for_role(server.admin_url, database, role, password), "SELECT 1")


async def test_a_role_that_is_not_named_does_not_enter(server: postgres.Server, template: str) -> None:
    await run(server.admin_url, "CREATE ROLE stranger LOGIN PASSWORD 'stranger'")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(for_role(server.admin_url, template, "stranger", "stranger"), "SELECT 1")


async def test_extensions_answer_without_being_named(urls: dict[str, ServiceUrls]) -> None:
    login = urls["opportunity"].login

    assert await ask(login, "SELECT similarity('深圳大客户', '深圳客户') > 0.3")
    assert await ask(login, "SELECT unaccent('Société') || ''") == "Societe"
    assert await ask(login, "SELECT 'a.b.c'::ltree <@ 'a.b'::ltree")


async def test_again_changes_passwords_and_nothing_else(server: postgres.Server, template: str) -> None:
    later = {**ACCOUNTS, "customer": Account("another owner's", "another's")}

    try:
        urls = await provision(server.admin_url, later, template)
        assert await ask(urls["customer"].login, "SELECT id FROM kept") == 42
    finally:
        urls = await provision(server.admin_url, ACCOUNTS, template)
    assert await ask(urls["customer"].login, "SELECT id FROM kept") == 42


async def test_no_password_is_left_in_the_statistics(server: postgres.Server, template: str) -> None:
    found = "SELECT count(*) FROM extensions.pg_stat_statements WHERE query LIKE '%-login-password%'"

    assert await ask(with_database(server.admin_url, template), found) == 0


async def test_a_service_with_a_server_of_its_own_gets_nothing_of_the_others(server: postgres.Server) -> None:
    urls = await provision(server.admin_url, {"team": ACCOUNTS["team"]}, "only_team")

    schemas = "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|information)'"
    assert await ask(urls["team"].login, schemas) == "extensions public team"


async def test_an_administrator_without_superuser_rights_is_enough(server: postgres.Server) -> None:
    await run(
        server.admin_url, "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'manager'", "CREATE DATABASE entry"
    )
    admin_url = for_role(server.admin_url, "entry", "manager", "manager")

    urls = await provision(admin_url, {"buyer": Account("owner", "login")}, "house_of_manager")
    await provision(admin_url, {"buyer": Account("owner", "login")}, "house_of_manager")

    await run(urls["buyer"].owner, "CREATE TABLE kept (id int)")
    assert await ask(urls["buyer"].login, "SELECT count(*) FROM kept") == 0


async def test_an_administrator_who_may_too_little_is_told(server: postgres.Server, template: str) -> None:
    await run(server.admin_url, "CREATE ROLE clerk LOGIN PASSWORD 'clerk'", "CREATE DATABASE entry_of_clerk")

    with pytest.raises(Unable, match="CREATEROLE"):
        await provision(for_role(server.admin_url, "entry_of_clerk", "clerk", "clerk"), {"seller": Account("a", "b")})


async def test_a_server_that_cannot_be_entered_is_told() -> None:
    with pytest.raises(Unable, match="cannot be entered"):
        await provision("postgresql://postgres:x@127.0.0.1:1/postgres", ACCOUNTS)
