"""Two processes share the work and are killed again and again: each item is done once, and has one outcome."""

import asyncio
import json
import random
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import Template
from tests.make import word
from tests.servicekit.conftest import open_walls

ITEMS = 1000
KILLS = 2


async def start(url: str, secrets: Path) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.servicekit.working", url, str(secrets))
    return await asyncio.create_subprocess_exec(*command)


@pytest.mark.long
async def test_killed_at_any_moment_nothing_is_lost_or_doubled(template: Template) -> None:
    chance = random.Random(3)  # noqa: S311 - the same every time
    async with open_walls(template) as walls:
        owner = await asyncpg.connect(walls.owner_url)
        names = [word() for _ in range(ITEMS)]
        content = b"".join(json.dumps({"name": name}).encode() + b"\n" for name in names)
        headers = {"content-type": "application/jsonl"}
        answer = await walls.client.post("/v1/shelves/batches", content=content, headers=headers)
        path = answer.headers["location"]
        workers = [await start(walls.app.state.service.settings.login_url, template.secrets) for _ in range(2)]
        kills = 0
        try:
            while (job := (await walls.client.get(path)).json())["state"] in {"queued", "running"}:
                if kills < KILLS and job["progress"]["done"] > kills * ITEMS / (KILLS + 1):
                    await asyncio.sleep(chance.random() / 100)
                    for worker in workers:
                        worker.kill()
                        await worker.wait()
                    kills += 1
                    await owner.execute("UPDATE job SET due_at = now() WHERE due_at IS NOT NULL")
                    url = walls.app.state.service.settings.login_url
                    workers = [await start(url, template.secrets) for _ in range(2)]
                await asyncio.sleep(0.01)
        finally:
            for worker in workers:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()
        assert (job["state"], job["counts"]) == ("succeeded", {"created": ITEMS}), job
        assert await owner.fetchval("SELECT count(*) FROM shelf WHERE name = ANY($1)", names) == ITEMS
        told = [json.loads(line)["index"] for line in (await walls.client.get(f"{path}/result")).text.splitlines()]
        assert told == list(range(ITEMS))
        assert kills == KILLS
        await owner.close()
