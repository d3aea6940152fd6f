"""How a service answers what it cannot do: the right status, a problem, the trace to report."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from servicekit.data.transactions import Reading, Writing
from servicekit.values.money import exact_money
from servicekit.web.references import _path_reference
from servicekit.web.schemas import Input
from tests.conftest import Template
from tests.make import word
from tests.servicekit.conftest import Walls, open_walls

TRACE = "a" * 32


class Labels(Input):
    labels: dict[str, str] | None = None
    names: list[str] | None = None
    parts: list[dict[str, list[str]]] | None = None


@pytest.mark.parametrize(
    "content",
    [{"labels": {"a": "x\x00"}}, {"labels": {"a\x00": "x"}}, {"names": ["a", "\x00"]}, {"parts": [{"a": ["\x00"]}]}],
)
def test_a_nul_is_refused_however_deep(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="NUL"):
        Labels.model_validate(content)


def test_there_is_no_negative_zero() -> None:
    assert str(exact_money(Decimal("-0"), "CNY").amount) == "0.00"


@pytest.mark.parametrize("path", ["/v1/team/events?after=", "/v1/shelves?boxes_gte="])
async def test_a_number_that_no_column_holds_is_the_callers_mistake(walls: Walls, path: str) -> None:
    answer = await walls.client.get(f"{path}{10**20}")
    assert answer.status_code == 400


async def test_a_text_that_postgresql_cannot_keep_is_the_callers_mistake(walls: Walls, monkeypatch: Any) -> None:
    monkeypatch.setattr("servicekit.web.schemas._fault_of", lambda _: None)
    answer = await walls.client.post("/v1/shelves", json={"name": "a\x00b"})
    assert (answer.status_code, answer.json()["code"]) == (400, "value_not_keepable")


async def test_allow_names_the_methods_of_every_route_of_a_path(walls: Walls) -> None:
    for method in ("PUT", "OPTIONS"):
        answer = await walls.client.request(method, "/v1/shelves")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_slash_too_many_is_not_found_and_names_no_host(walls: Walls) -> None:
    answer = await walls.client.get("/v1/shelves/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("form", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_body_of_another_form_is_415(walls: Walls, form: str) -> None:
    answer = await walls.client.post("/v1/shelves", content=b'{"name": "x"}', headers={"content-type": form})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_merge_patch_is_json(walls: Walls) -> None:
    made = (await walls.post("/v1/shelves", {"name": word()})).json()
    answer = await walls.client.patch(
        f"/v1/shelves/{made['id']}",
        content=b'{"name": "%s"}' % word().encode(),
        headers={"content-type": "application/merge-patch+json", "if-match": '"1"'},
    )
    assert answer.status_code == 200


async def test_a_bug_is_told_with_its_trace_and_without_its_words(walls: Walls, monkeypatch: Any) -> None:
    async def fail(_: Writing, __: Any = None) -> bool:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Writing, "finish", fail)
    headers = {"traceparent": f"00-{TRACE}-{'b' * 16}-01"}
    answer = await walls.client.post("/v1/shelves", json={"name": word()}, headers=headers)
    assert (answer.status_code, answer.headers["trace-id"]) == (500, TRACE)
    assert answer.json()["trace_id"] == TRACE
    assert "secret" not in answer.text


async def test_a_database_that_is_away_is_503(walls: Walls, monkeypatch: Any) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Reading, "all", refuse)
    answer = await walls.client.get("/v1/shelves")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_long_chinese_name_continues_a_list(template: Template) -> None:
    async with open_walls(template) as walls:
        for number in range(3):
            await walls.post("/v1/shelves", {"name": f"{number}{'客' * 399}"})
        first = (await walls.client.get("/v1/shelves", params={"limit": 1})).json()
        second = await walls.client.get("/v1/shelves", params={"limit": 1, "cursor": first["next"]})
        assert second.json()["items"][0]["name"].startswith("1")


def test_a_reference_in_a_path_has_no_nul() -> None:
    described = _path_reference.__annotations__["external_id"].__metadata__[0]
    assert "x00" in str(described)


async def test_a_body_over_the_limit_is_a_problem_and_writes_nothing(walls: Walls) -> None:
    async def too_much() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(33):
            yield b"x" * 1024 * 1024

    answer = await walls.client.post("/v1/shelves", content=too_much(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
    assert answer.headers["trace-id"]
