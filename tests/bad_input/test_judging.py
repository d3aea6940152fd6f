"""The judge names what is planted: each fault is put into the product, and one request is enough to see it."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from servicekit.data import transactions
from servicekit.data.transactions import Writing
from tests.bad_input.opening import traffic_to
from tests.bad_input.requests import Request
from tests.bad_input.running import Report, Traffic
from tests.conftest import Template
from tests.make import word
from tests.system.scene import absent

Told = dict[str, Any]
Change = Callable[[Told], None]


@pytest.fixture(scope="module")
async def traffic(template: Template) -> AsyncIterator[Traffic]:
    async with traffic_to(template, 0) as made:
        await made.run([])
        yield made


class Tampering:
    """ASGI: lets an app answer, and changes what it says before it goes out."""

    def __init__(self, app: Any, change: Change) -> None:
        self._app = app
        self._change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: Told = {"status": 0, "headers": {}, "body": b""}

        async def taken(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"], told["headers"] = message["status"], dict(message["headers"])
            else:
                told["body"] += message["body"]

        await self._app(scope, receive, taken)
        told["headers"].pop(b"content-length", None)
        self._change(told)
        told["headers"].setdefault(b"content-length", str(len(told["body"])).encode())
        await send({"type": "http.response.start", "status": told["status"], "headers": list(told["headers"].items())})
        await send({"type": "http.response.body", "body": told["body"]})


def member(name: str, value: Any) -> Change:
    """Return what sets a member of the answer; None takes it away."""

    def change(told: Told) -> None:
        content = json.loads(told["body"])
        content[name] = value
        if value is None:
            del content[name]
        told["body"] = json.dumps(content).encode()

    return change


def status(value: int) -> Change:
    return lambda told: told.update(status=value)


def header(name: bytes, value: bytes) -> Change:
    return lambda told: told["headers"].update({name: value})


def failing(_: Told) -> None:
    raise RuntimeError("planted")


async def judged(traffic: Traffic, name: str, who: str, **given: Any) -> list[str]:
    """Send one request and return what is wrong with what came of it."""
    operation = next(each for each in traffic.operations if each.name == name)
    traffic.report = Report()
    await traffic.rows.look()
    path = given.pop("path", {})
    request = Request(operation, "plausible", operation.method, path, who=who, media_type="application/json", **given)
    async with httpx.AsyncClient() as client:
        await traffic.sent(client, request)
    return traffic.report.wrong


async def read(traffic: Traffic, person_id: str) -> list[str]:
    return await judged(traffic, "get_person", "admin", path={"person_id": person_id})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (member("name", 7), "undeclared shape at $.name"),
        (member("name", None), "undeclared shape at $: 'name' is a required property"),
        (member("surprise", 1), "undeclared shape at $: Additional properties are not allowed"),
        (member("id", "no id"), "undeclared shape at $.id"),
        (status(203), "undeclared status 203"),
        (status(502), "502: "),
        (failing, "500: "),
        (header(b"content-type", b"text/html"), "undeclared media type 'text/html'"),
        (header(b"content-length", b"100000"), "connection dropped"),
    ],
)
async def test_an_answer_that_is_not_as_declared_is_named(
    traffic: Traffic, monkeypatch: pytest.MonkeyPatch, change: Change, told: str
) -> None:
    app: Any = traffic.house.apps["team"]
    person_id = traffic.known.ids["person_id"]
    assert await read(traffic, person_id) == []
    monkeypatch.setattr(app, "middleware_stack", Tampering(app.middleware_stack, change))
    (wrong,) = await read(traffic, person_id)
    assert wrong.startswith(told), wrong
    assert f"GET /v1/people/{person_id}" in wrong


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (member("code", "made_up"), "docs/errors.md does not know 'made_up' with 404"),
        (member("status", 400), "says 400 and is 404"),
        (member("trace_id", ""), "no detail or trace"),
        (member("detail", None), "undeclared shape at $: 'detail'"),
        (member("errors", [{"pointer": "name", "code": "x", "message": "x"}]), "no pointer: "),
        (member("detail", "asyncpg.exceptions.DataError"), "tells of its inside: asyncpg"),
        (header(b"content-type", b"application/json"), "undeclared media type 'application/json', 404"),
    ],
)
async def test_a_refusal_that_is_no_problem_of_ours_is_named(
    traffic: Traffic, monkeypatch: pytest.MonkeyPatch, change: Change, told: str
) -> None:
    app: Any = traffic.house.apps["team"]
    assert await read(traffic, absent()) == []
    monkeypatch.setattr(app, "middleware_stack", Tampering(app.middleware_stack, change))
    wrong = await read(traffic, absent())
    assert any(each.startswith(told) for each in wrong), wrong


async def test_a_400_that_names_no_field_is_named(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = traffic.house.apps["team"]
    assert await read(traffic, "nobody") == []
    monkeypatch.setattr(app, "middleware_stack", Tampering(app.middleware_stack, member("errors", [])))
    (wrong,) = await read(traffic, "nobody")
    assert wrong.startswith("names no field")


UNKNOWN_PRODUCT = {
    "name": "Soles",
    "currency": "USD",
    "lines": [{"product_id": "00000000-0000-7000-8000-000000000000", "quantity": "1"}],
}


async def test_a_refusal_that_commits_is_named(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await judged(traffic, "create_opportunity", "seller", body=UNKNOWN_PRODUCT) == []
    assert set(traffic.report.statuses) == {422}

    async def release(self: transactions.Questions) -> None:
        self._ended = True
        connection, self._connection = self._connection, None
        if connection is not None:
            if connection.is_in_transaction():
                await connection.execute("COMMIT")
            await self.database.pool.release(connection)

    monkeypatch.setattr(transactions.Questions, "release", release)
    keyed = {"idempotency-key": word()}
    wrong = await judged(traffic, "create_opportunity", "seller", body=UNKNOWN_PRODUCT, headers=keyed)
    assert any(each.startswith("half-written: opportunity.idempotency") for each in wrong), wrong


async def test_a_question_that_writes_is_named(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = traffic.house.apps["opportunity"]
    inside, pool = app.middleware_stack, traffic.house.service("opportunity").database.pool

    async def moving(scope: Scope, receive: Receive, send: Send) -> None:
        await pool.execute("UPDATE relay SET last_position = last_position + 1000")
        await inside(scope, receive, send)

    monkeypatch.setattr(app, "middleware_stack", moving)
    (wrong,) = await judged(traffic, "list_products", "seller")
    assert wrong.startswith("written by reading: opportunity.relay")


CHANGE = {"name": "Soles", "currency": "USD"}


async def test_a_change_without_audit_is_named(traffic: Traffic) -> None:
    assert await judged(traffic, "create_opportunity", "seller", body=CHANGE) == []
    assert set(traffic.report.statuses) == {201}
    await traffic.rows.done("ALTER TABLE opportunity.opportunity DISABLE TRIGGER USER")
    try:
        wrong = await judged(traffic, "create_opportunity", "seller", body=CHANGE)
    finally:
        await traffic.rows.done("ALTER TABLE opportunity.opportunity ENABLE TRIGGER USER")
    assert any(each.startswith("unaudited: opportunity.opportunity") for each in wrong), wrong


async def test_a_change_without_event_is_named(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writing, "publish", lambda *_: None)
    wrong = await judged(traffic, "create_opportunity", "seller", body=CHANGE)
    assert any(each.startswith("without event: opportunity.opportunity") for each in wrong), wrong


async def test_a_row_that_differs_from_its_event_is_named(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Writing.publish

    def late(self: Writing, event_type: str, aggregate_id: Any, data: dict[str, Any]) -> None:
        published(self, event_type, aggregate_id, data | {"version": 0})

    monkeypatch.setattr(Writing, "publish", late)
    wrong = await judged(traffic, "create_opportunity", "seller", body=CHANGE)
    assert any(each.startswith("event and row differ: opportunity.opportunity") for each in wrong), wrong
