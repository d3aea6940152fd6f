"""What must be in no log: secrets and personal data, whatever goes wrong with them, in whichever process."""

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from keyaccount import postgres
from keyaccount.provisioning import drop_database
from keyaccount.settings import PROJECT
from keyaccount.supervisor import service_command
from tests.conftest import Template
from tests.gateway.stand_ins import free_port, gateway_before

SECRETS = {
    "password": "canary-password-7x",
    "client_secret": "canary-secret-7x",
    "token": "canary-token-7x",
    "email": "canary-mail-7x@example.com",
    "phone": "+49 40 7000007",
    "name": "Canary Contact Wanda",
    "title": "canary-title-7x",
    "path": "canary-path-7x",
    "query": "canary-query-7x",
}
LEFT = re.compile("canary|Wanda|7000007", re.IGNORECASE)


@dataclass
class Running:
    """A gateway and two services as processes, and what they write."""

    client: httpx.AsyncClient
    logs: list[Path]
    owner_url: str

    def lines(self) -> list[dict[str, Any]]:
        """Return what was written, each line of which is JSON."""
        return [json.loads(line) for log in self.logs for line in log.read_text().splitlines()]


@asynccontextmanager
async def process(name: str, port: int, environment: dict[str, str], log: Path) -> AsyncIterator[None]:
    """Run a service until the block ends."""
    with log.open("wb") as output:
        running = await asyncio.create_subprocess_exec(
            *service_command(name, port), cwd=PROJECT, env=os.environ | environment, stdout=output, stderr=output
        )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while True:
                try:
                    if (await client.get("/health/ready")).is_success:
                        break
                except httpx.TransportError:
                    assert running.returncode is None, log.read_text()  # noqa: ASYNC240
                    await asyncio.sleep(0.05)
        yield
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


@pytest.fixture
async def running(template: Template, tmp_path: Path) -> AsyncIterator[Running]:
    database, urls = await template.clone()
    names = ("team", "customer")
    ports = {name: free_port() for name in names}
    peers = {f"KEYACCOUNT_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with AsyncExitStack() as stack:
        for name in names:
            environment = peers | {
                "KEYACCOUNT_LOGIN_URL": urls[name].login,
                "KEYACCOUNT_SECRETS": str(template.secrets),
                "KEYACCOUNT_LOG_LEVEL": "DEBUG",
                "KEYACCOUNT_BROWSER_CLIENTS": "portal=https://portal.test/back",
            }
            await stack.enter_async_context(process(name, ports[name], environment, tmp_path / name))
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        gateway = await stack.enter_async_context(
            gateway_before(addresses, tmp_path / "gateway", KEYACCOUNT_LOG_LEVEL="DEBUG")
        )
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway.url, timeout=30))
        yield Running(client, [tmp_path / name for name in (*names, "gateway")], urls["customer"].owner)
    await drop_database(template.admin_url, database)


async def admin_of(client: httpx.AsyncClient, secrets: Path) -> dict[str, str]:
    given = json.loads((secrets / "first-sign-ins.json").read_text())["admin"]
    answer = await client.post("/v1/sign-in/token", data={"grant_type": "password", **given})
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def contact_of(customer_id: str) -> dict[str, Any]:
    personal = {name: SECRETS[name] for name in ("name", "email", "phone", "title")}
    return {"customer_id": customer_id, **personal}


