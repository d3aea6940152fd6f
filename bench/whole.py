"""A whole instance as `make run` starts it, demo and all, in a temporary folder."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.instance import free_ports, temporary_home
from keyaccount import instance, postgres
from keyaccount.children import last_words
from keyaccount.postgres.left_over import processes_of
from keyaccount.problems import Unable
from keyaccount.settings import PROJECT
from keyaccount.supervisor import DEMO_LOADED

SUPERVISOR = "supervisor"
_LOOK_SECONDS = 0.1
_UP_SECONDS, _DEMO_SECONDS, _DOWN_SECONDS = 180.0, 600.0, 60.0


@dataclass(frozen=True)
class Whole:
    """A running instance."""

    home: Path
    port: int
    process: asyncio.subprocess.Process

    def pids(self) -> dict[str, int]:
        """Return our own processes by their names."""
        record = json.loads((self.home / instance.RECORD).read_text())
        return {SUPERVISOR: self.process.pid} | {name: child["pid"] for name, child in record["children"].items()}

    def database_pids(self) -> list[int]:
        """Return PostgreSQL's processes."""
        pointer = self.home / "postgres" / "location"
        base = Path(pointer.read_text().strip()) if pointer.exists() else self.home / "postgres"
        return [process.pid for process in processes_of((base / "cluster").resolve())]

    async def token(self) -> str:
        """Return an access token of the client for imports, who sees all."""
        given: dict[str, Any] = json.loads((self.home / "secrets" / "first-sign-ins.json").read_text())
        form = {"grant_type": "client_credentials", **given["import_client"]}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            answer = await client.post("/v1/sign-in/token", data=form)
        return str(answer.raise_for_status().json()["access_token"])


@asynccontextmanager
async def whole_instance(*, demo: bool = True, **variables: str) -> AsyncIterator[Whole]:
    """Start one, wait until it is up and has loaded the demo, and leave nothing of it behind.

    Raises:
        Unable: it does not come up.
    """
    home, port = temporary_home(), free_ports()
    said = home / "said.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")} | variables
    environment |= {"KEYACCOUNT_HOME": str(home), "KEYACCOUNT_PORT": str(port)}
    environment |= {"KEYACCOUNT_DEMO": "on" if demo else "off", "PYTHONUNBUFFERED": "1"}
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "keyaccount", "up", cwd=PROJECT, env=environment, stdout=output, stderr=output
        )
    made = Whole(home, port, process)
    try:
        await _until_said(made, said, "Keyaccount is up", _UP_SECONDS)
        if demo:
            await _until(made, said, (home / DEMO_LOADED).exists, _DEMO_SECONDS)
        yield made
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), _DOWN_SECONDS)
        await asyncio.to_thread(instance.stop_from_elsewhere, home)
        await asyncio.to_thread(postgres.remove, home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


async def _until_said(made: Whole, said: Path, words: str, seconds: float) -> None:
    await _until(made, said, lambda: words in said.read_text(errors="replace"), seconds)


async def _until(made: Whole, said: Path, is_so: Any, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not is_so():
        if made.process.returncode is not None or loop.time() > until:
            raise Unable(f"The instance does not come up:\n{last_words(said, 30)}")
        await asyncio.sleep(_LOOK_SECONDS)
