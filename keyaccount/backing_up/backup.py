"""`keyaccount backup FOLDER`: a base backup, what comes after it if asked, and what stands beside the database.

| in the folder | holds |
| --- | --- |
| `cluster` | the base backup, verified by its manifest |
| `wal` | the write-ahead log since, while `--follow` runs |
| `secrets`, `admin-password` | the instance's keys and passwords |
| `audit` | the second record of audit checkpoints |
"""

import contextlib
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keyaccount.children import Say
from keyaccount.files import PRIVATE_FOLDER
from keyaccount.postgres.running import Running, running_server
from keyaccount.problems import Unable
from keyaccount.settings import Settings

CLUSTER, WAL, SECRETS, AUDIT, ADMIN_PASSWORD = "cluster", "wal", "secrets", "audit", "admin-password"
SLOT = "keyaccount_backup"
_RECEIVING_WITHIN_SECONDS = 30.0
_LOOK_SECONDS = 0.1


def back_up(settings: Settings, folder: Path, say: Say) -> None:
    """Take a base backup of the running instance into a new folder."""
    server = running_server(settings.home / "postgres")
    _make_folder(folder)
    _take(server, settings, folder, say)


@contextmanager
def following(settings: Settings, folder: Path, say: Say) -> Iterator[Running]:
    """Take a base backup and keep receiving the write-ahead log, without a gap, until the block ends."""
    server = running_server(settings.home / "postgres")
    _make_folder(folder)
    (folder / WAL).mkdir(mode=PRIVATE_FOLDER)
    _run(server, "pg_receivewal", f"--slot={SLOT}", "--create-slot", "--if-not-exists")
    receiving = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
        [server.program("pg_receivewal"), f"--directory={folder / WAL}", f"--slot={SLOT}", "--synchronous"],
        env=server.environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us, who stop it when all is there
    )
    try:
        _await_receiving(receiving, folder)
        _take(server, settings, folder, say)
        yield server
    finally:
        receiving.send_signal(signal.SIGINT)
        receiving.communicate()
        with contextlib.suppress(Unable):  # a server that has gone keeps its slot; the next backup takes it up again
            _run(server, "pg_receivewal", f"--slot={SLOT}", "--drop-slot")


def follow(settings: Settings, folder: Path, say: Say) -> None:
    """Back up and follow until Ctrl-C or SIGTERM."""
    stopping = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with following(settings, folder, say):
            say("backup", f"following the write-ahead log into {folder / WAL} until Ctrl-C")
            stopping.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _take(server: Running, settings: Settings, folder: Path, say: Say) -> None:
    began = time.monotonic()
    # What stands beside comes first: a file of checkpoints may be behind its database, never ahead of it.
    shutil.copytree(settings.secrets, folder / SECRETS)
    shutil.copyfile(server.places.admin_password, folder / ADMIN_PASSWORD)
    (folder / ADMIN_PASSWORD).chmod(0o600)
    if settings.audit.exists():
        shutil.copytree(settings.audit, folder / AUDIT)
    _run(server, "pg_basebackup", f"--pgdata={folder / CLUSTER}", "--wal-method=stream", "--checkpoint=fast")
    _run(server, "pg_verifybackup", "--quiet", str(folder / CLUSTER))
    say(
        "backup", f"taken and verified in {time.monotonic() - began:.1f} s, {size_of(folder) / 1e6:,.0f} MB in {folder}"
    )
    say("backup", f"{folder / SECRETS} holds the instance's keys and passwords: keep the backup as safe as these")


def _await_receiving(receiving: subprocess.Popen[str], folder: Path) -> None:
    """Wait until the log is on its way, so that nothing lies between it and the base backup."""
    deadline = time.monotonic() + _RECEIVING_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if receiving.poll() is not None:
            message = f"The write-ahead log cannot be followed: {receiving.stderr.read() if receiving.stderr else ''}"
            raise Unable(message)
        if any((folder / WAL).iterdir()):
            return
        time.sleep(_LOOK_SECONDS)
    message = f"No write-ahead log came within {_RECEIVING_WITHIN_SECONDS:.0f} s."
    raise Unable(message)


def _run(server: Running, program: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [server.program(program), *arguments], env=server.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        message = f"{program} failed: {done.stderr.strip()}"
        raise Unable(message)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True)
    except FileExistsError as taken:
        message = f"{folder} is there already; name a new folder."
        raise Unable(message) from taken


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
