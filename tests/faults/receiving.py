"""A receiver of webhooks on loopback: it keeps what is delivered, in the order in which it comes."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from standardwebhooks import Webhook, WebhookVerificationError

from tests.faults.calling import Ask, Caller
from tests.faults.history import Delivered

NETWORK = "127.0.0.0/8"
EVENT_TYPES = {
    "opportunity": [
        "opportunity.updated",
        "opportunity.stage_changed",
        "opportunity.principal_changed",
        "opportunity.assessed",
        "opportunity.sales_team_changed",
    ],
    "customer": ["customer.created"],
}
"""What is delivered, by service: of opportunities what follows upon each other, and not all that is imported."""


class Receiver:
    """Takes every delivery whose signature is right."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._secrets: dict[str, str] = {}
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen, and register with each service."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        line = self._caller.line()
        for service, types in EVENT_TYPES.items():
            body = {"url": f"http://127.0.0.1:{port}/{service}", "event_types": types}
            ask = Ask("register_webhook", f"/v1/{service}/webhooks", body, service)
            made = await self._caller.post(line, self._caller.company.admin, ask)
            self._secrets[service] = made.answer["secret"]
        line.close()

    def close(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                status = self._take(head[0].split()[1].removeprefix("/"), headers, body)
                writer.write(f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    def _take(self, service: str, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
        try:
            Webhook(self._secrets[service]).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError:
            return HTTPStatus.UNAUTHORIZED
        event = json.loads(body)
        if event["id"] != headers["webhook-id"]:
            return HTTPStatus.BAD_REQUEST
        kept = Delivered(service, event["position"], event["id"], event["type"], event["subject"], time.time())
        self._caller.history.add(kept)
        return HTTPStatus.NO_CONTENT
