import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from keyaccount.settings import PROJECT
from keyaccount.standby import Standby

TELLS = "import os, sys, time; print(os.getpid(), os.environ['GIVEN'], sys.argv[1:], flush=True)"


@pytest.fixture
async def standby(tmp_path: Path) -> AsyncIterator[Standby]:
    made = Standby(PROJECT, tmp_path / "logs" / "standby.log")
    yield made
    await made.close()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    (tmp_path / "telling.py").write_text(TELLS)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    return sys.executable, "-m", "telling", "--port", "1"


async def test_who_waits_becomes_what_is_asked_for_with_its_environment_and_log(
    standby: Standby, command: tuple[str, ...], tmp_path: Path
) -> None:
    log = tmp_path / "service.log"
    await standby.warm()
    process = await standby.become(command, {"GIVEN": "secret"}, log)
    assert process is not None
    assert await process.wait() == 0
    assert log.read_text() == f"{process.pid} secret ['--port', '1']\n"


async def test_one_serves_once_and_the_next_is_to_be_warmed(
    standby: Standby, command: tuple[str, ...], tmp_path: Path
) -> None:
    assert await standby.become(command, {}, tmp_path / "log") is None
    await standby.warm()
    first = await standby.become(command, {"GIVEN": "1"}, tmp_path / "log")
    assert await standby.become(command, {"GIVEN": "2"}, tmp_path / "log") is None
    await standby.warm()
    second = await standby.become(command, {"GIVEN": "2"}, tmp_path / "log")
    assert first is not None
    assert second is not None
    assert first.pid != second.pid
    await asyncio.gather(first.wait(), second.wait())


async def test_one_that_died_waiting_is_done_without(
    standby: Standby, command: tuple[str, ...], tmp_path: Path
) -> None:
    await standby.warm()
    (waiting,) = [each for each in psutil.Process().children() if "keyaccount.standby" in each.cmdline()]
    waiting.kill()
    waiting.wait(5)
    process = await standby.become(command, {"GIVEN": "1"}, tmp_path / "log")
    assert process is None or await process.wait() != 0
    await standby.warm()
    again = await standby.become(command, {"GIVEN": "1"}, tmp_path / "log")
    assert again is not None
    assert await again.wait() == 0
