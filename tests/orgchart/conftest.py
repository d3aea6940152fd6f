"""A service's copy of the org chart on a database of its own, and a `team` that answers as it is told."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import Request
from joserfc import jwt
from joserfc.jwk import OKPKey

from keyaccount.provisioning import SERVICES, drop_database
from orgchart.chart import Chart
from orgchart.copying import Moved, apply
from orgchart.difference import ChartEdge, ChartPerson, ChartStandIn, Difference
from orgchart.sign_in import ALGORITHM, AUDIENCE, ISSUER, SignIn
from orgchart.viewer import Viewer
from servicekit.data.database import Database
from servicekit.data.transactions import Writing, writing
from servicekit.events.relay import Relay
from servicekit.events.webhooks.addresses import Allowed
from servicekit.events.webhooks.delivering import SECRETS, Webhooks
from servicekit.events.webhooks.sending import Sender
from servicekit.peers.client import Peer
from servicekit.peers.tokens import ServiceTokens
from servicekit.run.keys import Keys
from servicekit.run.settings import Settings
from servicekit.values.ids import new_id
from servicekit.web.service import Service
from tests.conftest import Template

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()


def chart_person(person_id: UUID, *, roles: tuple[str, ...] = (), active: bool = True, kind: str = "person") -> Any:
    return ChartPerson(
        id=person_id,
        name=f"Person {person_id.hex[-4:]}",
        kind=kind,
        roles=list(roles),
        active=active,
        business_unit_id=None,
        external_system=None,
        email=None,
        scopes=[],
        external_id=None,
    )


def edge(person_id: UUID, superior_id: UUID, since: date, until: date | None = None) -> ChartEdge:
    return ChartEdge(person_id=person_id, superior_id=superior_id, from_date=since, until_date=until)


def difference(version: int, *people: ChartPerson, on: date = TODAY, **parts: Any) -> Difference:
    given: dict[str, Any] = {"edges": [], "units": None, "stand_ins": None, **parts}
    return Difference(version=version, on=on, people=list(people), **given)


def stand_in(person_id: UUID, stand_in_id: UUID, since: date, until: date) -> ChartStandIn:
    return ChartStandIn(id=new_id(), person_id=person_id, stand_in_id=stand_in_id, from_date=since, until_date=until)


@dataclass
class Team:
    """The peer `team`: `answer` is what it says, or the error it fails with."""

    answer: Difference | Exception
    asked: int = 0

    async def get(self, _: str, __: Any) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer.model_dump(mode="json")


@dataclass
class Copy:
    """The copy of the service `customer`."""

    service: Service
    team: Team
    moved: list[Moved] = field(default_factory=list)

    async def apply(self, given: Difference) -> bool:
        async def note(_: Writing, moved: Any) -> None:
            self.moved = list(moved)

        async with writing(self.service.database) as tx:
            return await apply(tx, given, [note])

    async def paths(self) -> dict[UUID, list[UUID] | None]:
        """Return the reporting line of everybody, from the top."""
        rows = await self.service.database.pool.fetch("SELECT id, path FROM orgchart_person")
        return {r["id"]: None if r["path"] is None else [UUID(part) for part in r["path"].split(".")] for r in rows}

    def sign_in(self) -> SignIn:
        return SignIn(self.service, Chart(self.service))

    def key(self, name: str) -> OKPKey:
        return OKPKey.import_key(json.loads((self.service.settings.secrets / f"{name}-key.json").read_text()))

    def token(self, subject: UUID | str, key: str = "issuer", **claims: Any) -> str:
        now = int(time.time())
        content = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject),
            "client_id": "tests",
            "iat": now,
            "exp": now + 60,
            "chart_version": 0,
            **claims,
        }
        return jwt.encode({"alg": ALGORITHM}, content, self.key(key), algorithms=[ALGORITHM])

    async def viewer(self, token: str, sign_in: SignIn | None = None, **headers: str) -> Viewer:
        given = {"authorization": f"Bearer {token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        scope = {"type": "http", "headers": [(name.encode(), text.encode()) for name, text in given.items()]}
        return await (sign_in or self.sign_in())(Request(scope))


async def _nobody(_: Request) -> Any:
    raise AssertionError


@pytest.fixture
async def copy(template: Template) -> AsyncIterator[Copy]:
    name, urls = await template.clone()
    login = urls["customer"].login
    settings = Settings("customer", login, template.secrets, dict.fromkeys(SERVICES, ""), log_level="WARNING")
    database = await Database.connect(login, "customer", clock=lambda: NOON)
    team = Team(difference(0))
    keys = Keys.read(template.secrets)
    tokens = ServiceTokens("customer", keys.instance)
    peers: dict[str, Peer] = {"team": team}  # type: ignore[dict-item]
    relay = Relay(database)
    webhooks = Webhooks(database, relay, keys.sealing(SECRETS), Sender(Allowed()))
    yield Copy(Service(settings, keys, tokens, database, peers, relay, webhooks, _nobody), team)
    await database.close()
    await drop_database(template.admin_url, name)
