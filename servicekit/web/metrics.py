"""`/metrics` of a service: its requests, database, relay, consumers and peers, for Prometheus."""

import time
from collections.abc import Iterator

from asyncpg.exceptions import InterfaceError, PostgresError
from fastapi import Response
from starlette.types import Receive, Scope, Send

from servicekit.events.consumers import Consuming
from servicekit.run.metrics import CONTENT_TYPE, Figure, metrics_text
from servicekit.web.service import Service

METRICS_PATH = "/metrics"
RELAY_STATE = "SELECT (SELECT count(*) FROM outbox) AS waiting, last_position FROM relay WHERE id = 1"
ASKED_WITHIN_SECONDS = 1.0


async def answer_metrics(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the figures; a service whose database is away answers with what it knows without it."""
    service: Service = scope["app"].state.service
    state = await _relay_state(service)
    sources = (lambda: _database(service), lambda: state, lambda: _peers(service), *service.figures)
    await Response(metrics_text(sources), media_type=CONTENT_TYPE)(scope, receive, send)


async def _relay_state(service: Service) -> list[Figure]:
    try:
        row = await service.database.pool.fetchrow(RELAY_STATE, timeout=ASKED_WITHIN_SECONDS)
    except (PostgresError, InterfaceError, OSError, TimeoutError):
        return []
    return [
        Figure("keyaccount_outbox_events", "Events committed and not yet in the feed.", row["waiting"]),
        Figure("keyaccount_feed_position", "Position of the last event in the feed.", row["last_position"]),
    ]


def _database(service: Service) -> Iterator[Figure]:
    pool = service.database.pool
    meaning = "Connections to the database."
    for state, size in (("idle", pool.get_idle_size()), ("used", pool.get_size() - pool.get_idle_size())):
        yield Figure("keyaccount_database_connections", meaning, size, {"state": state})
    yield Figure("keyaccount_database_connections_most", "The most there may be.", pool.get_max_size())


def _peers(service: Service) -> Iterator[Figure]:
    for peer in service.peers.values():
        yield from peer.breaker.figures(peer.name)
    for consuming in service.consuming:
        yield from _consumer(consuming)


def _consumer(consuming: Consuming) -> Iterator[Figure]:
    labels = {"peer": consuming.consumer.peer}
    lag = time.monotonic() - consuming.caught_up_at
    yield Figure("keyaccount_consumer_position", "Last position applied.", consuming.position, labels)
    yield Figure("keyaccount_consumer_lag_seconds", "Since all there was had been applied.", lag, labels)
    yield Figure("keyaccount_consumer_stuck", "1 while an event fails.", bool(consuming.stuck_on), labels)
