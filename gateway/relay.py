"""Passes a request on to a service and its answer back, both as they come."""

import asyncio
import time

import aiohttp

from gateway.bodies import ClientGone, StreamedBody, body_of
from gateway.errors import (
    AnswerLost,
    BodyTooLarge,
    ClientStalled,
    DeadlinePassed,
    GatewayError,
    HeaderMalformed,
    ServiceDown,
)
from gateway.exchange import Exchange
from gateway.headers import DEADLINE, MATCHED_ROUTE, ORG_CHART_VERSION, downstream_headers, upstream_headers
from gateway.settings import Settings
from gateway.upstreams import Upstream, Upstreams
from gateway.watch import Cause, Watch

SMALL_BODY = 64 * 1024
"""Of a sign-in, which is looked at here."""


class AnswerCut(Exception):
    """The answer ended before its end: the client's connection has to be cut, so that it is seen."""


async def relay(exchange: Exchange, path: str, name: str, upstreams: Upstreams, settings: Settings) -> None:
    """Pass a request on to the service of this name; `path` is encoded, with its query.

    Raises:
        GatewayError: nothing has been answered yet, and this is what to answer.
        AnswerCut: a part has been answered, and the rest will not come.
        ClientGone: nobody waits for an answer.
    """
    upstream = upstreams.by_name[name]
    if upstream.breaker.is_open:
        await upstream.open_up()
    watch = Watch(exchange.turn, settings.patience, upstream)
    try:
        body = await body_of(exchange, settings.body_limit, watch)
        if exchange.inspect is not None:
            body = await _inspected(exchange, body)
        response = await _ask(exchange, path, upstream, upstreams.org_chart_version, body)
        try:
            await _answer(exchange, response, upstreams, watch)
        finally:
            response.close()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if watch.cause is None or task is None:
            raise
        task.uncancel()
        raise _given_up(exchange, name, watch) from None
    finally:
        watch.end()


async def _inspected(exchange: Exchange, body: bytes | StreamedBody | None) -> bytes | None:
    """Read a small body whole before it goes on."""
    whole = await body.whole(SMALL_BODY) if isinstance(body, StreamedBody) else body
    if whole is not None and len(whole) > SMALL_BODY:
        raise BodyTooLarge(SMALL_BODY)
    if exchange.inspect is not None:
        exchange.inspect(exchange, whole or b"")
    return whole


async def _ask(
    exchange: Exchange, path: str, upstream: Upstream, version: str | None, body: bytes | StreamedBody | None
) -> aiohttp.ClientResponse:
    headers = upstream_headers(exchange.headers, exchange.trace, version)
    began = time.monotonic()
    streamed = body if isinstance(body, StreamedBody) else None
    if streamed is None:  # else it is waited for as long as the body moves
        headers[DEADLINE] = upstream.deadline
    data = body.chunks() if isinstance(body, StreamedBody) else body
    try:
        response = await upstream.send(exchange.method, path, headers, data)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
        if isinstance(error, aiohttp.ServerTimeoutError):  # it may also be that all connections were busy
            upstream.breaker.waited_in_vain(began)
        else:
            upstream.breaker.failed()
        raise ServiceDown(upstream.name) from error
    except aiohttp.ClientError as error:
        if streamed and streamed.failure is not None:
            raise streamed.failure from None
        upstream.breaker.failed()
        upstream.suspect()  # a process of it has died: are there others?
        raise AnswerLost(upstream.name, exchange.method) from error
    except ValueError as error:  # aiohttp refuses control characters in headers
        raise HeaderMalformed("*") from error
    upstream.breaker.heard()
    return response


async def _answer(exchange: Exchange, response: aiohttp.ClientResponse, upstreams: Upstreams, watch: Watch) -> None:
    exchange.route = response.headers.get(MATCHED_ROUTE, exchange.route)
    version = response.headers.get(ORG_CHART_VERSION)
    if version is not None:
        upstreams.note_org_chart_version(version)
    exchange.start(response.status, downstream_headers(response.raw_headers))
    content = response.content
    try:
        while True:
            watch.waits_for_service()
            if not content.total_bytes:
                exchange.turn.flush()
            chunk = await content.readany()
            more = not content.at_eof()
            watch.waits_for_client()
            await exchange.turn.write(chunk, more=more)
            if not more:
                return
    except aiohttp.ClientError as error:
        raise AnswerCut from error


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