async def test_no_secret_and_nobodys_data_in_any_log(
    running: Running, template: Template, postgres_server: postgres.Server
) -> None:
    client = running.client
    admin = await admin_of(client, template.secrets)
    await send_what_is_refused(client, admin)
    company = {"legal_name": "Quiet Works", "country": "DE"}
    customer = (await client.post("/v1/customers", json=company, headers=admin)).json()["id"]
    contact = contact_of(customer)
    await break_contacts(running.owner_url)

    broken = await client.post("/v1/contacts", json=contact, headers=admin | {"idempotency-key": SECRETS["query"]})

    assert broken.status_code == 500
    assert not LEFT.search(broken.text)
    async with asyncio.timeout(10):  # the gateway writes its lines several at a time
        while broken.json()["trace_id"] not in running.logs[-1].read_text():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.01)
    lines = running.lines()
    (bug,) = [line for line in lines if line["event"] == "bug" and line["trace_id"] == broken.json()["trace_id"]]
    assert "CheckViolationError" in bug["exception"]
    assert "constraint_name=ck_nobody_foresaw" in bug["exception"]
    requests = [line for line in lines if line["event"] == "request" and line["trace_id"] == bug["trace_id"]]
    assert {line["service"] for line in requests} == {"gateway", "customer"}
    for line in requests:
        assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/contacts", 500)
        assert line["caller"]
        assert line["ms"] > 0
    server_log = (postgres_server.socket.parent / "server.log").read_text(errors="replace")
    assert "ck_nobody_foresaw" in server_log, "the database's own log was looked at"
    everything = "\n".join([*(log.read_text() for log in running.logs), server_log])
    assert not LEFT.search(everything), LEFT.findall(everything)
    assert admin["authorization"].split()[1] not in everything


async def send_what_is_refused(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Send secrets and personal data wherever somebody might, also where they do not belong."""
    form = {"grant_type": "password", "username": SECRETS["email"], "password": SECRETS["password"]}
    await client.post("/v1/sign-in/token", data=form)
    await client.post("/v1/sign-in/token", json=form)
    basic = base64.b64encode(f"{SECRETS['name']}:{SECRETS['client_secret']}".encode()).decode()
    await client.post("/v1/sign-in/token", data={"grant_type": "x"}, headers={"authorization": f"Basic {basic}"})
    await client.get("/v1/people", headers={"authorization": f"Bearer {SECRETS['token']}"})
    await send_what_browsers_send(client)
    for path in (f"/v1/contacts/{SECRETS['path']}", f"/v1/customers?email={SECRETS['email']}", f"/{SECRETS['path']}"):
        await client.get(path, headers=admin, params={"q": SECRETS["query"]} if "?" not in path else None)
    bodies: list[Any] = [contact_of("no-id"), {"name": SECRETS["name"], "unknown": SECRETS["title"]}, [SECRETS["name"]]]
    for body in bodies:
        assert (await client.post("/v1/contacts", json=body, headers=admin)).status_code == 400
    raw = f'{{"name": "{SECRETS["name"]}'.encode()
    await client.post("/v1/contacts", content=raw, headers=admin | {"content-type": "application/json"})
    person = {"name": SECRETS["name"], "kind": "person", "email": SECRETS["email"], "phone": SECRETS["phone"]}
    await client.post("/v1/people", json=person, headers=admin)
    await client.request("PATCH", "/v1/people/x", json=person, headers=admin | {"if-match": SECRETS["token"]})


async def send_what_browsers_send(client: httpx.AsyncClient) -> None:
    """Sign in on the page with a wrong password, and send codes and tokens that are none."""
    page = {"client_id": "portal", "redirect_uri": "https://portal.test/back", "response_type": "code"}
    page |= {"code_challenge": "0" * 43, "code_challenge_method": "S256", "state": SECRETS["query"]}
    shown = await client.get("/v1/sign-in/browser/authorize", params=page)
    assert shown.status_code == 200, shown.text
    token = re.search('name="form_token" value="([^"]*)"', shown.text)
    assert token
    form = page | {"form_token": token[1], "username": SECRETS["email"], "password": SECRETS["password"]}
    assert (await client.post("/v1/sign-in/browser/authorize", data=form)).status_code == 401
    refresh = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": SECRETS["token"]}
    assert (await client.post("/v1/sign-in/browser/token", data=refresh)).status_code == 400
    redeem = {"grant_type": "authorization_code", "client_id": "portal", "redirect_uri": "https://portal.test/back"}
    redeem |= {"code": SECRETS["token"], "code_verifier": "0" * 43}
    assert (await client.post("/v1/sign-in/browser/token", data=redeem)).status_code == 400
    assert (await client.post("/v1/sign-in/browser/revoke", data=refresh)).status_code == 400


async def break_contacts(owner_url: str) -> None:
    """Have the database refuse every contact by a constraint that means nothing to the code."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ALTER TABLE customer.contact ADD CONSTRAINT ck_nobody_foresaw CHECK (version < 0) NOT VALID")
    await owner.close()
