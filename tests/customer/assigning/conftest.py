"""A house with assignment rules: they concern everybody, so that no other test shares it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make

Record = dict[str, Any]


class Away(httpx.AsyncBaseTransport):
    """A peer that nobody reaches."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody is there", request=request)


class Ruled:
    """A house whose rules a test puts into force."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.make = Make(house)

    async def rules(self, *rules: Record, days: int = 0) -> Record:
        """Put rules into force."""
        operations = await self.house.import_client()
        drafted = await operations.done("POST", "/v1/assignment-rules", {"rules": list(rules)})
        day = self.house.service("team").today() + timedelta(days=days)
        path = f"/v1/assignment-rules/{drafted['id']}/activations"
        made: Record = await operations.done("POST", path, {"from_date": str(day), "reason": "a new share-out"})
        return made

    @asynccontextmanager
    async def team_away(self) -> AsyncIterator[None]:
        """Let `customer` not reach `team`."""
        peer = self.house.service("customer").peers["team"]
        client = peer._client
        peer._client = httpx.AsyncClient(transport=Away(), base_url="http://team.test")
        try:
            yield
        finally:
            await peer._client.aclose()
            peer._client = client
            peer.breaker.heard()


def rule(name: str, *people: Client, **given: Any) -> Record:
    return {"name": name, "person_ids": [person.id for person in people], **given}


@pytest.fixture
async def ruled(template: Template) -> AsyncIterator[Ruled]:
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield Ruled(opened)
