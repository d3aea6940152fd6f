"""Whatever comes, the answer is a problem that says what is wrong, and never a 5xx.

The requests are made from the OpenAPI documents: for every operation some of each kind, always the same ones.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from servicekit.values.ids import new_id
from servicekit.values.scopes import SCOPES
from servicekit.web.problems import Problem
from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make, word
from tests.system.broken import Broken, Document, broken_bodies
from tests.system.scene import Scene, open_scene
from tests.system.strangers import TABLE

PER_LEAF = 2
PER_PARAMETER = 3
CASES = [(service, name) for service, operations in TABLE.items() for name in operations]
CASE_IDS = [f"{service}-{name}" for service, name in CASES]
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
async def scene(template: Template) -> AsyncIterator[Scene]:
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        made = await open_scene(opened)
        made.people["clumsy"], _ = await made.make.machine(sorted(SCOPES), roles=["sales_operations"])
        await opened.settle()
        yield made


def described(house: House, service: str, name: str) -> tuple[str, str, dict[str, Any]]:
    """Return method, path and description of an operation."""
    for path, methods in house.apps[service].openapi()["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] == name:
                return method.upper(), path, operation
    raise AssertionError(f"{service} has no {name}")


async def send(scene: Scene, service: str, method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request as a machine client that has every scope and may do most things."""
    clumsy = scene.people["clumsy"]
    headers = {"authorization": f"Bearer {clumsy.token}", "if-match": '"1"', **options.pop("headers", {})}
    return await scene.house.clients[service].request(method, url, headers=headers, **options)


def check_problem(answer: httpx.Response, operation: dict[str, Any], context: object) -> dict[str, Any]:
    """Refuse an answer that is no problem of the declared shape, or whose status the document does not name."""
    assert answer.status_code < 500, f"{context}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", context
    problem: dict[str, Any] = answer.json()
    Problem.model_validate(problem, strict=True)
    assert problem["status"] == answer.status_code
    assert problem["trace_id"]
    assert str(answer.status_code) in operation["responses"], f"{context}: {answer.status_code} is not declared"
    for word_of_ours in ("Traceback", "asyncpg", "SELECT ", str(Path(__file__).parents[2]), "site-packages"):
        assert word_of_ours not in answer.text, context
    return problem


def check_named(problem: dict[str, Any], broken: Broken) -> None:
    """Refuse a problem that does not say which field it is about."""
    told = [f"{fault['pointer']} {fault['message']}" for fault in problem["errors"]] + [problem["detail"]]
    if broken.path and broken.path not in {("items",), ("items", 0)}:  # the outcome says which item it is
        names = [str(step) for step in broken.path if isinstance(step, str)]
        assert any(names[-1] in each or names[0] in each.split(" ")[0] for each in told), (told, broken)


def faults_of(answer: httpx.Response) -> dict[str, Any] | None:
    """Return the problem of a batch's only item, if the answer is a batch's and the item was rejected."""
    content = answer.json() if answer.is_success and answer.content else {}
    items = content.get("items") if isinstance(content, dict) else None
    found = items[0].get("problem") if items and isinstance(items[0], dict) else None
    return found if isinstance(found, dict) else None


@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_bodies(scene: Scene, service: str, name: str) -> None:
    method, path, operation = described(scene.house, service, name)
    forms = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in forms:
        return
    document = Document(scene.house.apps[service].openapi(), scene.ids)
    url = filled(scene, path)
    for broken in broken_bodies(document, forms["application/json"]["schema"], f"{service} {name}", PER_LEAF):
        answer = await send(scene, service, method, url, content=broken.content, headers=JSON)
        context = (broken.what, broken.pointer)
        assert answer.status_code < 500, (context, broken.content[:300], answer.text)
        item = faults_of(answer)
        if not answer.is_success:
            item = check_problem(answer, operation, context)
        if broken.must and not (broken.what == "empty" and not operation["requestBody"].get("required")):
            assert item, f"{context} was taken: {answer.text}"
            assert item["status"] == 400, (context, item)
            check_named(item, broken)


def filled(scene: Scene, path: str) -> str:
    ids = {**scene.ids, "external_id": word(), "number": "1", "year": "2030"}
    return path.replace("{", "%(").replace("}", ")s") % ids


