"""A process that has read in the code of every service and of the gateway, and forks whatever it is told to run.

`python -m keyaccount.fork_server` is started by `keyaccount up` with a socket as its standard input. It says `ready`
when it has read in; every order on the socket is answered by the pid of a child that runs a command of ours as a fresh
Python would, and the end of each child is told with its code. When its starter goes, it ends; its children live on.

It stays as it began, for its children are copies: one thread, no event loop, no connection, no secret.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import setproctitle

READ_IN = (
    "services.customer.app",
    "services.opportunity.app",
    "services.forecast.app",
    "services.team.app",
    "gateway.app",
    "gateway.protocol",
    "aiohttp",
    "asyncpg",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
_AT_ONCE = 65536


@dataclass(frozen=True)
class Order:
    """What a child is to become: a Python command, with what it calls itself, its environment and its log."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path

    def wire(self) -> bytes:
        """Return it as a line."""
        told = {
            "name": self.name,
            "command": self.command,
            "environment": dict(self.environment),
            "log": str(self.log),
        }
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Order":
        """Return the order of a line."""
        told = json.loads(line)
        return cls(told["name"], tuple(told["command"]), told["environment"], Path(told["log"]))


class Starter:
    """The line to whoever started this process."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._woken, self._wake = socket.socketpair()
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # what counts is that it wakes us
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)

    def obey(self) -> Order | None:
        """Fork a child for each order; return its order in each child, and None here once the starter is gone."""
        self._tell(ready=os.getpid())
        begun = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._line, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    self._reap()
                if self._line not in ready:
                    continue
                said = self._line.recv(_AT_ONCE)
                if not said:
                    return None
                *lines, begun = (begun + said).split(b"\n")
                for line in lines:
                    if self._fork() == 0:
                        return Order.read(line)

    def _fork(self) -> int:
        try:
            pid = os.fork()
        except OSError as refusal:
            self._tell(failed=str(refusal))
            return -1
        if pid:
            self._tell(forked=pid)
        else:
            self._let_go()
        return pid

    def _let_go(self) -> None:
        """Leave behind, in a child, what is between the parent and its starter."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._line, self._woken, self._wake):
            end.close()

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            while self._woken.recv(_AT_ONCE):
                pass
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                self._tell(ended=pid, code=os.waitstatus_to_exitcode(status))

    def _tell(self, **told: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the end of the line is met when reading
            self._line.sendall(json.dumps(told).encode() + b"\n")


def main(read_in: Iterable[str] = READ_IN) -> None:
    """Read in, fork what is ordered, and end when nobody is there to order; a child becomes what was ordered."""
    line = socket.socket(fileno=os.dup(0))
    _put(os.open(os.devnull, os.O_RDONLY), 0)
    gc.disable()  # until all is there: collecting meanwhile leaves holes that children would fill, one copy each
    for module in read_in:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a child's collector, by looking at them, would make copies of these pages
    setproctitle.setproctitle("keyaccount: fork server")
    order = Starter(line).obey()
    if order is not None:
        gc.enable()
        _become(order)


def _become(order: Order) -> None:
    """Run a command as `python …` runs it."""
    os.setsid()  # Ctrl-C is for who started us all
    output = os.open(order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    _put(os.dup(output), 1)
    _put(output, 2)
    os.environ.clear()
    os.environ.update(order.environment)
    setproctitle.setproctitle(f"keyaccount: {order.name}")
    _, *words = order.command
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


def _put(descriptor: int, place: int) -> None:
    os.dup2(descriptor, place)
    os.close(descriptor)


if __name__ == "__main__":
    main()
