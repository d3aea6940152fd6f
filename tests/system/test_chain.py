"""The whole chain through the gateway, with real processes: customers in, demand plan out, deaths, a second start."""

import csv
import io
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import openapi_spec_validator
import pytest

from tests.generated import first_walk, python_client
from tests.system.instance import Instance, Person, are_gone, living_in, sign_in, until

Record = dict[str, Any]
LARGE = 100 * 1024 * 1024
CHUNK = 1024 * 1024
QUICK_SECONDS = 15
PASSWORD = "a long one, for tests"


@dataclass
class Story:
    """Who takes part, and what they have made."""

    instance: Instance
    http: httpx.Client
    admin: Person
    operations: Person
    people: dict[str, Person] = field(default_factory=dict)
    made: dict[str, Record] = field(default_factory=dict)

    @property
    def cycle(self) -> str:
        return f"/v1/forecast-cycles/{self.made['cycle']['id']}"


@pytest.mark.timeout(300)
def test_the_whole_chain() -> None:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o755)
        with living_in(Path(folder) / "home") as instance:
            running = instance.up()
            with instance.http() as http:
                story = Story(instance, http, instance.first(http, "admin"), instance.first(http, "import_client"))
                organise(story)
                sell(story)
                forecast(story)
                plan(story)
                look_at_the_reference(story)
                send_too_much(story)
                lose_a_service(story)
                report(instance)
                walk_with_a_generated_client(story, Path(folder))
            told = json.loads(finished(instance, "report", "--json"))
            refuse_a_second(instance)
            stop(instance, running)
            start_again(instance, told)


@pytest.mark.long
def test_it_lives_where_only_its_owner_can_look() -> None:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o700)
        with living_in(Path(folder) / "home") as instance:
            running = instance.up()
            with instance.http() as http:
                assert instance.first(http, "admin").get("/v1/people?total=true")["total"]
            stop(instance, running)


def organise(story: Story) -> None:
    """The head, the manager below, two sellers below the manager; each signs in with a password."""
    superior: Person | None = None
    for name in ("head", "manager", "seller", "colleague"):
        made = story.admin.post("/v1/people", {"name": name.capitalize(), "title": name})
        path = f"/v1/people/{made['id']}"
        if superior is not None:
            story.admin.post(f"{path}/superior-changes", {"superior_id": superior.id, "reason": "the team"})
        story.admin.post(f"{path}/credentials", {"username": name, "password": PASSWORD})
        story.people[name] = sign_in(story.http, "password", username=name, password=PASSWORD)
        superior = story.people[name] if name in {"head", "manager"} else superior
    above = story.people["seller"].get(f"/v1/people/{story.people['seller'].id}/superiors")
    assert [each["name"] for each in above["items"]] == ["Manager", "Head"]


def sell(story: Story) -> None:
    """A customer, a product, four opportunities; one goes through the stages and is won."""
    seller = story.people["seller"]
    customer = {
        "kind": "customer",
        "legal_name": "宝安鞋业有限公司",
        "country": "CN",
        "city": "深圳",
        "addresses": [{"kind": "delivery", "line_1": "Dock 4", "city": "Shenzhen", "country": "CN"}],
    }
    story.made["customer"] = seller.post("/v1/customers", customer)
    line = story.operations.post("/v1/product-lines", {"name": "Outsoles"})
    product = {"code": "OS-42", "name": "Outsole 42", "product_line_id": line["id"], "unit": "pair"}
    story.made["product"] = story.operations.post("/v1/products", product | {"unit_is_whole": True})
    for name, quantity, price in (
        ("seller", 50, "12.34"),
        ("seller", 33, "10.01"),
        ("colleague", 7, "99.99"),
        ("manager", 3, "0.07"),
    ):
        made = enter(story, name, quantity, Decimal(price))
        story.made.setdefault(f"first of {name}", made)
        story.made[f"last of {name}"] = made
    win(story, f"/v1/opportunities/{story.made['first of seller']['id']}")


def enter(story: Story, name: str, quantity: int, price: Decimal) -> Record:
    """Enter an opportunity that is expected at the end of the quarter."""
    body = {
        "name": f"Soles of {name}",
        "currency": "USD",
        "amount": str(quantity * price),
        "expected_close": str(quarter() + timedelta(days=85)),
        "lines": [{"product_id": story.made["product"]["id"], "quantity": str(quantity), "unit_price": str(price)}],
    }
    if name == "seller":
        body["customer_id"] = story.made["customer"]["id"]
    made: Record = story.people[name].post("/v1/opportunities", body)
    return made


