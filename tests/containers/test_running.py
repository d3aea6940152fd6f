"""What docker-compose.yml says, as plain processes: the same commands, environments, probes and signals."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import yaml

from keyaccount import postgres
from keyaccount.settings import PROJECT
from tests.system.instance import free_ports, sign_in, until

ORDER = ("customer", "opportunity", "forecast", "team", "gateway")
PORTS = (8080, 8081, 8082, 8083, 8084)


class Host:
    """Runs the services of a compose file without an engine: one folder stands for all volumes and secrets."""

    def __init__(self, folder: Path, server: postgres.Server) -> None:
        self.folder = folder
        self.compose: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
        self.image = dict(
            line.split(maxsplit=1) for line in (PROJECT / "Dockerfile").read_text().splitlines() if " " in line
        )
        free = free_ports(len(PORTS))
        self.ports = dict(zip(PORTS, range(free, free + len(PORTS)), strict=True))
        self.server = server
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        """Return what the container would be told, with names of hosts, ports and mounts as they are here."""
        service = self.compose["services"][name]
        found = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT)}
        for variable, value in service["environment"].items():
            found[variable] = self._here(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
        return found

    def _here(self, name: str, value: str) -> str:
        for mount in self.compose["services"][name].get("volumes", []):
            volume, target = mount.split(":")[:2]
            if value.startswith(target):
                return str(self.folder / volume) + value.removeprefix(target)
        value = value.replace("/run/secrets", str(self.folder / "secrets"))
        value = value.replace("@postgres:5432", f"@127.0.0.1:{self.server.port}")
        return re.sub(
            r"\b808[0-4]\b",
            lambda found: str(self.ports[int(found[0])]),
            re.sub(r"//\w+:808", "//127.0.0.1:808", value),
        )

    def command(self, name: str) -> list[str]:
        """Return entry point and command, as the engine would put them together."""
        words = [*json.loads(self.image["ENTRYPOINT"]), *self.compose["services"][name]["command"]]
        return [str(self.folder / "services") if word == "/services" else word for word in words]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a one-shot container."""
        return subprocess.run(
            self.command(name), env=self.environment(name), cwd=self.folder, capture_output=True, text=True, check=False
        )

    def start(self, name: str) -> None:
        """Start a container that stays."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.command(name), env=self.environment(name), cwd=self.folder, stdout=log, stderr=log
            )

    def is_healthy(self, name: str) -> bool:
        """Run the container's probe."""
        test = self.compose["services"][name]["healthcheck"]["test"]
        assert test[0] == "CMD"
        assert self.running[name].poll() is None, (self.folder / f"{name}.log").read_text()[-3000:]
        done = subprocess.run(test[1:], env=self.environment(name), cwd=self.folder, check=False)
        return done.returncode == 0

    def stop(self, name: str) -> int:
        """Send the stop signal and return how the process ended."""
        process = self.running.pop(name)
        process.send_signal(signal.Signals[self.compose["services"][name]["stop_signal"]])
        return process.wait(30)


@contextmanager
def hosting(folder: Path, server: postgres.Server) -> Iterator[Host]:
    host = Host(folder, server)
    (folder / "secrets").mkdir()
    password = unquote(urlsplit(server.admin_url).password or "")
    (folder / "secrets" / "postgres-password").write_text(f"{password}\n")
    # These volumes are mounted below /services in one container and at /run/keyaccount in another.
    for name in ORDER[:4]:
        (folder / "services" / name).mkdir(parents=True)
        (folder / f"{name}-secrets").symlink_to(folder / "services" / name)
    try:
        yield host
    finally:
        for process in host.running.values():
            process.kill()
            process.wait()


@pytest.mark.timeout(300)
def test_the_containers_run_as_processes(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    server = postgres.start(tmp_path / "postgres", durable=False)
    try:
        with hosting(tmp_path, server) as host:
            done = host.run("provision")
            assert done.returncode == 0, done.stderr
            assert not (tmp_path / "services/customer/first-sign-ins.json").exists()
            assert not list((tmp_path / "services").glob("*/database.json"))
            for name in ORDER:
                host.start(name)
            for name in ORDER:
                until(partial(host.is_healthy, name), name, 90)

            walk(host)

            ended = {name: host.stop(name) for name in reversed(ORDER)}
            assert set(ended.values()) <= {0, -signal.SIGTERM}, ended
    finally:
        server.stop()
        postgres.remove(tmp_path / "postgres")


def walk(host: Host) -> None:
    """Sign in through the gateway and take a customer to an opportunity."""
    given = json.loads((host.folder / "data/secrets/first-sign-ins.json").read_text())["import_client"]
    with httpx.Client(base_url=f"http://127.0.0.1:{host.ports[8080]}", timeout=30) as http:
        person = sign_in(http, "client_credentials", **given)
        company = {"kind": "customer", "legal_name": "Container Works", "country": "DE"}
        customer = person.post("/v1/customers", company)
        assert person.get(f"/v1/customers/{customer['id']}")["legal_name"] == "Container Works"
        assert http.get("/health").json()["status"] == "ready"


def test_a_secret_is_given_in_one_way_and_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://x:confided@127.0.0.1:1/postgres\n")
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "KEYACCOUNT_HOME": str(tmp_path / "home")}
    told = {
        "set KEYACCOUNT_DATABASE_URL": {},
        "not both": {
            "KEYACCOUNT_DATABASE_URL_FILE": str(tmp_path / "url"),
            "KEYACCOUNT_DATABASE_URL": "postgresql://y",
        },
        "cannot be read": {"KEYACCOUNT_DATABASE_URL_FILE": str(tmp_path / "none")},
        "cannot be entered": {"KEYACCOUNT_DATABASE_URL_FILE": str(tmp_path / "url")},
    }
    for words, variables in told.items():
        command = [sys.executable, "-m", "keyaccount", "provision"]
        done = subprocess.run(command, env=base | variables, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert words in done.stderr, done.stderr
        assert "confided" not in done.stderr
