"""Backups of a running instance, and what comes out of them."""

import json
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keyaccount.backing_up.restore import restore
from keyaccount.problems import Unable
from orgchart.difference import EPOCH
from tests.system.instance import Instance, Person, living_in, until


@contextmanager
def instance_up() -> Iterator[tuple[Path, Instance]]:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o755)
        with living_in(Path(folder) / "home") as instance:
            instance.up()
            yield Path(folder), instance


def run(instance: Instance, *words: str) -> str:
    process = instance.command(*words)
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 0, said
    return said


def customer(by: Person, name: str) -> Any:
    return by.post("/v1/customers", {"kind": "customer", "legal_name": name, "country": "DE"})["id"]


@pytest.mark.timeout(300)
def test_the_drill_loses_nothing_and_leaves_nothing() -> None:
    with instance_up() as (folder, instance):
        said = run(instance, "restore-drill", "--seconds", "1", "--json")

        report = json.loads(said[said.index("{\n") :])
        assert report["lost"] == 0
        assert report["acknowledged"] > 0
        assert report["figures"]["customer audit rows"] >= report["acknowledged"]
        assert report["figures"]["customer feed position"] == report["figures"]["customer events"]
        assert not list(Path(tempfile.gettempdir()).glob("keyaccount-drill-*/home"))
        with pytest.raises(Unable, match="no backup"):
            restore(folder, folder / "new", None, lambda _who, _what: None)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_home_is_restored_to_an_instant() -> None:
    with instance_up() as (folder, instance):
        backup = folder / "backup"
        following = instance.command("backup", str(backup), "--follow")
        until(lambda: (backup / "cluster" / "backup_manifest").exists() and (backup / "wal").exists(), seconds=60)
        with instance.http() as http:
            person = instance.first(http, "import_client")
            before = customer(person, "Before Works")
            time.sleep(1.1)  # instants are given in whole seconds
            instant = datetime.now(UTC).replace(microsecond=0)
            time.sleep(1.1)
            after = customer(person, "After Works")
        following.send_signal(signal.SIGTERM)
        said, _ = following.communicate(timeout=60)
        assert following.returncode == 0, said

        home = folder / "restored"
        run(instance, "restore", str(backup), "--to", str(home), "--until", f"{instant:%Y-%m-%dT%H:%M:%S}")
        with living_in(home) as restored:
            restored.up()
            with restored.http() as http:
                person = restored.first(http, "import_client")
                assert person.get(f"/v1/customers/{before}")["legal_name"] == "Before Works"
                answer = person.request("GET", f"/v1/customers/{after}")
                assert answer.status_code == 404
                me = person.request("GET", "/v1/sign-in/me")  # team names the version of its chart
                assert int(me.headers["org-chart-version"]) > EPOCH
                assert customer(person, "Goes On")
            assert json.loads(run(restored, "audit", "verify", "--json"))["ok"]