def win(story: Story, path: str) -> None:
    """Move it through the stages, past a refusal that names what is to be done, and win it."""
    seller = story.people["seller"]
    refused = seller.request("POST", f"{path}/stage-changes", {"to_stage": "shortlist"})
    assert refused.status_code == 422
    assert refused.json()["missing"] == ["contact_named", "budget_known"]
    for duty in refused.json()["missing"]:
        seller.done("PUT", f"{path}/criteria/{duty}", {})
    for stage in ("confirm_need", "shortlist"):
        assert seller.post(f"{path}/stage-changes", {"to_stage": stage})["stage"] == stage
    won = seller.post(f"{path}/outcomes", {"outcome": "won", "win_reason": "quality"})
    assert (won["state"], won["stage"], won["amount"]["amount"]) == ("won", "close", "617.00")
    stages = [each["to_stage"] for each in seller.get(f"{path}/history")["items"]]
    assert stages == ["find_contact", "confirm_need", "shortlist", "close"]
    funnel = story.people["head"].get("/v1/funnel?scope=subtree")
    assert (funnel["won"]["amount"], funnel["open"]["amount"]) == ("617.00", "1030.47")


def forecast(story: Story) -> None:
    """Confirm, submit, gather, revise, submit, gather, revise by ratio, submit, approve; every sum to the cent."""
    head, manager, seller, colleague = (story.people[name] for name in ("head", "manager", "seller", "colleague"))
    cycle = {
        "name": "This quarter",
        "period": {"kind": "quarter", "start": str(quarter())},
        "currency": "USD",
        "head_ids": [head.id],
    }
    story.made["cycle"] = story.operations.post("/v1/forecast-cycles", cycle)
    story.operations.post(f"{story.cycle}/openings")
    for name in ("seller", "colleague", "manager"):
        confirm(story, story.people[name], story.made[f"last of {name}"])
    for seat, figure in ((seller, "947.33"), (colleague, "699.93")):
        assert submit(story, seat)["result"] == figure

    draft = manager.post(f"{story.cycle}/forecasts")
    assert figures(draft) == ["0.21", "1647.26", "0.00", "1647.47"]
    adjusted = adjust(manager, draft, "delta", "-100.01")
    assert figures(adjusted) == ["0.21", "1647.26", "-100.01", "1547.46"]
    assert submit(story, manager)["result"] == "1547.46"

    draft = head.post(f"{story.cycle}/forecasts")
    assert figures(adjust(head, draft, "ratio", "0.9")) == ["0.00", "1547.46", "-154.75", "1392.71"]
    top = submit(story, head)
    assert story.operations.post(f"/v1/forecasts/{top['id']}/approvals")["state"] == "approved"

    levels = head.get(f"{story.cycle}/roll-up")["levels"]
    by_person = {level["person_id"]: level for level in levels}
    below = [by_person[each.id]["result"] for each in (seller, colleague)]
    assert sum(map(Decimal, below)) == Decimal(by_person[manager.id]["gathered"])
    assert by_person[manager.id]["result"] == by_person[head.id]["gathered"]


def confirm(story: Story, by: Person, opportunity: Record) -> None:
    """Confirm what is among the candidates, as soon as the event of it has come."""
    candidates = until(lambda: by.get(f"{story.cycle}/candidates")["items"])
    found = next(each for each in candidates if each["id"] == opportunity["id"])
    body = {"opportunity_id": found["id"], "opportunity_version": found["version"], "category": "commit"}
    by.post(f"{story.cycle}/confirmations", body)


def submit(story: Story, by: Person) -> Record:
    """Gather and hand in; what was won has entered by itself."""
    draft = by.post(f"{story.cycle}/forecasts")
    submitted: Record = by.post(f"/v1/forecasts/{draft['id']}/submissions")
    return submitted


def adjust(by: Person, draft: Record, mode: str, value: str) -> Record:
    """Revise what came from below."""
    body = {"mode": mode, "value": value, "reason": "the season is late"}
    adjusted: Record = by.post(f"/v1/forecasts/{draft['id']}/adjustments", body)
    return adjusted


def figures(record: Record) -> list[str]:
    return [record[name] for name in ("own", "gathered", "adjustment", "result")]


