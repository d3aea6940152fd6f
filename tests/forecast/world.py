"""A house of `forecast` alone among stand-ins, and what people do in it, each step through the API."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx

from servicekit.run.settings import SERVICES, Settings
from servicekit.web.application import Runtime
from services.forecast.app import create_app
from tests.clocks import MovableClock
from tests.forecast.peers import Peers
from tests.house import Client, House

Record = dict[str, Any]


@dataclass
class World:
    """The service, its stand-ins, and the steps that people take."""

    house: House
    peers: Peers

    async def person(self, superior: Client | None = None, *roles: str, unit_id: UUID | None = None) -> Client:
        """Add somebody and sign in as them."""
        person_id = self.peers.add_person(superior.person_id if superior else None, list(roles), unit_id)
        self.house.chart_version = self.peers.chart_version
        return self.house.sign_in(person_id)

    async def machine(self, *scopes: str) -> Client:
        """Add a program and sign in as it; without scopes named it reads the feed."""
        machine_id = self.peers.add_machine(*(scopes or ("forecast:events:read",)))
        self.house.chart_version = self.peers.chart_version
        return self.house.sign_in(machine_id)

    async def line(self, depth: int) -> list[Client]:
        """Add a reporting line, the top first."""
        people = [await self.person()]
        while len(people) < depth:
            people.append(await self.person(people[-1]))
        return people

    async def operations(self) -> Client:
        """Add somebody of sales operations."""
        return await self.person(None, "sales_operations")

    async def settle(self) -> None:
        """Let the service hear all that its peers have told."""
        await self.house.settle()
        for consuming in self.house.service("forecast").consuming:
            while await consuming.step():
                pass

    async def cycle(self, *heads: Client, **given: Any) -> Record:
        """Open a cycle for everybody below the heads."""
        operations = await self.operations()
        body = {
            "name": "Fourth quarter",
            "period": {"kind": "quarter", "start": "2026-10-01"},
            "currency": "USD",
            "head_ids": [head.id for head in heads],
            **given,
        }
        made = await operations.done("POST", "/v1/forecast-cycles", body)
        await self.settle()
        await operations.done("POST", f"/v1/forecast-cycles/{made['id']}/openings")
        opened: Record = await operations.done("GET", f"/v1/forecast-cycles/{made['id']}")
        return opened

    async def confirm(
        self, by: Client, cycle: Record, opportunity: Record, category: str = "commit", **given: Any
    ) -> httpx.Response:
        """Confirm an opportunity as it is now."""
        body = {
            "opportunity_id": opportunity["id"],
            "opportunity_version": opportunity["version"],
            "category": category,
            **given,
        }
        return await by.post(f"/v1/forecast-cycles/{cycle['id']}/confirmations", body)

    async def confirmed(self, by: Client, cycle: Record, amount: str = "100.00", **given: Any) -> Record:
        """Add an opportunity of somebody and confirm it."""
        category = given.pop("category", "commit")
        opportunity = self.peers.add_opportunity(by.person_id, amount=amount, **given)
        answer = await self.confirm(by, cycle, opportunity, category)
        assert answer.status_code == 201, answer.text
        return opportunity

    async def gather(self, by: Client, cycle: Record) -> Record:
        """Begin or refresh somebody's forecast."""
        gathered: Record = await by.done("POST", f"/v1/forecast-cycles/{cycle['id']}/forecasts")
        return gathered

    async def submit(self, by: Client, cycle: Record) -> Record:
        """Gather and submit somebody's forecast."""
        draft = await self.gather(by, cycle)
        submitted: Record = await by.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
        return submitted

    async def adjust(self, by: Client, draft: Record, mode: str, value: str, **given: Any) -> httpx.Response:
        """Adjust a draft."""
        body = {"mode": mode, "value": value, "reason": "the season is late", **given}
        return await by.post(f"/v1/forecasts/{draft['id']}/adjustments", body)

    async def decide(self, by: Client, forecast: Record, kind: str) -> httpx.Response:
        """Return or approve a forecast."""
        body = {"comment": "please look at November again"}
        return await by.post(f"/v1/forecasts/{forecast['id']}/{kind}", body)

    async def levels(self, by: Client, cycle: Record) -> dict[str, Record]:
        """Return the roll-up as somebody sees it, by person."""
        answer = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/roll-up")
        return {level["person_id"]: level for level in answer["levels"]}

    async def lines(self, by: Client, forecast: Record) -> list[Record]:
        """Return every line of a submitted forecast."""
        lines: list[Record] = []
        path = f"/v1/forecasts/{forecast['id']}/lines?limit=500"
        page = await by.done("GET", path)
        lines += page["items"]
        while page["next"]:
            page = await by.done("GET", f"{path}&cursor={page['next']}")
            lines += page["items"]
        return lines


def figures(record: Record) -> list[str]:
    """Return own, gathered, adjustment and result of a record."""
    return [record[name] for name in ("own", "gathered", "adjustment", "result")]


def drawn(picture: str, element: str) -> list[ET.Element]:
    """Return the elements of a picture (SVG) by their name."""
    return list(ET.fromstring(picture).iter(f"{{http://www.w3.org/2000/svg}}{element}"))  # noqa: S314 (our own)


def words(picture: str) -> list[str]:
    """Return what is written in a picture (SVG), from the top down."""
    return ["".join(each.itertext()) for each in drawn(picture, "text")]


def states(levels: dict[str, Record], people: Sequence[Client]) -> list[str]:
    """Return how the seats of people are shown."""
    return [levels[person.id]["state"] for person in people]


@asynccontextmanager
async def open_world(urls: Any, secrets: Any) -> AsyncIterator[World]:
    """Start `forecast` among stand-ins on a clone of the database."""
    peers, clock = Peers(), MovableClock()
    settings = Settings(
        service="forecast",
        login_url=urls["forecast"].login,
        secrets=secrets,
        peer_urls={name: f"http://{name}.test" for name in SERVICES},
        connections=12,
        log_level="WARNING",
    )
    transports = {name: peers.transport(name) for name in SERVICES if name != "forecast"}
    app = create_app(Runtime(settings, clock, transports, background=False))
    house = House(urls, secrets, clock, {"forecast": app})
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://forecast.test", timeout=30) as client:
            house.clients["forecast"] = client
            yield World(house, peers)
