"""The services' documents are the files in docs/openapi, and say of every operation what a client must know."""

import importlib
import inspect
import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import gateway
import orgchart
import servicekit
import services
from gateway.merging import merged
from keyaccount.breaking import breaks, declared_breaks
from keyaccount.openapi import document_of as written_document_of
from servicekit.values.errors import KeyaccountError
from tests.house import SERVICE_BY_SEGMENT, existing_services

ROOT = Path(__file__).resolve().parents[2]
OF_NO_ERROR = {"method_not_allowed", "body_too_large", "unsupported_media_type"}
"""Codes that the framework's and the router's own refusals have, with no error of the domain behind them."""


def document_of(service: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(written_document_of(service))
    return document


@pytest.fixture(params=existing_services())
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_a_name_that_two_services_share_does_not_become_that_of_a_third_thing() -> None:
    """Merged, what differs gets its service's name in front: nothing may be called so already."""
    documents = {name: json.loads((ROOT / "docs/openapi" / f"{name}.json").read_text()) for name in existing_services()}
    schemas = {name: document["components"]["schemas"] for name, document in documents.items()}
    in_one_place = merged(documents, {})["components"]["schemas"]

    taken = {own for each in schemas.values() for own in each}
    shared = {own for own in taken if own not in in_one_place}
    given = {f"{name.capitalize()}{own}" for name, each in schemas.items() for own in each if own in shared}

    assert not given & taken


def test_the_document_is_the_file(service: str) -> None:
    kept = json.loads((ROOT / "docs/openapi" / f"{service}.json").read_text())
    assert document_of(service) == kept, "run `make openapi` and look at what changed"


def test_nothing_breaks_the_clients_of_the_last_release() -> None:
    """What breaks them is declared in the changelog; docs/api.md says how."""
    found: set[str] = set()
    for service in existing_services():
        released = json.loads((ROOT / "docs/openapi/released" / f"{service}.json").read_text())
        found.update(breaks(released, document_of(service)))
    declared = declared_breaks((ROOT / "CHANGELOG.md").read_text())
    assert found - declared == set(), "these break clients: take them back, or declare them (docs/api.md)"
    assert declared - found == set(), "CHANGELOG.md declares breaks that are none"


def test_every_operation_is_described(service: str) -> None:
    seen = set()
    for method, path, operation in operations(document_of(service)):
        where = f"{method} {path}"
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        assert operation.get("summary"), where
        assert operation.get("description"), where
        if operation["security"]:
            assert {"400", "401", "403", "404", "503"} <= operation["responses"].keys(), where


def test_every_path_has_a_way_through_the_gateway(service: str) -> None:
    for path in document_of(service)["paths"]:
        if not path.startswith("/health/"):
            assert SERVICE_BY_SEGMENT[path.split("/")[2]] == service, path


def test_names_are_kebab_case_paths_and_snake_case_fields(service: str) -> None:
    document = document_of(service)
    for path in document["paths"]:
        assert re.fullmatch(r"(/[a-z0-9-]+|/\{[a-z_]+\})+", path), path
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert re.fullmatch(r"[a-z][a-z0-9_]*", field), f"{name}.{field}"


def test_every_schema_has_a_name_that_can_be_a_types(service: str) -> None:
    """Generators name types by titles: two alike, or with signs in them, and a client lacks what uses them."""
    for name, schema in document_of(service)["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
        assert schema.get("title", name) == name


def test_every_post_says_that_it_may_be_sent_again(service: str) -> None:
    for method, path, operation in operations(document_of(service)):
        keys = [each for each in operation.get("parameters", ()) if each["name"] == "Idempotency-Key"]
        assert len(keys) == (method == "post" and operation["security"] != []), f"{method} {path}"
        if keys:
            assert {"409", "422"} <= operation["responses"].keys(), path


def test_a_body_that_may_be_left_out_is_not_null_as_well(service: str) -> None:
    for method, path, operation in operations(document_of(service)):
        for form in operation.get("requestBody", {}).get("content", {}).values():
            assert {"type": "null"} not in form["schema"].get("anyOf", ()), f"{method} {path}"


def test_answers_have_no_optional_fields(service: str) -> None:
    """Generated clients know every field of an answer present."""
    for name, schema in document_of(service)["components"]["schemas"].items():
        if name.endswith("Answer"):
            missing = schema.get("properties", {}).keys() - set(schema.get("required", []))
            assert not missing, f"{name}: {missing}"


def errors_in_code() -> dict[str, type[KeyaccountError]]:
    found = {}
    for package in (servicekit, orgchart, gateway, services):
        for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" in module_info.name or module_info.name.endswith("__main__"):
                continue
            module = importlib.import_module(module_info.name)
            for _, error in inspect.getmembers(module, inspect.isclass):
                if issubclass(error, KeyaccountError) and "code" in vars(error):
                    found[error.code] = error
    return found


def test_every_error_is_in_the_table() -> None:
    table = (ROOT / "docs/errors.md").read_text()
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    codes = set(errors_in_code()) - {"error"}
    assert codes - listed == set(), "add these to docs/errors.md"
    assert listed - codes - {"internal_error", *OF_NO_ERROR} == set(), "these are gone"
