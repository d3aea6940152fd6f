"""Passes a request on to a service and its answer back, both as they come."""

import asyncio
import time

from gateway.bodies import ClientGone, StreamedBody, body_of
from gateway.connection import Connection, ConnectionCut
from gateway.errors import (
    AnswerLost,
    BodyTooLarge,
    ClientStalled,
    DeadlinePassed,
    GatewayError,
    ServiceDown,
)
from gateway.exchange import Exchange
from gateway.headers import downstream_headers, upstream_headers
from gateway.pool import NoneFree, Unreachable
from gateway.settings import Settings
from gateway.upstreams import Upstream, Upstreams
from gateway.watch import Cause, Watch
from servicekit.values.deadlines import HEADER

SMALL_BODY = 64 * 1024
"""Of a sign-in, which is looked at here."""


SAFE_TO_REPEAT = frozenset({"GET", "HEAD"})
REPEATED = 2
"""So often what changes nothing is asked again: of two processes that share a port, the one that is just dying may meet
the first on a kept connection and the second before its end of the port is closed."""

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests say that they have no body."""

DEADLINE = HEADER.encode()
ORG_CHART_VERSION = b"org-chart-version"
MATCHED_ROUTE = b"matched-route"


class AnswerCut(Exception):
    """The answer ended before its end: the client's connection has to be cut, so that it is seen."""


async def relay(exchange: Exchange, target: bytes, name: str, upstreams: Upstreams, settings: Settings) -> None:
    """Pass a request on to the service of this name; `target` is the path, encoded, with its query.

    Raises:
        GatewayError: nothing has been answered yet, and this is what to answer.
        AnswerCut: a part has been answered, and the rest will not come.
        ClientGone: nobody waits for an answer.
    """
    upstream = upstreams.by_name[name]
    if upstream.breaker.is_open:
        await upstream.open_up()
    watch = Watch(exchange.turn, settings.patience, upstream)
    body: bytes | StreamedBody | None = None
    try:
        body = await body_of(exchange, settings.body_limit, watch)
        if exchange.inspect is not None:
            body = await _inspected(exchange, body)
        connection = await _ask(exchange, target, upstream, upstreams.org_chart_version, body)
        try:
            await _answer(exchange, connection, upstreams, watch)
        finally:
            upstream.connections.take_back(connection)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if watch.cause is None or task is None:
            raise
        task.uncancel()
        raise _given_up(exchange, name, watch) from None
    finally:
        watch.end()
        if isinstance(body, StreamedBody):
            body.stop()


async def _inspected(exchange: Exchange, body: bytes | StreamedBody | None) -> bytes | None:
    """Read a small body whole before it goes on."""
    whole = await body.whole(SMALL_BODY) if isinstance(body, StreamedBody) else body
    if whole is not None and len(whole) > SMALL_BODY:
        raise BodyTooLarge(SMALL_BODY)
    if exchange.inspect is not None:
        exchange.inspect(exchange, whole or b"")
    return whole


async def _ask(
    exchange: Exchange, target: bytes, upstream: Upstream, version: bytes | None, body: bytes | StreamedBody | None
) -> Connection:
    """Send the request and wait until its answer begins; what changes nothing is repeated."""
    data = _request(exchange, target, upstream, version, body)
    streamed = body if isinstance(body, StreamedBody) else None
    repeats = REPEATED if exchange.method in SAFE_TO_REPEAT and streamed is None else 0
    connection = await _lent(upstream)
    while True:
        try:
            connection.ask(data, bodiless=exchange.method == "HEAD", sent=streamed is None)
            if streamed is not None:
                streamed.pass_on(connection)
            await connection.head()
        except ConnectionCut as cut:
            upstream.connections.take_back(connection)
            if streamed is not None and streamed.failure is not None:
                raise streamed.failure from None
            if not repeats:
                upstream.breaker.failed()
                raise AnswerLost(upstream.name, exchange.method) from cut
            repeats -= 1
            connection = await _lent(upstream, fresh=True)
        except BaseException:
            upstream.connections.take_back(connection)
            raise
        else:
            upstream.breaker.heard()
            return connection


async def _lent(upstream: Upstream, *, fresh: bool = False) -> Connection:
    began = time.monotonic()
    try:
        return await upstream.connections.lend(fresh=fresh)
    except NoneFree as error:  # it does not answer, or all connections are busy
        upstream.breaker.waited_in_vain(began)
        raise ServiceDown(upstream.name) from error
    except Unreachable as error:
        upstream.breaker.failed()
        raise ServiceDown(upstream.name) from error


def _request(
    exchange: Exchange, target: bytes, upstream: Upstream, version: bytes | None, body: bytes | StreamedBody | None
) -> bytes:
    """Return what goes over the wire at once: the head, and the body if it is there."""
    to = upstream.connections
    lines = upstream_headers(exchange.headers, exchange.trace, version)
    if isinstance(body, StreamedBody):  # it is waited for as long as it moves
        length = body.length
        lines.append(b"transfer-encoding: chunked\r\n" if length is None else b"content-length: %d\r\n" % length)
        body = None
    else:
        lines.append(b"%b: %b\r\n" % (DEADLINE, upstream.deadline))
        if body is not None or exchange.method in WITH_BODY:
            lines.append(b"content-length: %d\r\n" % len(body or b""))
    line = b"%b %b%b HTTP/1.1\r\nhost: %b\r\n" % (exchange.method.encode(), to.prefix, target, to.host)
    return b"".join((line, *lines, b"\r\n", body or b""))


async def _answer(exchange: Exchange, connection: Connection, upstreams: Upstreams, watch: Watch) -> None:
    for name, value in connection.headers:
        if name == MATCHED_ROUTE:
            exchange.route = value.decode("latin-1")
        elif name == ORG_CHART_VERSION:
            upstreams.note_org_chart_version(value)
    exchange.start(connection.status, downstream_headers(connection.headers))
    turn = exchange.turn
    try:
        while True:
            watch.waits_for_service()
            if not connection.has_more_at_hand:
                turn.flush()
            chunk, more = await connection.read()
            watch.waits_for_client()
            await turn.write(chunk, more=more)
            if not more:
                return
    except ConnectionCut as cut:
        raise AnswerCut from cut


def _given_up(exchange: Exchange, name: str, watch: Watch) -> GatewayError | AnswerCut | ClientGone:
    seconds = round(watch.waited_seconds, 1)
    if watch.cause is Cause.CLIENT_GONE:
        return ClientGone()
    if exchange.status:
        return AnswerCut()
    return (
        ClientStalled(seconds)
        if watch.cause is Cause.CLIENT_STALLED
        else DeadlinePassed(name, exchange.method, seconds)
    )
