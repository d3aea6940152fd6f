"""The route of a service's feed (CloudEvents 1.0), for services and machine clients."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field

from servicekit.events.cloud_events import cloud_event
from servicekit.events.feed import FedEvent, events_after
from servicekit.values.errors import NotAllowed
from servicekit.web.router import Router
from servicekit.web.schemas import Input, Output
from servicekit.web.service import service_of


class FeedNotAllowed(NotAllowed):
    """The feed shows everybody's events: it is for services and machine clients."""

    code = "feed_not_allowed"

    def __init__(self) -> None:
        super().__init__("The feed is for services and machine clients; people read what the events tell of.")


class FeedQuery(Input):
    """Where to continue, how many, and how long to wait for the first."""

    after: int = Field(default=0, ge=0, lt=2**63, description="The position of the last event you have.")
    limit: int = Field(default=100, ge=1, le=1000)
    wait: float = Field(default=0, ge=0, le=20, description="Seconds to wait for an event if there is none.")


class EventAnswer(Output):
    """An event (CloudEvents), with its position in the feed."""

    specversion: Literal["1.0"]
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    position: int
    actor: str
    data: dict[str, Any]


class FeedAnswer(Output):
    """Events in the order of their commits."""

    items: list[EventAnswer]
    next_after: int


def _answer(service: str, event: FedEvent) -> EventAnswer:
    return EventAnswer.model_construct(
        **cloud_event(
            service,
            event_id=event.event_id,
            event_type=event.type,
            subject=event.aggregate_id,
            at=event.at,
            position=event.position,
            actor=event.actor,
            data=event.data,
        )
    )


def feed_router(service_name: str) -> Router:
    """Return the router with the feed of a service."""
    router = Router(prefix=f"/v1/{service_name}", tags=["Events and audit"], scopes=f"{service_name}:events")

    async def list_events(query: Annotated[FeedQuery, Query()], request: Request) -> FeedAnswer:
        """Read the service's events after a position, in the order of their commits."""
        if not request.state.caller.reads_events:
            raise FeedNotAllowed
        service = service_of(request)
        found = await events_after(service.database, service.relay, query.after, query.limit, query.wait)
        last = found[-1].position if found else query.after
        return FeedAnswer(items=[_answer(service_name, event) for event in found], next_after=last)

    router.add_api_route(
        "/events", list_events, operation_id=f"list_{service_name}_events", summary="Read the event feed"
    )
    return router
