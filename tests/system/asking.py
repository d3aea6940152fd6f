"""Sending the requests of the strangers' table."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from keyaccount.openapi import DOCUMENTS
from tests.house import Client, House
from tests.make import word
from tests.system.scene import Scene, absent
from tests.system.strangers import Ask

PLACEHOLDER = re.compile(r"\{(\w+)\}")
NOTHING: Mapping[str, str] = {}
TRACE = re.compile(r'"trace_id":"[0-9a-f]*"')


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of an operation."""

    method: str
    path: str
    needs_version: bool
    is_public: bool
    scope: str
    """What a machine client needs to call it."""


@dataclass(frozen=True)
class Sent:
    """A request, filled, and what came of it; `named` are the ids in it by their names."""

    answer: httpx.Response
    named: dict[str, str]

    def told(self) -> str:
        """Return all that the answer tells, apart from ids that the request itself has named."""
        text = self.answer.text
        for name, value in self.named.items():
            text = text.replace(value, f"<{name}>")
        return f"{self.answer.status_code} {re.sub(TRACE, '', text)}"


def operations(house: House, service: str) -> dict[str, Operation]:
    """Return the operations of a service by their ids, as its document has them."""
    return operations_in(house.apps[service].openapi())


def document_of(service: str) -> dict[str, Any]:
    """Return the service's document as its file has it, which is what the app says."""
    document: dict[str, Any] = json.loads((DOCUMENTS / f"{service}.json").read_text(encoding="utf-8"))
    return document


def operations_in(document: Mapping[str, Any]) -> dict[str, Operation]:
    """Return the operations of a document by their ids."""
    found = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            needs_version = any(each["name"].lower() == "if-match" for each in described.get("parameters", ()))
            scope = "".join(each for named in described["security"] for each in named["bearer"])
            found[described["operationId"]] = Operation(
                method.upper(), path, needs_version, not described["security"], scope
            )
    return found


async def send(
    scene: Scene,
    client: Client,
    service: str,
    name: str,
    ask: Ask,
    *,
    ghosts: tuple[str, ...] = (),
    version: int = 1,
    headers: Mapping[str, str] = NOTHING,
) -> Sent:
    """Send a table entry's request; `ghosts` are named by ids that nothing has."""
    operation = operations(scene.house, service)[name]
    named: dict[str, str] = {}

    def replaced(match: re.Match[str]) -> str:
        key = match[1]
        if key == "fresh":
            return named.setdefault(key, word())
        if key == "admin_password":
            return str(json.loads((scene.house.secrets / "first-sign-ins.json").read_text())["admin"]["password"])
        named[key] = absent() if key in ghosts else scene.ids[key]
        return named[key]

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return PLACEHOLDER.sub(replaced, value)
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value

    path = filled(PLACEHOLDER.sub(lambda match: ask.path.get(match[1], match[0]), operation.path))
    options: dict[str, Any] = {"params": filled(ask.query)} if ask.query else {}
    if ask.form:
        options["data"] = filled(ask.form)
    answer = await scene.house.clients[service].request(
        operation.method,
        path,
        headers=_headers(scene, client, version if operation.needs_version else None) | dict(headers),
        **options,
        **({"json": filled(ask.body)} if ask.body is not None else {}),
    )
    scene.house.chart_version = max(scene.house.chart_version, int(answer.headers.get("org-chart-version", 0)))
    return Sent(answer, named)


def _headers(scene: Scene, client: Client, version: int | None) -> dict[str, str]:
    headers = {"org-chart-version": str(scene.house.chart_version)}
    if client.token:
        headers["authorization"] = f"Bearer {client.token}"
    if version is not None:
        headers["if-match"] = f'"{version}"'
    return headers


async def present_version(scene: Scene, client: Client, service: str, name: str, ask: Ask) -> int:
    """Return the version of what an operation changes, 1 if it needs none."""
    operation = operations(scene.house, service)[name]
    if not operation.needs_version:
        return 1
    named = PLACEHOLDER.sub(lambda match: ask.path.get(match[1], match[0]), operation.path)
    there = PLACEHOLDER.sub(lambda match: scene.ids[match[1]], named)
    return int((await client.done("GET", there))["version"])
