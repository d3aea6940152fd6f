import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import psutil
import pytest

from keyaccount.fork_server import Order
from keyaccount.forking import NOBODY_SAW, Forked, ForkServer
from keyaccount.settings import PROJECT

TELLING = """
import os, sys
print(os.getpid(), os.environ.get("GIVEN"), os.environ.get("OURS"), sys.argv[1:], flush=True)
sys.exit(int(sys.argv[1]))
"""
WAITING = "import time; print('here', flush=True); time.sleep(60)"
DRAWING = "import random; from servicekit.values.ids import new_id; print(new_id(), random.random(), flush=True)"
EMPTY = "from keyaccount import fork_server; fork_server.main(())"

Make = Callable[..., ForkServer]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    for name, text in {"telling": TELLING, "waiting": WAITING, "drawing": DRAWING}.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    monkeypatch.setenv("KEYACCOUNT_DATABASE_PASSWORD", "secret")
    made = []

    def open_one(*command: str, **given: Callable[..., None]) -> ForkServer:
        forks = ForkServer(
            (sys.executable, *(command or ("-c", EMPTY))), PROJECT, tmp_path / "logs" / "forks.log", **given
        )
        made.append(forks)
        forks.open()
        return forks

    yield open_one
    for forks in made:
        await forks.close()


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    def ordered(module: str, *arguments: str, log: str = "log", environment: Mapping[str, str] | None = None) -> Order:
        return Order("a child", (sys.executable, "-m", module, *arguments), environment or {}, tmp_path / log)

    return ordered


async def forked(asked: Awaitable[Forked | None]) -> Forked:
    child = await asked
    assert child is not None
    return child


async def test_a_child_becomes_what_is_ordered_and_its_end_is_told(
    make: Make, order: Callable[..., Order], tmp_path: Path
) -> None:
    forks = make()
    child = await forked(forks.fork(order("telling", "3", environment={"GIVEN": "told"})))
    assert await child.wait() == 3
    assert (tmp_path / "log").read_text() == f"{child.pid} told None ['3']\n"
    child.send_signal(signal.SIGKILL)  # there is nobody any more to be hit by it


async def test_a_script_is_run_as_well_as_a_module(make: Make, tmp_path: Path) -> None:
    command = (sys.executable, str(tmp_path / "telling.py"), "0")
    child = await forked(make().fork(Order("a script", command, {}, tmp_path / "log")))
    assert await child.wait() == 0
    assert (tmp_path / "log").read_text() == f"{child.pid} None None ['0']\n"


async def test_any_number_in_a_row_and_at_once_and_signals_reach_them(
    make: Make, order: Callable[..., Order], tmp_path: Path
) -> None:
    forks = make()
    children = await asyncio.gather(*(forked(forks.fork(order("waiting", log=f"log {n}"))) for n in range(8)))
    assert len({child.pid for child in children}) == 8
    for child in children:
        assert child.returncode is None
        child.send_signal(signal.SIGTERM)
    assert await asyncio.gather(*(child.wait() for child in children)) == [-signal.SIGTERM] * 8


async def test_its_children_outlive_it_and_another_takes_its_place(
    make: Make, order: Callable[..., Order], tmp_path: Path
) -> None:
    pids: list[int] = []
    said: list[str] = []
    forks = make(say=said.append, started=pids.append)
    child = await forked(forks.fork(order("waiting")))
    os.kill(pids[0], signal.SIGKILL)
    await until(lambda: bool(said))
    assert said == ["the fork server ended with code -9; starting another in 0.2 s"]
    assert await forks.fork(order("telling", "0")) is None, "who wants a child meanwhile starts it"
    assert psutil.Process(child.pid).is_running()
    child.send_signal(signal.SIGTERM)
    assert await child.wait() == NOBODY_SAW
    await until(lambda: len(pids) == 2)
    await until(lambda: forks.is_ready)
    assert await (await forked(forks.fork(order("telling", "0")))).wait() == 0


async def test_it_ends_with_its_starter_and_its_children_do_not(
    make: Make, order: Callable[..., Order], tmp_path: Path
) -> None:
    pids: list[int] = []
    forks = make(started=pids.append)
    child = await forked(forks.fork(order("waiting")))
    server, living = psutil.Process(pids[0]), psutil.Process(child.pid)
    assert forks.line is not None
    forks.line.close()  # as the system does when a starter is killed
    await until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    assert living.is_running()
    living.kill()


async def test_one_that_does_not_come_up_is_done_without(make: Make, order: Callable[..., Order]) -> None:
    said: list[str] = []
    assert await make("-c", "raise SystemExit(7)", say=said.append).fork(order("telling", "0")) is None
    await until(lambda: bool(said))
    assert said[0] == "the fork server ended with code 7; starting another in 0.2 s"


async def test_with_all_code_read_in_it_is_one_thread_without_secrets_and_its_children_draw_apart(
    make: Make, order: Callable[..., Order], tmp_path: Path
) -> None:
    pids: list[int] = []
    forks = make("-m", "keyaccount.fork_server", started=pids.append)
    children = await asyncio.gather(
        *(
            forked(forks.fork(order("drawing", log=f"log {n}", environment={"PYTHONPATH": str(PROJECT)})))
            for n in range(3)
        )
    )
    server = psutil.Process(pids[0])
    assert server.num_threads() == 1, "threads are not copied: a child would wait for what they hold"
    assert server.net_connections(kind="inet") == []
    assert not [name for name in server.environ() if name.startswith("KEYACCOUNT_")]
    assert await asyncio.gather(*(child.wait() for child in children)) == [0, 0, 0]
    drawn = [word for n in range(3) for word in (tmp_path / f"log {n}").read_text().split()]
    assert len(set(drawn)) == 6
