"""What the tests share: in whose name a consumer asks, and what a provider tells of something in its feed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joserfc.jwk import OKPKey

from servicekit.peers.client import Peer, calling_for
from servicekit.peers.tokens import ServiceTokens
from tests.house import Client, House

Record = dict[str, Any]


@contextmanager
def in_the_name_of(person: Client) -> Iterator[None]:
    """Let a consumer ask for somebody, as it does while it answers them."""
    token = calling_for.set(person.id)
    try:
        yield
    finally:
        calling_for.reset(token)


def peer_of(house: House, consumer: str, provider: str) -> Peer:
    """Return the client by which a service reaches another."""
    return house.service(consumer).peers[provider]


def peer_of_another_instance(house: House, consumer: str, provider: str) -> Peer:
    """Return a client that signs with a key which the provider does not know."""
    key = OKPKey.generate_key("Ed25519", private=True)
    transport = house.clients[provider]._transport
    return Peer(provider, f"http://{provider}.test", ServiceTokens(consumer, key), transport)


async def told(house: House, consumer: str, provider: str, subject: str) -> list[Record]:
    """Return the events of a provider about something, as the consumer's client reads them."""
    await house.settle()
    peer, found, after = peer_of(house, consumer, provider), list[Record](), 0
    while True:
        path = f"/v1/{provider}/events"
        page = await peer.follow(path, {"after": after, "limit": 1000, "wait": 0}, timeout_seconds=5)
        if not page["items"]:
            return found
        found += [event for event in page["items"] if event["subject"] == subject]
        after = page["next_after"]
