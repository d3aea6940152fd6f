"""The part of the OpenAPI documents that an ERP needs, so that a client for it is generated in a second or two."""

import json
from collections.abc import Iterator
from typing import Any

from keyaccount.openapi import DOCUMENTS

OPERATIONS = {
    "team": {"create_token"},
    "forecast": {
        "get_demand_plan",
        "list_demand_plan_handovers",
        "acknowledge_demand_plan",
        "answer_demand_plan_lines",
    },
}


def document() -> dict[str, Any]:
    """Return one document of the operations by which an ERP signs in, reads plans and answers them."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    for service, names in OPERATIONS.items():
        whole = json.loads((DOCUMENTS / f"{service}.json").read_text(encoding="utf-8"))
        for path, methods in whole["paths"].items():
            kept = {method: told for method, told in methods.items() if told["operationId"] in names}
            if kept:
                paths[path] = kept
                _collect(kept, whole["components"]["schemas"], schemas)
    return whole | {"paths": paths, "components": {**whole["components"], "schemas": schemas}}


def _collect(part: Any, known: dict[str, Any], found: dict[str, Any]) -> None:
    for name in _references(part):
        if name not in found:
            found[name] = known[name]
            _collect(known[name], known, found)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
