"""Migrations: several processes may begin at once."""

import asyncio
import sys

from keyaccount.provisioning import drop_database, provision
from keyaccount.secrets import ensure_accounts
from servicekit.values.ids import new_id
from tests.conftest import Template

MIGRATE = "import sys; from servicekit.data.migrations import migrate; migrate('team', sys.argv[1])"


async def test_processes_that_migrate_at_once_take_turns(template: Template) -> None:
    name = f"turns_{new_id().hex}"
    urls = await provision(template.admin_url, ensure_accounts(template.secrets, ("team",)), name)
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, urls["team"].owner, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    ended = [(await process.communicate())[1].decode()[-500:] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended
    await drop_database(template.admin_url, name)
