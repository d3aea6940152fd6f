"""`/metrics` of a service: its requests, database, relay, webhooks, jobs, consumers and peers, for Prometheus."""

import asyncio
import time
from collections.abc import Iterator

from asyncpg.exceptions import InterfaceError, PostgresError
from fastapi import Response
from starlette.types import Receive, Scope, Send

from servicekit.events.consumers import Consuming
from servicekit.events.webhooks.standing import standing as standing_of_webhooks
from servicekit.jobs.standing import standing as standing_of_jobs
from servicekit.run.metrics import CONTENT_TYPE, Figure, metrics_text
from servicekit.web.service import Service

METRICS_PATH = "/metrics"
RELAY_STATE = "SELECT (SELECT count(*) FROM outbox) AS waiting, last_position FROM relay WHERE id = 1"
ASKED_WITHIN_SECONDS = 1.0


async def answer_metrics(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the figures; a service whose database is away answers with what it knows without it."""
    service: Service = scope["app"].state.service
    state = await _state(service)
    sources = (lambda: _database(service), lambda: state, lambda: _peers(service), *service.figures)
    await Response(metrics_text(sources), media_type=CONTENT_TYPE)(scope, receive, send)


async def _state(service: Service) -> list[Figure]:
    """Return what the database knows, or nothing where it is away."""
    try:
        async with asyncio.timeout(ASKED_WITHIN_SECONDS):
            return [*await _relay(service), *await _webhooks(service), *await _jobs(service)]
    except (PostgresError, InterfaceError, OSError, TimeoutError):
        return []


async def _relay(service: Service) -> list[Figure]:
    row = await service.database.pool.fetchrow(RELAY_STATE)
    return [
        Figure("keyaccount_outbox_events", "Events committed and not yet in the feed.", row["waiting"]),
        Figure("keyaccount_feed_position", "Position of the last event in the feed.", row["last_position"]),
    ]


async def _webhooks(service: Service) -> list[Figure]:
    found = await standing_of_webhooks(service.database, service.database.clock())
    webhooks = "Webhooks that events are sent to, or no longer."
    deliveries = "Deliveries that wait, and dead letters."
    oldest = "For how long the oldest waiting delivery has waited."
    return [
        Figure("keyaccount_webhooks", webhooks, found.enabled, {"state": "enabled"}),
        Figure("keyaccount_webhooks", webhooks, found.disabled, {"state": "disabled"}),
        Figure("keyaccount_webhook_deliveries", deliveries, found.waiting, {"state": "waiting"}),
        Figure("keyaccount_webhook_deliveries", deliveries, found.dead, {"state": "dead"}),
        Figure("keyaccount_webhook_oldest_waiting_seconds", oldest, found.oldest_waiting_seconds),
    ]


async def _jobs(service: Service) -> list[Figure]:
    found = await standing_of_jobs(service.database, service.database.clock())
    jobs = "Jobs that have not ended."
    return [
        Figure("keyaccount_jobs", jobs, found.queued, {"state": "queued"}),
        Figure("keyaccount_jobs", jobs, found.running, {"state": "running"}),
        Figure("keyaccount_job_oldest_queued_seconds", "How long the oldest waits.", found.oldest_queued_seconds),
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
