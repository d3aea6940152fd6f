"""Servers of a cluster whose starter is gone: found by what they work in, not by a file that may be stale."""

import contextlib
import signal
import time
from pathlib import Path

import psutil

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # PostgreSQL's words for how to shut down
_PATIENCE = ((FAST, 30.0), (IMMEDIATE, 10.0), (signal.SIGKILL, 5.0))


def processes_of(cluster: Path) -> list[psutil.Process]:
    """Return every PostgreSQL process that works in `cluster` (each has it as its working directory)."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and Path(process.cwd()) == cluster:
                found.append(process)
    return found


def stop_left_over(cluster: Path) -> bool:
    """Stop what still runs on `cluster` and remove a stale pid file; whether anything ran."""
    cluster = cluster.resolve()
    running = processes_of(cluster)
    if running:
        _stop(cluster, running)
    (cluster / "postmaster.pid").unlink(missing_ok=True)  # its pid may be another program's by now
    return bool(running)


def _stop(cluster: Path, running: list[psutil.Process]) -> None:
    for how, seconds in _PATIENCE:
        for process in _leaders(running) if how is not signal.SIGKILL else running:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        running = _wait(cluster, seconds)
        if not running:
            return


def _leaders(running: list[psutil.Process]) -> list[psutil.Process]:
    """Return the postmaster; where it was killed, its children, which notice and end by themselves, get nothing."""
    ids = {process.pid for process in running}
    leaders = []
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in ids and "-D" in process.cmdline():
                leaders.append(process)
    return leaders


def _wait(cluster: Path, seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while (running := processes_of(cluster)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return running