def absurd_parameters(schema: dict[str, Any], chance: random.Random) -> Iterator[str]:
    """Yield some values for a parameter, as they go over the wire."""
    values = ["", "%00", "a%00b", "%ED%A0%80", "%FF", "x" * 5000, quote("💥'\";--"), "-1", "1e400", "9" * 40, "null"]
    values += ["0000-01-01", "9999-12-31", "0001-01-01", "2026-02-30", "%E2%80%AE", "true", "NaN", "AAAA", "!!!"]
    yield from chance.sample(values, PER_PARAMETER)


@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_parameters(scene: Scene, service: str, name: str) -> None:
    method, path, operation = described(scene.house, service, name)
    chance = random.Random(f"{service} {name}")  # noqa: S311 - the same every time
    urls = [f"{filled(scene, path)}?surprise=1"] if method == "GET" and operation.get("parameters") else []
    for parameter in operation.get("parameters", ()):
        for value in absurd_parameters(parameter["schema"], chance):
            match parameter["in"]:
                case "query" if parameter["name"] != "wait":
                    urls.append(f"{filled(scene, path)}?{parameter['name']}={value}")
                case "path":
                    before, after = path.split(f"{{{parameter['name']}}}")
                    urls.append(f"{filled(scene, before)}{value or '%20'}{filled(scene, after)}")
    for url in urls:
        answer = await send(scene, service, method, url)
        assert answer.status_code < 500, f"{method} {url}: {answer.text}"
        if not answer.is_success:
            check_problem(answer, operation, url)
        if url.endswith("surprise=1") and "query" in {each["in"] for each in operation["parameters"]}:
            assert answer.status_code == 400, f"{method} {url}"
            assert "surprise" in answer.text


@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_headers(scene: Scene, service: str, name: str) -> None:
    method, path, operation = described(scene.house, service, name)
    url, body = filled(scene, path), {"content": b"{}"} if "requestBody" in operation else {}
    headers: list[dict[str, str | bytes]] = [
        {"idempotency-key": "x" * 300},
        {"idempotency-key": ""},
        {"on-behalf-of": "me"},
        {"on-behalf-of": str(new_id())},
        {"org-chart-version": "9" * 40},
        {"authorization": b"Bearer \xff\xfe"},
        {"authorization": "Basic eDp5"},
        {"traceparent": "00-zz-zz-00"},
        {"content-type": "text/plain"},
        {"content-type": "application/xml; charset=utf-7"},
        {"accept": "image/png"},
    ]
    if any(each["name"].lower() == "if-match" for each in operation.get("parameters", ())):
        headers += [
            {"if-match": value} for value in ("", "*", 'W/"1"', "1", '"x"', f'"{"9" * 40}"', '"-1"', '"1", "2"')
        ]
    for given in headers:
        answer = await send(scene, service, method, url, headers={**JSON, **given}, **body)
        if not answer.is_success:
            check_problem(answer, operation, given)


