"""`keyaccount import` from the command line: what it prints, and what it needs."""

import json
from pathlib import Path

import httpx
import pytest

from keyaccount.importing import command
from keyaccount.problems import Unable
from tests.importing.conftest import WriteFolder
from tests.importing.stand_in import StandIn

MAPPING = """
    name: trial
    system: trial
    lacks: ["who is whose superior"]
    files: {people: people.csv}
    records:
      - {kind: people, from: people, id: name, fields: {name: {column: name, note: taken as it is}}}
"""


@pytest.fixture
def home(tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / "secrets").mkdir(parents=True)
    sign_ins = {"import_client": {"client_id": "import", "client_secret": "secret"}}
    (home / "secrets" / "first-sign-ins.json").write_text(json.dumps(sign_ins))
    monkeypatch.setattr("keyaccount.api_client.AiohttpTransport", lambda: httpx.ASGITransport(app=stand_in))
    return home


def test_json_is_all_that_goes_to_standard_output(
    home: Path, write: WriteFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping, folder = write(MAPPING, people="name\nAnn\nBob\n")

    code = command.run_import(str(mapping), folder, base_url="http://gateway", home=home, as_json=True)

    captured = capsys.readouterr()
    assert code == 0
    assert json.loads(captured.out) == {"people": {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}}
    assert "Noted. people: taken as it is (2 rows)" in captured.err
    assert "Not in the source: who is whose superior" in captured.err


def test_without_json_a_table_is_printed(home: Path, write: WriteFolder, capsys: pytest.CaptureFixture[str]) -> None:
    mapping, folder = write(MAPPING, people="name\nAnn\n,\nAnn\n")

    command.run_import(str(mapping), folder, base_url="http://gateway", home=home)

    printed = capsys.readouterr().out
    assert "rejected" in printed
    assert "people, 1 rejected: the id is that of line 2 of people.csv too" in printed


def test_an_instance_that_was_never_started(tmp_path: Path, write: WriteFolder) -> None:
    mapping, folder = write(MAPPING, people="name\nAnn\n")

    with pytest.raises(Unable, match=r"first-sign-ins\.json cannot be read .*`keyaccount up`"):
        command.run_import(str(mapping), folder, base_url="http://gateway", home=tmp_path)


def test_a_mapping_that_is_not_there() -> None:
    with pytest.raises(Unable, match="or one that is shipped: adventureworks, crm-sales-opportunities"):
        command.find_mapping("salesforce")
