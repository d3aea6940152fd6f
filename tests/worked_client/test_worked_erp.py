"""The ERP of docs/erp_client, with a client generated from our documents, against a house over HTTP.

It is down while the first plan is published, catches up when it starts, takes the next one by webhook, answers by line,
refuses what is tampered with, and takes nothing twice.
"""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from services.forecast.handover import telling
from tests.forecast.test_with_real_peers import handed_in
from tests.gateway.stand_ins import free_port
from tests.generated.python_client import generate
from tests.house import SERVICE_BY_SEGMENT, Client, House
from tests.make import Make
from tests.worked_client import narrowed

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "docs/erp_client/erp.py"
TAKING = ["demand_plans:read", "demand_plans:acknowledge"]
TOLD_OF = ["demand_plan.published", "demand_plan.told_again"]
PATIENCE_SECONDS = 30


@asynccontextmanager
async def door_of(house: House) -> AsyncIterator[str]:
    """Serve the house on loopback; yields the URL."""

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await house.apps[SERVICE_BY_SEGMENT[scope["path"].split("/")[2]]](scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(door, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server._serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def running(folder: Path, environment: dict[str, str]) -> AsyncIterator[None]:
    """Let the ERP run."""
    given = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    with (folder / "erp.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=given, stderr=log)
        try:
            yield
        finally:
            process.kill()
            await process.wait()


@dataclass
class Enterprise:
    """A seller, a top, and a cycle in which they forecast."""

    house: House
    make: Make
    top: Client
    seller: Client
    planner: Client
    operations: Client
    path: str = ""
    plans: list[dict[str, Any]] = field(default_factory=list)

    async def publish(self, product: dict[str, Any], quantity: str) -> dict[str, Any]:
        """Sell so much more of a product, and publish a plan."""
        await self.seller.done("POST", f"{self.path}/forecasts")
        lines = [{"product_id": product["id"], "quantity": quantity, "unit_price": "10.00"}]
        given = {"amount": f"{quantity}0.00", "lines": lines, "expected_close": str(self.house.clock().date())}
        opportunity = await self.make.opportunity(self.seller, **given)
        await self.house.settle()
        said = {"opportunity_id": opportunity["id"], "opportunity_version": opportunity["version"]}
        await self.seller.done("POST", f"{self.path}/confirmations", {**said, "category": "commit"})
        *_, whole = [await handed_in(person, {"id": self.path.split("/")[-1]}) for person in (self.seller, self.top)]
        await self.operations.done("POST", f"/v1/forecasts/{whole['id']}/approvals")
        self.plans.append(await self.operations.done("POST", f"{self.path}/demand-plans"))
        await self.house.settle()
        await telling.look(self.house.service("forecast"))
        return self.plans[-1]

    async def handover(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Return how the ERP stands to a plan."""
        found = await self.planner.done("GET", f"/v1/demand-plan-handovers?plan_id={plan['id']}")
        (one,) = found["items"]
        assert isinstance(one, dict)
        return one

    async def until(self, plan: dict[str, Any], fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return how the ERP stands to a plan as soon as it stands so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not fits(found := await self.handover(plan)):  # noqa: ASYNC110 (another process's work)
                await asyncio.sleep(0.05)
        return found


async def enterprise(house: House, make: Make) -> Enterprise:
    operations = await house.import_client()
    top, seller = await make.line(2)
    found = Enterprise(house, make, top, seller, await make.person(roles=["production_planner"]), operations)
    start = house.clock().date().replace(day=1).isoformat()
    body = {"name": "Boots", "period": {"kind": "month", "start": start}, "currency": "USD", "head_ids": [top.id]}
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    found.path = f"/v1/forecast-cycles/{cycle['id']}"
    await operations.done("POST", f"{found.path}/openings")
    return found


def demand_in(store: Path) -> list[tuple[int, str]]:
    """Return version and quantity of what the ERP plans by."""
    database = sqlite3.connect(store)
    try:
        return list(database.execute("SELECT version, quantity FROM demand ORDER BY key"))
    finally:
        database.close()


def with_item(store: Path, code: str) -> None:
    """Let the ERP know an item before it starts."""
    database = sqlite3.connect(store)
    with database:
        database.execute("CREATE TABLE item (code TEXT PRIMARY KEY)")
        database.execute("INSERT INTO item VALUES (?)", [code])
    database.close()


async def test_the_worked_erp_takes_plans_in(empty_house: House, tmp_path: Path) -> None:
    house, make = empty_house, Make(empty_house)
    await asyncio.to_thread(generate, narrowed.document(), tmp_path)
    erp, made = await make.machine(TAKING)
    known, unknown = await make.product(), await make.product()
    company = await enterprise(house, make)
    port, store, webhooks = free_port(), tmp_path / "erp.db", house.service("forecast").webhooks
    with_item(store, known["code"])
    admin = await house.admin()
    receiver = f"http://127.0.0.1:{port}/plans"
    webhook = await admin.done("POST", "/v1/forecast/webhooks", {"url": receiver, "event_types": TOLD_OF})
    deliveries = f"/v1/forecast/webhooks/{webhook['webhook']['id']}/deliveries"

    first = await company.publish(known, "3")
    assert await webhooks.step() == 1
    (failed,) = (await admin.done("GET", deliveries))["items"]
    assert (failed["state"], failed["last_error"]) == ("waiting", "no connection"), "publication did not wait for it"

    async with door_of(house) as url:
        environment = {"KEYACCOUNT_URL": url, "CLIENT_ID": made["client_id"], "CLIENT_SECRET": made["client_secret"]}
        environment |= {"WEBHOOK_SECRET": webhook["secret"], "STORE": str(store), "PORT": str(port)}
        async with running(tmp_path, environment):
            caught_up = await company.until(first, lambda one: one["state"] != "open")
            assert (caught_up["state"], caught_up["receiver_id"]) == ("acknowledged", erp.id)
            assert demand_in(store) == [(1, "3")]
            house.clock.move(seconds=20)
            assert await webhooks.step() == 1
            (delivered,) = (await admin.done("GET", deliveries))["items"]
            assert delivered["state"] == "delivered"

            second = await company.publish(unknown, "4")
            assert await webhooks.step() == 1
            answered = await company.until(second, lambda one: not one["is_waiting"])
            assert (answered["acknowledged_lines"], answered["rejected_lines"]) == (1, 1)
            assert demand_in(store) == [(2, "3")]
            path = f"/v1/demand-plan-handovers/{answered['id']}"
            (rejected,) = (await company.planner.done("GET", f"{path}/lines?verdict=rejected"))["items"]
            assert (rejected["product_code"], rejected["reason_code"]) == (unknown["code"], "unknown_item")
            (taken,) = (await company.planner.done("GET", f"{path}/lines?verdict=acknowledged"))["items"]
            assert taken["reference"] == "Boots v2"

            again = (await admin.done("GET", deliveries))["items"][0]
            await admin.done("POST", f"{deliveries}/{again['id']}/replay")
            assert await webhooks.step() == 1
            async with httpx.AsyncClient() as stranger:
                forged = {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
                refused = await stranger.post(receiver, content=b'{"type": "x"}', headers=forged)
                assert refused.status_code == 401
            third = await company.publish(known, "5")
            assert await webhooks.step() == 1
            await company.until(third, lambda one: not one["is_waiting"])
            assert await company.handover(second) == answered | {"superseded_by": 3}, "twice is once"
            assert demand_in(store) == [(3, "8")]


@pytest.mark.long
def test_the_worked_erp_is_typed(tmp_path: Path) -> None:
    """Strict mypy has nothing to say about the program with the client that it uses."""
    generate(narrowed.document(), tmp_path)
    shutil.copy(PROGRAM, tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "erp.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
