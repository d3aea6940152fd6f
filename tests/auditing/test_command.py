"""The commands: what they print and how they end."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from keyaccount.database_urls import with_database
from keyaccount.main import application
from keyaccount.provisioning import drop_database
from keyaccount.secrets import keep_urls
from servicekit.values.ids import new_id
from tests.auditing.conftest import ACT
from tests.conftest import Template


@pytest.fixture
async def admin(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Return a superuser's connection to the database of a home of its own."""
    name, urls = await template.clone()
    shutil.copytree(template.secrets, tmp_path / "secrets")
    keep_urls(tmp_path / "secrets", urls)
    monkeypatch.setenv("KEYACCOUNT_HOME", str(tmp_path))
    connection = await asyncpg.connect(with_database(template.admin_url, name))
    yield connection
    await connection.close()
    await drop_database(template.admin_url, name)


async def run(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, application, ["audit", *words])


async def test_signing_and_verifying_by_command(admin: Any) -> None:
    product_line = new_id()
    await admin.execute(f"SET search_path = opportunity, extensions; {ACT} SET LOCAL keyaccount.actor = 'service:x';")
    await admin.execute(
        f"INSERT INTO product_line (id, version, name, created_at) VALUES ('{product_line}', 1, 'Line', now()); COMMIT"
    )

    signed = await run("checkpoint", "--json")
    assert (signed.exit_code, json.loads(signed.stdout)["opportunity"]) == (0, 1)
    whole = await run("verify")
    assert whole.exit_code == 0, whole.output
    assert "opportunity: whole; 1 rows in 1 chains, 1 checkpoints" in whole.stdout

    await admin.execute("SET session_replication_role = replica; UPDATE audit SET actor = 'nobody'")
    found = await run("verify")
    assert found.exit_code == 3
    assert f"first: product_line {product_line}, sequence 1" in found.stdout
    told = json.loads((await run("verify", "--json")).stdout)
    assert (told["ok"], told["first_fault"]["service"], told["first_fault"]["sequence"]) == (False, "opportunity", 1)
    assert told["first_fault"]["aggregate_id"] == str(product_line)
    assert (await run("verify", "--service", "team")).exit_code == 0
    assert (await run("verify", "--service", "teem")).exit_code == 1
