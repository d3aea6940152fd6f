"""The client between services: with a deadline, a breaker, a token and the trace; never called while writing."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

import httpx
import orjson
from httpx_aiohttp.transport import AiohttpTransport

from servicekit.data.transactions import writing_has_begun
from servicekit.peers.breaker import TRIAL_SECONDS, Breaker
from servicekit.peers.tokens import ServiceTokens
from servicekit.run.telemetry import step
from servicekit.run.tracing import current_traceparent
from servicekit.values.deadlines import HEADER, seconds_left
from servicekit.values.errors import DeadlinePassed, KeyaccountError, PeerUnavailable

TIMEOUT_SECONDS = 3.0
TRIES = 3
TELLING_SECONDS = 1.0
"""A wait that a caller's deadline cut shorter than this says nothing of the peer."""
BACKOFF_SECONDS = 0.04
"""The most that is waited before the second try, twice as much before the third: a peer that is down is named soon."""

SERVER_ERROR = 500
CLIENT_ERROR = 400
CANNOT_WORK = frozenset({502, 503, 504})
HEALTH = "/health/ready"

calling_for: ContextVar[str] = ContextVar("calling_for", default="")
"""The person a request is made for; empty where the service calls by itself."""


class CalledWhileWriting(RuntimeError):
    """A peer was called inside a transaction, which would hold its locks for as long as the peer takes."""


class PeerRefused(KeyaccountError):
    """The peer answered with a problem; `status` and `problem` say which."""

    def __init__(self, peer: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{peer}: {problem.get('detail', status)}")
        self.status = status
        self.problem = problem


class Peer:
    """One other service."""

    def __init__(
        self, name: str, base_url: str, tokens: ServiceTokens, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.breaker = Breaker()
        self._tokens = tokens
        self._client = httpx.AsyncClient(
            base_url=base_url or f"http://{name}.invalid",
            transport=transport or AiohttpTransport(),
            timeout=None,  # noqa: S113 (ours are for the whole of a call, and httpx takes a refusal for a timeout)
        )

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def get(
        self, path: str, params: Mapping[str, Any] | None = None, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Return the decoded answer; tried again where the connection fails.

        Raises:
            PeerUnavailable: it cannot be reached in time, or fails itself.
            PeerRefused: it answered with a problem.
            DeadlinePassed: nobody waits for the answer any longer.
        """
        return await self._call("GET", path, params=params, timeout_seconds=timeout_seconds, tries=TRIES)

    async def post(
        self, path: str, body: Any, *, repeatable: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Post and return the decoded answer; tried again only where the call is a question (`repeatable`).

        Raises:
            PeerUnavailable: it cannot be reached in time, or fails itself.
            PeerRefused: it answered with a problem.
            DeadlinePassed: nobody waits for the answer any longer.
        """
        tries = TRIES if repeatable else 1
        return await self._call("POST", path, body=body, timeout_seconds=timeout_seconds, tries=tries)

    async def follow(self, path: str, params: Mapping[str, Any], *, timeout_seconds: float) -> Any:
        """Return the decoded answer to a question that is meant to wait for news.

        It asks whether the breaker is open or not, and a wait in vain opens none: who follows in the background
        neither spoils a user's call nor is kept from the peer when it is back.

        Raises:
            PeerUnavailable: it cannot be reached in time, or fails itself.
            PeerRefused: it answered with a problem.
        """
        self._refuse_while_writing("GET", path)
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self._client.get(path, params=params, headers=self._headers(timeout_seconds))
        except (httpx.HTTPError, TimeoutError) as error:
            raise PeerUnavailable(self.name) from error
        return self._read(answer)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout_seconds: float,
        tries: int,
    ) -> Any:
        self._refuse_while_writing(method, path)
        with step(f"{method} {self.name}", "CLIENT", peer=self.name):
            return await self._ask(method, path, params, body, timeout_seconds, tries)

    async def _ask(  # noqa: PLR0917 (as `_call` was given it)
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Any, timeout_seconds: float, tries: int
    ) -> Any:
        content = None if body is None else orjson.dumps(body, default=str)
        began = time.monotonic()
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(random.uniform(0.5, 1.0) * BACKOFF_SECONDS * 2 ** (attempt - 1))  # noqa: S311 (jitter)
            seconds = self._seconds_for(began, timeout_seconds)
            if self.breaker.is_open and not await self.breaker.lets_through(self._is_well):
                break
            try:
                async with asyncio.timeout(seconds):
                    answer = await self._client.request(
                        method, path, params=params, content=content, headers=self._headers(seconds)
                    )
            except TimeoutError as error:
                if time.monotonic() - began >= min(timeout_seconds, TELLING_SECONDS):
                    self.breaker.waited_in_vain(began)
                raise self._late() from error
            except httpx.HTTPError:
                self.breaker.failed()
                continue
            return self._read(answer)
        raise PeerUnavailable(self.name)

    def _refuse_while_writing(self, method: str, path: str) -> None:
        if writing_has_begun.get():
            raise CalledWhileWriting(f"{self.name} {method} {path}")

    def _seconds_for(self, began: float, timeout_seconds: float) -> float:
        """Return how long a try may take: what is left of the call's time, and of whoever waits for it."""
        left = seconds_left()
        if left <= 0:
            raise DeadlinePassed
        return max(0.0, min(began + timeout_seconds - time.monotonic(), left))

    def _late(self) -> KeyaccountError:
        return DeadlinePassed() if seconds_left() <= 0 else PeerUnavailable(self.name)

    def _headers(self, seconds: float) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._tokens.make(self.name, calling_for.get() or self._tokens.service)}",
            "traceparent": current_traceparent(),
            "content-type": "application/json",
            HEADER: str(int(seconds * 1000)),
        }

    async def _is_well(self) -> bool:
        """Whether the peer says in a short time that it can work."""
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                answer = await self._client.get(HEALTH)
        except (httpx.HTTPError, TimeoutError):
            return False
        return answer.status_code == HTTPStatus.OK

    def _read(self, answer: httpx.Response) -> Any:
        if answer.status_code in CANNOT_WORK:
            self.breaker.failed()
        else:
            self.breaker.heard()
        if answer.status_code >= SERVER_ERROR:
            raise PeerUnavailable(self.name)
        try:
            decoded = orjson.loads(answer.content) if answer.content else None
        except orjson.JSONDecodeError as error:
            raise PeerUnavailable(self.name) from error
        if answer.status_code >= CLIENT_ERROR:
            raise PeerRefused(self.name, answer.status_code, decoded if isinstance(decoded, dict) else {})
        return decoded