async def test_a_wrong_content_type_is_refused(scene: Scene) -> None:
    body = json.dumps({"legal_name": f"Company {word()}", "country": "DE"}).encode()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
        answer = await send(
            scene, "customer", "POST", "/v1/customers", content=body, headers={"content-type": kind} if kind else {}
        )
        assert answer.status_code in {400, 415}, (kind, answer.text)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/opportunities", {"amount": "-1.00"}, "/amount"),
        ("/v1/opportunities", {"amount": {"amount": "-1.00", "currency": "USD"}}, "/amount"),
        ("/v1/opportunities", {"amount": "1.001"}, "/amount"),
        ("/v1/opportunities", {"amount": {"amount": "1.00", "currency": "EUR"}}, "/amount"),
        ("/v1/opportunities", {"currency": "XYZ", "amount": "1"}, "currency"),
        ("/v1/opportunities", {"customer_id": str(new_id())}, "/customer_id"),
        ("/v1/opportunities", {"principal_id": str(new_id())}, "/principal_id"),
        ("/v1/opportunities", {"lines": [{"product_id": str(new_id()), "quantity": "1"}]}, "/lines/0/product_id"),
        ("/v1/opportunities", {"lines": [{"product_id": "{product_id}", "quantity": "-1"}]}, "/lines/0/quantity"),
        ("/v1/opportunities", {"lines": [{"product_id": "{product_id}", "quantity": "0.5"}]}, "/lines/0/quantity"),
        ("/v1/customers", {"annual_revenue": {"amount": "-1", "currency": "USD"}}, "/annual_revenue"),
        ("/v1/customers", {"annual_revenue": {"amount": "1", "currency": "XYZ"}}, "/annual_revenue"),
        ("/v1/customers", {"country": "XX"}, "/country"),
        ("/v1/customers", {"parent_id": str(new_id())}, "/parent_id"),
        ("/v1/customers", {"account_manager_id": str(new_id())}, "/account_manager_id"),
        ("/v1/products", {"list_price": {"amount": "-1", "currency": "USD"}}, "/list_price"),
        ("/v1/products", {"product_line_id": str(new_id())}, "/product_line_id"),
        ("/v1/exchange-rates", {"rate": "-1"}, "/rate"),
        ("/v1/exchange-rates", {"rate": "0"}, "/rate"),
        ("/v1/exchange-rates", {"from_currency": "XYZ"}, "from_currency"),
        ("/v1/forecast-cycles", {"currency": "XYZ"}, "currency"),
        ("/v1/contacts", {"customer_id": str(new_id())}, "/customer_id"),
        ("/v1/contacts", {"email": "nowhere"}, "/email"),
    ],
)
async def test_what_the_domain_does_not_know_is_named(
    scene: Scene, path: str, body: dict[str, Any], pointer: str
) -> None:
    examples: dict[str, dict[str, Any]] = {
        "/v1/opportunities": {"name": "Soles", "currency": "USD"},
        "/v1/customers": {"legal_name": f"Company {word()}", "country": "DE"},
        "/v1/products": {
            "code": word(),
            "name": "Sole",
            "product_line_id": scene.ids["line_id"],
            "unit": "pair",
            "unit_is_whole": True,
        },
        "/v1/exchange-rates": {"from_currency": "CHF", "to_currency": "SEK", "date": "2026-01-01", "rate": "9"},
        "/v1/forecast-cycles": {
            "name": f"Cycle {word()}",
            "period": {"kind": "month", "start": "2026-11-01"},
            "currency": "USD",
        },
        "/v1/contacts": {"customer_id": scene.ids["customer_id"], "name": "Wang"},
    }
    sent = json.loads(json.dumps(examples[path] | body).replace("{product_id}", scene.ids["product_id"]))
    asking = scene.seller if path == "/v1/opportunities" else scene.people["operations"]
    answer = await asking.post(path, sent)
    assert answer.status_code in {400, 403, 422}, answer.text
    assert any(pointer in fault["pointer"] for fault in answer.json()["errors"]), answer.text


async def test_a_stale_version_and_a_missing_one_are_told(scene: Scene) -> None:
    path = f"/v1/opportunities/{scene.ids['opportunity_id']}"
    missing = await scene.seller.patch(path, {"name": "New"})
    stale = await scene.seller.patch(path, {"name": "New"}, if_match=10_000)
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (428, "header:If-Match")
    assert (stale.status_code, stale.json()["current_version"] < 10_000) == (412, True)


async def test_a_key_used_again_for_something_else_is_refused(make: Make) -> None:
    seller, key = await make.seller(), word()
    body = {"name": "Soles", "currency": "USD"}
    answers = await asyncio.gather(*(seller.post("/v1/opportunities", body, key=key) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await seller.post("/v1/opportunities", body | {"name": "Heels"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await seen(seller) == 1


async def test_nothing_is_half_written(make: Make) -> None:
    """A refusal at the last line leaves neither the opportunity nor an event nor an audit entry."""
    seller, product = await make.seller(), await make.product()
    lines = [{"product_id": product["id"], "quantity": "1"}, {"product_id": str(new_id()), "quantity": "1"}]
    answer = await seller.post("/v1/opportunities", {"name": "Soles", "currency": "USD", "lines": lines})
    assert answer.status_code == 422
    assert await seen(seller) == 0


async def seen(client: Client) -> int:
    return int((await client.done("GET", "/v1/opportunities?total=true"))["total"])


async def test_cursors_are_nobodys_toy(scene: Scene) -> None:
    operations = scene.people["operations"]
    first = await operations.done("GET", "/v1/opportunities?limit=1")
    for cursor in ("AAAA", "!!", "💥", "a" * 7000, first["next"][:-2], first["next"] + "A", first["next"][::-1]):
        answer = await operations.get("/v1/opportunities", params={"limit": 1, "cursor": cursor})
        assert answer.status_code == 400, cursor
        assert "cursor" in answer.json()["errors"][0]["pointer"]
