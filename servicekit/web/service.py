"""A running service: what its routes, relay and consumers share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from servicekit.data.database import Database
from servicekit.events.consumers import Consuming
from servicekit.events.relay import Relay
from servicekit.events.webhooks.delivering import Webhooks
from servicekit.jobs.workers import Workers
from servicekit.peers.client import Peer
from servicekit.peers.tokens import ServiceTokens
from servicekit.run.keys import Keys
from servicekit.run.metrics import Source
from servicekit.run.settings import Settings
from servicekit.values.dates import business_date
from servicekit.web.callers import Authenticate


@dataclass
class Service:
    """One process of one service."""

    settings: Settings
    keys: Keys
    tokens: ServiceTokens
    database: Database
    peers: Mapping[str, Peer]
    relay: Relay
    webhooks: Webhooks
    authenticate: Authenticate
    consuming: list[Consuming] = field(default_factory=list)
    figures: list[Source] = field(default_factory=list)
    jobs: Workers = field(init=False)

    @property
    def name(self) -> str:
        """The service's name."""
        return self.settings.service

    def today(self) -> date:
        """Return the present business date."""
        return business_date(self.database.clock(), self.settings.time_zone)


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    service: Service = request.app.state.service
    return service


async def _today(request: Request) -> date:
    return service_of(request).today()


Today = Annotated[date, Depends(_today)]
"""The present business date, which rules and actions take as a value."""
