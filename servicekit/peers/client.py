"""The client between services: pooled, with a deadline, a token and the trace; never called while writing."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import httpx
import orjson
from httpx_aiohttp.transport import AiohttpTransport

from servicekit.data.transactions import writing_has_begun
from servicekit.peers.tokens import ServiceTokens
from servicekit.run.tracing import current_traceparent
from servicekit.values.errors import KeyaccountError, PeerUnavailable

TIMEOUT_SECONDS = 3.0
TRIES = 2
SERVER_ERROR = 500
CLIENT_ERROR = 400

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
        self._tokens = tokens
        self._client = httpx.AsyncClient(
            base_url=base_url or f"http://{name}.invalid",
            transport=transport or AiohttpTransport(),
            timeout=TIMEOUT_SECONDS,
        )

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def get(
        self, path: str, params: Mapping[str, Any] | None = None, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Return the decoded answer; tried again once where the connection fails.

        Raises:
            PeerUnavailable: it cannot be reached in time, or fails itself.
            PeerRefused: it answered with a problem.
        """
        return await self._call("GET", path, params=params, timeout_seconds=timeout_seconds, tries=TRIES)

    async def post(
        self, path: str, body: Any, *, repeatable: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Post and return the decoded answer; tried again only where the call is a question (`repeatable`).

        Raises:
            PeerUnavailable: it cannot be reached in time, or fails itself.
            PeerRefused: it answered with a problem.
        """
        tries = TRIES if repeatable else 1
        return await self._call("POST", path, body=body, timeout_seconds=timeout_seconds, tries=tries)

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
        if writing_has_begun.get():
            raise CalledWhileWriting(f"{self.name} {method} {path}")
        headers = {
            "authorization": f"Bearer {self._tokens.make(self.name, calling_for.get() or self._tokens.service)}",
            "traceparent": current_traceparent(),
            "content-type": "application/json",
        }
        content = None if body is None else orjson.dumps(body, default=str)
        for attempt in range(tries):
            try:
                answer = await self._client.request(
                    method, path, params=params, content=content, headers=headers, timeout=timeout_seconds
                )
            except httpx.HTTPError as error:
                if attempt + 1 == tries:
                    raise PeerUnavailable(self.name) from error
                continue
            return self._read(answer)
        raise PeerUnavailable(self.name)

    def _read(self, answer: httpx.Response) -> Any:
        if answer.status_code >= SERVER_ERROR:
            raise PeerUnavailable(self.name)
        try:
            decoded = orjson.loads(answer.content) if answer.content else None
        except orjson.JSONDecodeError as error:
            raise PeerUnavailable(self.name) from error
        if answer.status_code >= CLIENT_ERROR:
            raise PeerRefused(self.name, answer.status_code, decoded if isinstance(decoded, dict) else {})
        return decoded
