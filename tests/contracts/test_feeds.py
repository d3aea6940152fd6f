"""What a service listens to is what its peer tells, and the peer tells it to its own instance alone."""

import importlib

import pytest

from keyaccount.provisioning import SERVICES
from servicekit.events.consumers import Consumer
from servicekit.peers.client import PeerRefused
from tests.contracts.asking import peer_of, peer_of_another_instance
from tests.house import House
from tests.make import Make

CONSUMERS: list[tuple[str, Consumer]] = [
    (service, consumer)
    for service in SERVICES
    if service != "team"
    for consumer in importlib.import_module(f"services.{service}.consumers").CONSUMERS
]
each_consumer = pytest.mark.parametrize(
    ("service", "consumer"), CONSUMERS, ids=[f"{service}-{consumer.peer}" for service, consumer in CONSUMERS]
)


def published_by(service: str) -> set[str]:
    """Return the types of the events that a service tells."""
    return {
        value for value in vars(importlib.import_module(f"services.{service}.events")).values() if type(value) is str
    }


@each_consumer
def test_every_event_that_is_listened_to_is_one_that_is_told(service: str, consumer: Consumer) -> None:
    assert consumer.handlers.keys() - published_by(consumer.peer) == set()


@each_consumer
async def test_a_feed_is_followed_to_its_end(house: House, make: Make, service: str, consumer: Consumer) -> None:
    seller = await make.seller()
    await make.opportunity(seller, customer_id=(await make.customer(seller))["id"])
    await house.settle()
    (consuming,) = [each for each in house.service(service).consuming if each.consumer is consumer]
    path = f"/v1/{consumer.peer}/events"
    question = {"after": consuming.position - 1, "limit": 10, "wait": 0}
    page = await peer_of(house, service, consumer.peer).follow(path, question, timeout_seconds=5)
    assert [each["position"] for each in page["items"]] == [consuming.position] == [page["next_after"]]
    assert consuming.stuck_on is None


@each_consumer
async def test_a_feed_is_not_told_to_another_instance(house: House, service: str, consumer: Consumer) -> None:
    stranger = peer_of_another_instance(house, service, consumer.peer)
    with pytest.raises(PeerRefused) as refused:
        await stranger.follow(f"/v1/{consumer.peer}/events", {"after": 0}, timeout_seconds=5)
    assert refused.value.status == 401
