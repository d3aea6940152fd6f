"""The short way to a route answers what FastAPI's own way does."""

from typing import Any

import pytest

from servicekit.web.dispatch import Dispatch
from servicekit.web.router import TransactionalRoute
from tests.make import word
from tests.servicekit.conftest import PERSON, Walls

JSON = {"content-type": "application/json"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1/shelves", {}),
    ("GET", "/v1/shelves?limit=2&sort=-name", {}),
    ("GET", "/v1/shelves?limit=1&limit=2", {}),
    ("GET", "/v1/shelves?limit=", {}),
    ("GET", "/v1/shelves?limit=none&boxes_gte=x", {}),
    ("GET", "/v1/shelves?unheard=of", {}),
    ("GET", "/v1/shelves?unheard=of&unheard=twice&sort=", {}),
    ("GET", "/v1/shelves?cursor=%ff%00", {}),
    ("HEAD", "/v1/shelves", {}),
    ("GET", "/v1/shelves/", {}),
    ("GET", "/v1/shelves/1/2/3", {}),
    ("GET", "/v1/unheard", {}),
    ("GET", "/health/live", {}),
    ("GET", "/health/ready", {}),
    ("DELETE", "/v1/shelves", {}),
    ("PATCH", "/v1/shelves/none", {"json": {}}),
    ("PATCH", f"/v1/shelves/{PERSON}", {"json": {"name": "x"}}),
    ("PATCH", f"/v1/shelves/{PERSON}", {"json": {}, "headers": {"if-match": "nothing"}}),
    ("PATCH", f"/v1/shelves/{PERSON}", {"json": {"boxes": -1}, "headers": {"if-match": '"1"'}}),
    ("PATCH", f"/v1/shelves/{PERSON}", {"headers": {"if-match": '"1"'}}),
    ("POST", "/v1/shelves", {"json": {"name": "", "boxes": "many", "colour": "red"}}),
    ("POST", "/v1/shelves", {"json": {"name": "x", "boxes": 101}}),
    ("POST", "/v1/shelves", {"json": {"name": "x\x00"}}),
    ("POST", "/v1/shelves", {"json": [1]}),
    ("POST", "/v1/shelves", {"content": "{", "headers": JSON}),
    ("POST", "/v1/shelves", {"content": b"\xff\xfe\x00", "headers": JSON}),
    ("POST", "/v1/shelves", {"content": "[" * 100_000, "headers": JSON}),
    ("POST", "/v1/shelves", {"content": "name=x", "headers": {"content-type": "text/plain"}}),
    ("POST", "/v1/shelves", {"headers": JSON}),
    ("POST", f"/v1/shelves/{PERSON}/takings", {"content": "ignored", "headers": JSON}),
    ("GET", "/v1/team/audit", {}),
    ("GET", f"/v1/team/audit?aggregate=shelf&aggregate_id={PERSON}", {}),
    ("GET", "/v1/team/events?after=-1", {}),
]


def _routes(walls: Walls) -> list[TransactionalRoute]:
    kinds: list[object] = [one.cls for one in walls.app.user_middleware]
    found: Any = walls.app.user_middleware[kinds.index(Dispatch)].kwargs["routes"]
    routes: list[TransactionalRoute] = found
    return routes


async def _asked(walls: Walls, method: str, path: str, options: dict[str, Any]) -> tuple[Any, ...]:
    answer = await walls.client.request(method, path, **options)
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body.pop("trace_id", None)
    headers = {name: value for name, value in answer.headers.items() if name not in {"trace-id", "content-length"}}
    return answer.status_code, headers, body


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS)
async def test_both_ways_answer_alike(
    walls: Walls, monkeypatch: pytest.MonkeyPatch, method: str, path: str, options: dict[str, Any]
) -> None:
    short = await _asked(walls, method, path, options)
    for route in _routes(walls):
        monkeypatch.setattr(route, "short", None)
    assert short == await _asked(walls, method, path, options)


async def test_both_ways_write_alike(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await walls.post("/v1/shelves", {"name": word(), "boxes": 3}, key=word())
    for route in _routes(walls):
        monkeypatch.setattr(route, "short", None)
    second = await walls.post("/v1/shelves", {"name": word(), "boxes": 3}, key=word())
    assert first.status_code == second.status_code == 201
    assert first.headers.keys() == second.headers.keys()
    assert first.json().keys() == second.json().keys()
