"""An instance with real processes: `keyaccount up` in a folder and at ports of its own."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from keyaccount import instance as instances
from keyaccount import postgres
from keyaccount.postgres.left_over import processes_of
from keyaccount.postgres.server import is_free
from keyaccount.settings import PROJECT
from servicekit.values.ids import new_id

T = TypeVar("T")
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.02


def until(ask: Callable[[], T | None], context: object = None, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask until the answer is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(LOOK_SECONDS)
    raise AssertionError(context)


@dataclass
class Person:
    """Somebody signed in through the gateway."""

    http: httpx.Client
    id: str
    token: str

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a request; what has an effect carries an Idempotency-Key."""
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        if method == "POST":
            headers.setdefault("idempotency-key", str(new_id()))
        if body is not None:
            options["json"] = body
        return self.http.request(method, path, headers=headers, **options)

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must succeed and return its body."""
        answer = self.request(method, path, body, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def get(self, path: str, **options: Any) -> Any:
        """GET what must be there."""
        return self.done("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST what must succeed."""
        return self.done("POST", path, body, **options)


@dataclass
class Instance:
    """A data folder and the instance in it."""

    home: Path
    port: int
    said: list[str] = field(default_factory=list)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """What its commands are told beside where it is."""

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Run a command of ours."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")}
        environment |= {"KEYACCOUNT_HOME": str(self.home), "KEYACCOUNT_PORT": str(self.port)}
        environment |= {"KEYACCOUNT_DEMO": "off", "PYTHONUNBUFFERED": "1"} | self.variables
        process = subprocess.Popen(
            [sys.executable, "-m", "keyaccount", *arguments],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def up(self) -> subprocess.Popen[str]:
        """Start and wait until it says that it is up."""
        self.said.clear()
        process = self.command("up")

        def listen() -> None:
            assert process.stdout
            self.said.extend(process.stdout)

        threading.Thread(target=listen, daemon=True).start()
        until(lambda: self.has_said("Keyaccount is up") or process.poll() is not None, self.said, 90)
        assert process.poll() is None, "".join(self.said)
        return process

    def has_said(self, words: str) -> bool:
        """Whether a line of the terminal has the words."""
        return any(words in line for line in list(self.said))

    def pids(self) -> dict[str, int]:
        """Return the processes by their names, PostgreSQL's too."""
        record = json.loads((self.home / "instance.json").read_text())
        children = {name: child["pid"] for name, child in record["children"].items()}
        return children | {f"postgres {each.pid}": each.pid for each in processes_of(self.cluster)}

    @property
    def cluster(self) -> Path:
        """Where PostgreSQL keeps its files."""
        pointer = self.home / "postgres" / "location"
        base = Path(pointer.read_text().strip()) if pointer.exists() else self.home / "postgres"
        return (base / "cluster").resolve()

    @contextmanager
    def http(self) -> Iterator[httpx.Client]:
        """Return a client of the gateway."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            yield client

    def first(self, http: httpx.Client, which: str) -> Person:
        """Sign in as the first administrator or the client for imports."""
        given = json.loads((self.home / "secrets" / "first-sign-ins.json").read_text())[which]
        return sign_in(http, "password" if which == "admin" else "client_credentials", **given)


def sign_in(http: httpx.Client, grant_type: str, **given: str) -> Person:
    """Sign in as anybody does."""
    answer = http.post("/v1/sign-in/token", data={"grant_type": grant_type, **given})
    assert answer.is_success, answer.text
    person = Person(http, "", answer.json()["access_token"])
    person.id = person.get("/v1/sign-in/me")["person_id"]
    return person


def are_gone(pids: dict[str, int]) -> bool:
    """Whether none of the processes is left."""
    return all(not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie" for pid in pids.values())


def free_ports(count: int) -> int:
    """Return the first of so many free ports in a row."""
    return next(
        base
        for base in (random.randrange(15000, 30000, 10) for _ in range(1000))  # noqa: S311 - any will do
        if all(is_free(base + offset) for offset in range(count))
    )


@contextmanager
def living_in(home: Path, ports: int = 6, **variables: str) -> Iterator[Instance]:
    """Yield an instance at so many free ports and leave nothing of it behind."""
    home.mkdir(exist_ok=True)
    port = free_ports(ports)
    made = Instance(home, port, variables=variables)
    try:
        yield made
    finally:
        for process in made.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(40)
        instances.stop_from_elsewhere(home)
        for process in made.started:
            if process.stdout:
                process.stdout.close()
        postgres.remove(home / "postgres")
