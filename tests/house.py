"""A house: the four apps in one process on one database, their peers wired to each other.

Relays, consumers and charts do not run by themselves: `settle` runs them until nothing is left to do,
so that a test never waits for time to pass.
"""

import base64
import importlib
import importlib.util
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from keyaccount.provisioning import SERVICES, ServiceUrls
from orgchart.following import chart_of
from orgchart.sign_in import ALGORITHM, AUDIENCE, ISSUER
from servicekit.run.settings import Settings
from servicekit.run.sign_in import SignInSettings
from servicekit.values.ids import new_id
from servicekit.web.application import Runtime
from servicekit.web.service import Service
from tests.clocks import MovableClock

ROUTES = {
    "team": (
        "sign-in",
        "people",
        "business-units",
        "stand-ins",
        "org-chart",
        "machine-clients",
        "assignment-rules",
        "assignments",
        "team",
    ),
    "customer": (
        "proposed-changes",
        "intakes",
        "customers",
        "contacts",
        "activities",
        "leads",
        "classification-schemes",
        "classification-gaps",
        "matches",
        "search",
        "customer-base",
        "account-plans",
        "customer-potentials",
        "customer-targets",
        "key-proposals",
        "portfolio-plans",
        "portfolio-parts",
        "account-plan-standings",
        "account-plan-years",
        "unassigned-customers",
        "reclaim-rules",
        "reclaim-notices",
        "activity-checks",
        "visit-frequencies",
        "visit-checks",
        "coverages",
        "customer",
    ),
    "opportunity": (
        "product-lines",
        "products",
        "exchange-rates",
        "opportunities",
        "assessments",
        "assessment-models",
        "funnel",
        "funnel-calibrations",
        "funnel-definitions",
        "duties",
        "probability-choices",
        "resource-requests",
        "opportunity",
    ),
    "forecast": (
        "forecast-cycles",
        "forecasts",
        "demand-plans",
        "demand-plan-handovers",
        "erp-systems",
        "erp-references",
        "confirmed-orders",
        "forecast-sources",
        "channel-forecasts",
        "forecast-comparisons",
        "forecast",
    ),
}
SERVICE_BY_SEGMENT = {segment: service for service, segments in ROUTES.items() for segment in segments}
MOST_ROUNDS = 200
BROWSER_CLIENTS = {"portal": ("https://portal.test/back?of=portal",), "other": ("http://127.0.0.1:5173/back",)}


