"""Asking the service's own app, within the process, as whoever asked for a job.

So a job does what its person could do by hand, by the same routes: signed in anew at every chunk, with the roles and
the scope that the org chart gives them then.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from starlette.types import ASGIApp, Message

from servicekit.jobs.turns import Postponed, Refused, Turn
from servicekit.run.tracing import traceparent_of
from servicekit.values.errors import NotAllowed
from servicekit.web.problems import problem_of
from servicekit.web.service import Service

TURN = "keyaccount.turn"
"""Where a request inside carries the turn of its job; no client can set it."""

NOT_SIGNED_IN, CONFLICT, UNAVAILABLE, TOO_MANY, FAILED = 401, 409, 503, 429, 400


class OwnerGone(NotAllowed):
    """Whoever asked for the job may not sign in any more."""

    code = "job_owner_gone"

    def __init__(self) -> None:
        super().__init__("Whoever asked for this job may not sign in any more: somebody else has to ask for it anew.")


@dataclass(frozen=True, slots=True)
class Inside:
    """The app of a service, asked from inside."""

    app: ASGIApp
    service: Service

    async def ask(self, turn: Turn, method: str, path: str, *, query: str = "", body: bytes = b"") -> Any:
        """Return the decoded answer.

        Raises:
            Postponed: somebody is in the way, or a peer is away.
            Refused: it is refused to whoever asked for the job.
        """
        status, answer = await self._send(self._scope(turn, method, path, query, len(body)), body)
        decoded = orjson.loads(answer)
        if status < FAILED:
            return decoded
        if status in {UNAVAILABLE, TOO_MANY} or (status == CONFLICT and decoded.get("code") == "busy"):
            raise Postponed(decoded)
        raise Refused(problem_of(OwnerGone()) if status == NOT_SIGNED_IN else decoded)

    def _scope(self, turn: Turn, method: str, path: str, query: str, length: int) -> dict[str, Any]:
        token = self.service.tokens.make(self.service.name, turn.job.owner)
        headers = {
            "authorization": f"Bearer {token}",
            "traceparent": traceparent_of(turn.job.trace_id),
            "content-type": "application/json",
            "content-length": str(length),
        }
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": None,
            "server": None,
            "state": {},
            TURN: turn,
        }

    async def _send(self, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
        status, pieces = 0, []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return status, b"".join(pieces)