def plan(story: Story) -> None:
    """Publish; the lines add up to the total as JSON and as CSV, in whole pairs."""
    published = story.operations.post(f"{story.cycle}/demand-plans")
    path = f"/v1/demand-plans/{published['id']}"
    assert (published["version"], published["total"]) == (1, "1392.71")

    lines = story.operations.get(path)["lines"]
    table = story.operations.request("GET", path, headers={"accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))

    names = ("product_id", "month", "place", "quantity", "amount")
    assert [{name: row[name] for name in names} for row in rows] == [
        {name: line[name] for name in names} for line in lines
    ]
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("1392.71")
    assert all(Decimal(row["quantity"]) % 1 == 0 for row in rows)
    assert {row["product_code"] for row in rows} == {"OS-42"}
    assert {row["place"] for row in rows} > {"unspecified"}
    again = story.operations.request("POST", f"{story.cycle}/demand-plans")
    assert (again.status_code, again.json()["code"]) == (409, "plan_unchanged")


def look_at_the_reference(story: Story) -> None:
    """The merged document is valid, and its page and what that needs come from us."""
    document = first_walk.document_at(story.http)
    openapi_spec_validator.validate(document)
    assert document["openapi"].startswith("3.1")
    assert {"/v1/customers", "/v1/opportunities", "/v1/forecasts", "/v1/people"} <= set(document["paths"])
    page = story.http.get("/docs")
    assert page.is_success
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "reference.js"):
        (path,) = [part for part in page.text.split('"') if part.endswith(f"/{asset}")]
        assert story.http.get(path).is_success


def send_too_much(story: Story) -> None:
    """100 MB are refused with the limit, whether their length was told or not; nothing else suffers."""

    def body() -> Iterator[bytes]:
        for _ in range(LARGE // CHUNK):
            yield b" " * CHUNK

    token = {"authorization": f"Bearer {story.operations.token}", "content-type": "application/json"}
    for headers in ({"content-length": str(LARGE)}, {}):
        answer = httpx.post(
            f"{story.http.base_url}/v1/customers/batches", content=body(), headers=token | headers, timeout=30
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["code"], answer.json()["limit_bytes"]) == ("body_too_large", 33554432)
    assert story.operations.get("/v1/customers?total=true")["total"] == "1"


def lose_a_service(story: Story) -> None:
    """A killed service is named while it is away, the others answer, and it comes back by itself."""
    head, operations = story.people["head"], story.operations
    key = {"idempotency-key": "before-the-kill"}
    acknowledged = operations.post("/v1/product-lines", {"name": "Insoles"}, headers=key)
    for victim, path in (("forecast", "/v1/forecast-cycles"), ("opportunity", "/v1/product-lines")):
        pid = story.instance.pids()[victim]
        os.kill(pid, signal.SIGKILL)
        down = until(partial(refusal, head, path), "nobody noticed")
        assert (down.status_code, down.json()["peer"]) == (503, victim)
        assert down.headers["retry-after"]
        assert head.get("/v1/customers") is not None
        assert head.get("/v1/people")["items"]
        until(partial(is_served, head, path), story.instance.said)
        assert story.instance.pids()[victim] != pid
    again = operations.request("POST", "/v1/product-lines", {"name": "Insoles"}, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == acknowledged


def refusal(person: Person, path: str) -> httpx.Response | None:
    """Return the problem that says who is away, or nothing: the first request may meet a connection that just broke."""
    answer = person.request("GET", path)
    return answer if answer.status_code == 503 else None


def is_served(person: Person, path: str) -> bool:
    return person.request("GET", path).is_success


def report(instance: Instance) -> Record:
    """Read the report as a command, and compare it with what happened."""
    told: Record = json.loads(finished(instance, "report", "--json"))
    assert told["customers"] == 1
    assert told["currency"] == "USD"
    assert told["won"] == {"count": 1, "amount": "617.00", "unknown_amount": 0}
    assert told["open"] == {"count": 3, "amount": "1030.47", "unknown_amount": 0}
    assert {each["person"]: each["result"] for each in told["forecast"]["levels"]} == {
        "Head": "1392.71",
        "Manager": "1547.46",
        "Seller": "947.33",
        "Colleague": "699.93",
    }
    assert told["demand_plan"]["version"] == 1
    assert sum(Decimal(line["amount"]) for line in told["demand_plan"]["lines"]) == Decimal("1392.71")
    return told


def finished(instance: Instance, *arguments: str, code: int = 0) -> str:
    process = instance.command(*arguments)
    said = process.communicate(timeout=30)[0]
    assert process.returncode == code, said
    return said


def walk_with_a_generated_client(story: Story, folder: Path) -> None:
    """Generate a client from what the gateway says of itself, whole and typed, and do the first walk with it."""
    document = first_walk.document_at(story.http)
    python_client.generate(document, folder)
    python_client.check_types(folder)
    first_walk.check(python_client.walk(folder, first_walk.given_to(story.instance)))


def refuse_a_second(instance: Instance) -> None:
    said = finished(instance, "up", code=1)
    assert f"at http://127.0.0.1:{instance.port}" in said
    assert "keyaccount down" in said


def stop(instance: Instance, running: Any) -> None:
    """Ctrl-C ends everything, PostgreSQL too, and in order."""
    pids = instance.pids()
    assert {"gateway", "customer", "opportunity", "forecast", "team"} <= set(pids)
    assert any(name.startswith("postgres") for name in pids)
    running.send_signal(signal.SIGINT)
    assert running.wait(40) == 0, instance.said
    assert are_gone(pids)
    assert not (instance.home / "instance.json").exists()


def start_again(instance: Instance, before: Record) -> None:
    """The second start is quick and doubles nothing."""
    began = time.monotonic()
    running = instance.up()
    assert time.monotonic() - began < QUICK_SECONDS
    assert not instance.has_said("First sign-ins")
    assert json.loads(finished(instance, "report", "--json")) == before
    stop(instance, running)


def quarter() -> date:
    today = datetime.now(UTC).date()
    return date(today.year, today.month - (today.month - 1) % 3, 1)