@dataclass
class House:
    """The four services."""

    urls: Mapping[str, ServiceUrls]
    secrets: Path
    clock: MovableClock
    apps: dict[str, FastAPI]
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    chart_version: int = 0
    admin_id: UUID | None = None

    def service(self, name: str) -> Service:
        """Return a running service, to look at what no client sees."""
        found: Service = self.apps[name].state.service
        return found

    async def settle(self) -> None:
        """Run charts, relays and consumers until nothing moves any more."""
        for _ in range(MOST_ROUNDS):
            moved = 0
            for name in self.apps:
                service = self.service(name)
                await chart_of(service).refresh()
                moved += await service.relay.step()
                await service.relay.fold()
                for consuming in service.consuming:
                    if consuming.consumer.peer in self.apps:
                        moved += await consuming.step()
            if not moved:
                return
        raise AssertionError("The house does not come to rest.")

    def token(self, subject: UUID, lifetime_seconds: int = 3600, **claims: Any) -> str:
        """Return an access token as the built-in issuer would sign it."""
        jwk = json.loads((self.secrets / "issuer-key.json").read_text())
        key = OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "d")})
        now = int(time.time())
        content = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject),
            "client_id": "tests",
            "iat": now,
            "exp": now + lifetime_seconds,
            "jti": str(new_id()),
            "chart_version": self.chart_version,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": jwk["kid"]}, content | claims, key, algorithms=[ALGORITHM])

    def sign_in(self, person_id: UUID | str, **claims: Any) -> "Client":
        """Return a client that is signed in as a person."""
        return Client(self, UUID(str(person_id)), self.token(UUID(str(person_id)), **claims))

    def stranger(self) -> "Client":
        """Return a client that is not signed in."""
        return Client(self, None, None)

    async def admin(self) -> "Client":
        """Return a client that is signed in as the first admin; by password only once, as each such entry is kept."""
        if self.admin_id is None:
            self.admin_id = (await self.admin_by_password()).person_id
        assert self.admin_id is not None
        return self.sign_in(self.admin_id)

    async def admin_by_password(self) -> "Client":
        """Return a client whose token the first admin's password was exchanged for."""
        return await self._first("admin")

    async def import_client(self) -> "Client":
        """Return a client that is signed in as the machine client for imports."""
        return await self._first("import_client")

    async def _first(self, which: str) -> "Client":
        given = json.loads((self.secrets / "first-sign-ins.json").read_text())[which]
        form = (
            {"grant_type": "password", **given} if which == "admin" else {"grant_type": "client_credentials", **given}
        )
        return await self._by(form)

    async def sign_in_machine(self, client_id: str, client_secret: str, **asked: str) -> "Client":
        """Return a client that is signed in by a machine client's secret."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, **asked}
        return await self._by(form)

    async def _by(self, form: dict[str, str]) -> "Client":
        answer = await self.clients["team"].post("/v1/sign-in/token", data=form)
        answer.raise_for_status()
        token = answer.json()["access_token"]
        content = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        return Client(self, UUID(claims["sub"]), token)


@dataclass
class Client:
    """Somebody who talks to the house as through the gateway; `id` is the person's."""

    house: House
    person_id: UUID | None
    token: str | None

    @property
    def id(self) -> str:
        """The person's id as text."""
        return str(self.person_id)

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        if_match: int | str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send a request to the service that the path belongs to."""
        service = SERVICE_BY_SEGMENT[path.split("?", maxsplit=1)[0].split("/")[2]]
        given = dict(headers or {})
        if self.token:
            given.setdefault("authorization", f"Bearer {self.token}")
        given.setdefault("org-chart-version", str(self.house.chart_version))
        if key is not None:
            given["idempotency-key"] = key
        if if_match is not None:
            given["if-match"] = if_match if isinstance(if_match, str) else f'"{if_match}"'
        if body is not None:
            options["json"] = body
        answer = await self.house.clients[service].request(method, path, headers=given, **options)
        version = answer.headers.get("org-chart-version")
        if version:
            self.house.chart_version = max(self.house.chart_version, int(version))
        return answer

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """POST."""
        return await self.request("POST", path, body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """PUT."""
        return await self.request("PUT", path, body, **options)

    async def patch(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """PATCH."""
        return await self.request("PATCH", path, body, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        """DELETE."""
        return await self.request("DELETE", path, **options)

    async def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must succeed and return its body."""
        answer = await self.request(method, path, body, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def existing_services() -> list[str]:
    """Return the services that there are."""
    return [name for name in ("team", *SERVICES[:3]) if importlib.util.find_spec(f"services.{name}.app")]


@asynccontextmanager
async def open_house(urls: Mapping[str, ServiceUrls], secrets: Path) -> AsyncIterator[House]:
    """Start the four apps on one database."""
    clock = MovableClock()
    transports: dict[str, httpx.AsyncBaseTransport] = {}
    apps: dict[str, FastAPI] = {}
    for name in existing_services():
        settings = Settings(
            service=name,
            login_url=urls[name].login,
            secrets=secrets,
            peer_urls={peer: f"http://{peer}.test" for peer in SERVICES},
            connections=12,
            log_level="WARNING",
            webhook_private_addresses="127.0.0.0/8",
            sign_in=SignInSettings(browser_clients=BROWSER_CLIENTS),
        )
        runtime = Runtime(settings, clock, transports, background=False)
        apps[name] = importlib.import_module(f"services.{name}.app").create_app(runtime)
        transports[name] = httpx.ASGITransport(apps[name], raise_app_exceptions=False)
    house = House(urls, secrets, clock, apps)
    async with AsyncExitStack() as stack:
        for name, app in apps.items():
            await stack.enter_async_context(app.router.lifespan_context(app))
            client = httpx.AsyncClient(transport=transports[name], base_url=f"http://{name}.test", timeout=30)
            house.clients[name] = await stack.enter_async_context(client)
        yield house
