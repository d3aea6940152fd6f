import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil
import pytest

from keyaccount import instance, postgres
from keyaccount.postgres.left_over import processes_of
from keyaccount.postgres.server import is_free
from keyaccount.settings import PROJECT

STAND_IN = Path(__file__).with_name("stand_in.py")
T = TypeVar("T")
PROCESSES = ("gateway", "customer", "opportunity", "forecast", "team")


@dataclass
class House:
    """A data folder and what is started in it."""

    home: Path
    port: int
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def command(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYACCOUNT_")}
        environment |= {"KEYACCOUNT_HOME": str(self.home), "KEYACCOUNT_PORT": str(self.port)}
        environment |= {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"} | variables
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.started.append(process)
        return process

    def up(self, **variables: str) -> subprocess.Popen[str]:
        """Start the house and wait until it says that it is up."""
        self.said.clear()
        process = self.command(str(STAND_IN), "up", **variables)
        threading.Thread(target=self._listen, args=[process], daemon=True).start()
        self.wait_for("Keyaccount is up")
        return process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self.said.extend(process.stdout)

    def wait_for(self, words: str) -> str:
        return until(lambda: next((line for line in list(self.said) if re.search(words, line)), ""), self.said)

    def ask(self, name: str, path: str = "/") -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port + PROCESSES.index(name), timeout=5)
        try:
            connection.request("GET", path)
            return dict(json.loads(connection.getresponse().read()))
        finally:
            connection.close()

    def pids(self) -> dict[str, int]:
        return {name: self.ask(name)["pid"] for name in PROCESSES}

    @property
    def cluster(self) -> Path:
        pointer = self.home / "postgres" / "location"
        return Path(pointer.read_text().strip() if pointer.exists() else self.home / "postgres") / "cluster"


def until(ask: Callable[[], T], context: object = None, seconds: float = 20) -> T:
    """Ask until the answer is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)
    raise AssertionError(context)


def gone(pids: list[int]) -> bool:
    return all(not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie" for pid in pids)


@pytest.fixture
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o755)
        yield from lived_in(Path(folder) / "home")


def lived_in(home: Path) -> Iterator[House]:
    """Yield a house at free ports and leave nothing of it behind."""
    home.mkdir()
    port = next(
        base
        for base in (random.randrange(15000, 30000, 10) for _ in range(1000))  # noqa: S311 - any will do
        if all(is_free(base + offset) for offset in range(6))
    )
    house = House(home, port)
    yield house
    for process in house.started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)
    instance.stop_from_elsewhere(home)
    for process in house.started:
        if process.stdout:
            process.wait(5)
            process.stdout.close()
    postgres.remove(home / "postgres")


async def test_a_house_comes_up_lives_through_deaths_and_goes_down(house: House) -> None:
    running = house.up()
    assert house.wait_for("a report")
    before = house.pids()

    second = house.command(str(STAND_IN), "up")
    refusal = second.communicate(timeout=20)[0]
    assert second.returncode == 1
    assert f"running in {house.home} already at http://127.0.0.1:{house.port}" in refusal

    (house.home / "other").mkdir()
    other = house.command(str(STAND_IN), "up", KEYACCOUNT_HOME=str(house.home / "other"))
    assert f"Port {house.port + 1}, for customer, is taken" in other.communicate(timeout=20)[0]

    os.kill(before["forecast"], signal.SIGKILL)
    house.wait_for("forecast .* was ended by SIGKILL; starting it again")
    after = until(house.pids)
    assert {name for name in PROCESSES if after[name] != before[name]} == {"forecast"}

    forked = psutil.Process(after["forecast"]).parent()
    assert forked is not None
    forked.kill()
    house.wait_for("the fork server ended with code -9; starting another")
    assert house.pids() == after
    os.kill(after["team"], signal.SIGKILL)
    house.wait_for("team .* ended; starting it again")
    until(lambda: house.ask("team")["pid"] != after["team"])
    again = house.pids()
    assert {name for name in PROCESSES if again[name] != after[name]} == {"team"}
    after = again

    login_url = house.ask("team")["environment"]["KEYACCOUNT_LOGIN_URL"]
    postmaster = int((house.cluster / "postmaster.pid").read_text().split("\n")[0])
    os.kill(postmaster, signal.SIGKILL)
    house.wait_for("postgresql .* starting it again")
    until(lambda: sum("postgresql" in line and "ready" in line for line in house.said) == 2)
    connection = await asyncpg.connect(login_url)
    assert await connection.fetchval("SELECT current_user") == "team_service"
    await connection.close()

    running.send_signal(signal.SIGTERM)

    assert running.wait(20) == 0
    assert gone(list(after.values()))
    assert processes_of(house.cluster) == []
    assert not (house.home / "instance.json").exists()


def test_the_first_sign_ins_are_shown_once_and_the_demo_is_loaded_until_complete(house: House) -> None:
    password = "administrator .* admin "
    (house.home / "demonstration.broken").touch()
    first = house.up()
    house.wait_for(password)
    house.wait_for("the demo data are not complete")
    first.send_signal(signal.SIGINT)
    assert first.wait(20) == 0

    (house.home / "demonstration.broken").unlink()
    second = house.up()
    house.wait_for("a report")
    assert not any(re.search(password, line) for line in house.said)
    second.send_signal(signal.SIGINT)
    assert second.wait(20) == 0

    house.up()
    house.wait_for("a report")
    assert (house.home / "demonstrated").read_text().splitlines() == [f"http://127.0.0.1:{house.port}"] * 2


def test_what_a_killed_house_left_is_replaced_by_the_next_and_stopped_by_down(house: House) -> None:
    first = house.up(KEYACCOUNT_DEMO="off")
    left = house.pids()
    first.kill()
    first.wait()
    assert house.pids() == left

    second = house.up(KEYACCOUNT_DEMO="off")

    assert gone(list(left.values()))
    left = house.pids()
    second.kill()
    second.wait()

    assert "is stopped" in house.command("-m", "keyaccount", "down").communicate(timeout=20)[0]

    assert gone(list(left.values()))
    assert processes_of(house.cluster) == []
    assert "No instance was running" in house.command("-m", "keyaccount", "down").communicate(timeout=20)[0]


def test_a_service_that_does_not_start_stops_the_house_and_says_why(house: House) -> None:
    (house.home / "forecast.broken").touch()

    running = house.command(str(STAND_IN), "up")

    said = running.communicate(timeout=30)[0]
    assert running.returncode == 1
    assert "forecast does not start" in said
    assert "forecast lacks a thing" in said
    assert processes_of(house.cluster) == []


def test_requests_under_way_are_finished_and_who_will_not_end_is_ended(house: House) -> None:
    (house.home / "customer.stubborn").touch()
    running = house.up(KEYACCOUNT_DEMO="off", KEYACCOUNT_TIME_ZONE="Asia/Shanghai", KEYACCOUNT_LOG_LEVEL="DEBUG")
    check_environments(house)
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(house.ask("gateway", "/slow")))
    asking.start()
    time.sleep(0.2)

    down = house.command("-m", "keyaccount", "down")

    assert "is stopped" in down.communicate(timeout=20)[0]
    assert running.wait(20) == 0
    asking.join()
    assert answers
    assert house.wait_for("customer .* has not finished within 1.5 s; ended")


def check_environments(house: House) -> None:
    """Each process is told what it needs and no more."""
    team, gateway = house.ask("team")["environment"], house.ask("gateway")["environment"]

    assert team["KEYACCOUNT_SERVICE"] == "team"
    assert team["KEYACCOUNT_LOGIN_URL"].startswith("postgresql://team_service:")
    assert team["KEYACCOUNT_SECRETS"] == str(house.home / "secrets")
    assert team["KEYACCOUNT_CUSTOMER_URL"] == f"http://127.0.0.1:{house.port + 1}"
    assert (team["KEYACCOUNT_TIME_ZONE"], team["KEYACCOUNT_LOG_LEVEL"]) == ("Asia/Shanghai", "DEBUG")
    assert "KEYACCOUNT_LOGIN_URL" not in gateway
    assert gateway["KEYACCOUNT_SECRETS"] == str(house.home / "secrets")
    assert not [name for name in team if name.endswith("DATABASE_URL")]
    assert set(json.loads((house.home / "migrated").read_text())) == {"customer", "opportunity", "forecast", "team"}
