import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keyaccount import postgres
from keyaccount.main import application
from keyaccount.settings import VARIABLES


def examine(**variables: str) -> tuple[int, str]:
    environment = {variable.name: None for variable in VARIABLES} | variables
    result = CliRunner().invoke(application, ["doctor"], env=environment)
    return result.exit_code, result.output


def test_what_is_in_force_is_shown_with_its_defaults(tmp_path: Path) -> None:
    code, said = examine(KEYACCOUNT_HOME=str(tmp_path / "home"), KEYACCOUNT_PORT="17000", KEYACCOUNT_DEMO="off")

    assert code == 0
    assert all(variable.name in said for variable in VARIABLES)
    assert "KEYACCOUNT_TIME_ZONE" in said
    assert "UTC (default)" in said
    assert not (tmp_path / "home").exists()


def test_a_taken_port_is_a_problem(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = examine(KEYACCOUNT_HOME=str(tmp_path), KEYACCOUNT_PORT=str(min(port, 65530)))

    assert code == 1
    assert "Set KEYACCOUNT_PORT" in said


def test_an_own_server_is_examined(tmp_path: Path, server: postgres.Server) -> None:
    code, said = examine(
        KEYACCOUNT_HOME=str(tmp_path), KEYACCOUNT_PORT="17000", KEYACCOUNT_DATABASE_URL=server.admin_url
    )

    assert code == 0
    assert "PostgreSQL 18" in said
    assert server.admin_url.split("@")[0] not in said


def test_a_server_that_is_away_is_a_problem(tmp_path: Path) -> None:
    code, said = examine(
        KEYACCOUNT_HOME=str(tmp_path),
        KEYACCOUNT_PORT="17000",
        KEYACCOUNT_DATABASE_URL="postgresql://a:hidden@127.0.0.1:1/d",
    )

    assert code == 1
    assert "cannot be reached" in said
    assert "hidden" not in said


def test_more_connections_than_the_embedded_server_has_are_a_problem(tmp_path: Path) -> None:
    house = {"KEYACCOUNT_HOME": str(tmp_path), "KEYACCOUNT_PORT": "17000"}

    assert examine(**house, KEYACCOUNT_WORKERS="opportunity=3")[0] == 0
    code, said = examine(**house, KEYACCOUNT_WORKERS="5")

    assert code == 1
    assert "lower KEYACCOUNT_WORKERS or KEYACCOUNT_CONNECTIONS" in said


@pytest.mark.parametrize(
    "variables", [{"KEYACCOUNT_WORKERS": "gateway=2"}, {"KEYACCOUNT_PORT": "x"}, {"KEYACCOUNT_PROT": "17000"}]
)
def test_a_wrong_configuration_is_a_problem(tmp_path: Path, variables: dict[str, str]) -> None:
    code, said = examine(**{"KEYACCOUNT_HOME": str(tmp_path), "KEYACCOUNT_PORT": "17000"} | variables)

    assert code == 1
    assert next(iter(variables)) in said
