"""`keyaccount report` from the command line."""

import io
import json
from datetime import date
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from keyaccount.problems import Unable
from keyaccount.reporting import command
from tests.reporting.test_reading import ANSWERS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secrets").mkdir()
    sign_ins = {"import_client": {"client_id": "import", "client_secret": "secret"}}
    (tmp_path / "secrets" / "first-sign-ins.json").write_text(json.dumps(sign_ins))

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/sign-in/token":
            return httpx.Response(200, json={"access_token": "t"})
        if request.url.params.get("as_of") == "2030-01-01":
            return httpx.Response(422, json={"detail": "as_of lies in the future."})
        return httpx.Response(200, json=ANSWERS[request.url.path])

    monkeypatch.setattr("keyaccount.api_client.AiohttpTransport", lambda: httpx.MockTransport(handler))
    return tmp_path


def test_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = command.run_report(base_url="http://gateway", home=home, as_json=True)

    assert code == 0
    report = json.loads(capsys.readouterr().out)
    assert report["customers"] == 85
    assert report["demand_plan"]["version"] == 3


def test_tables(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.run_report(base_url="http://gateway", home=home)

    printed = capsys.readouterr().out
    assert "Funnel" in printed
    assert "Forecast 2026 Q4, USD" in printed
    assert "Demand plan, version 3, USD" in printed


def test_the_summary_after_the_start(home: Path) -> None:
    output = io.StringIO()
    command.print_summary(Console(file=output, width=100), "http://gateway", home / "secrets")

    assert "85 customers" in output.getvalue()


def test_a_refusal_is_a_sentence(home: Path) -> None:
    with pytest.raises(Unable, match=r"The report cannot be read: .*as_of lies in the future\."):
        command.run_report(base_url="http://gateway", home=home, as_of=date(2030, 1, 1))
