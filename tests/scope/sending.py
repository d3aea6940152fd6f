"""Sending a request to an app within the process: what a client library does at 100,000 requests is minutes."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Message

from tests.scope.asking import Answer

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


async def send(app: ASGIApp, method: str, path: str, headers: Mapping[str, str], **given: Any) -> tuple[Answer, int]:
    """Return what an app answers, and the version of the org chart that came with it.

    `given` may hold `params`, `json` or `data` as with httpx.
    """
    content, form = _body(given)
    sent = {"host": "test", **headers} | ({"content-type": form, "content-length": str(len(content))} if form else {})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": urlencode(given.get("params", {}), doseq=True).encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 123),
        "server": ("test", 80),
        "state": {},
    }
    pieces: list[bytes] = []
    told: dict[str, str] = {}
    status = 0

    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        """Return the request, and then nothing any more: a stream listens for who hangs up."""
        return messages.pop() if messages else await asyncio.Future()

    async def take(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            told.update({name.decode().lower(): value.decode() for name, value in message["headers"]})
        else:
            pieces.append(message.get("body", b""))

    await app(scope, receive, take)
    return answer_of(status, told, b"".join(pieces)), int(told.get("org-chart-version", 0))


def _body(given: Mapping[str, Any]) -> tuple[bytes, str]:
    if "json" in given:
        return json.dumps(given["json"]).encode(), JSON
    if "data" in given:
        return urlencode(given["data"]).encode(), FORM
    return b"", ""


def answer_of(status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    """Return an answer as the judges take it: JSON decoded, text as text, all else as bytes."""
    form, etag = headers.get("content-type", "").partition(";")[0], headers.get("etag")
    if form.startswith("text/") or form.endswith("jsonl"):
        text = content.decode()
        return Answer(status, text, text, etag)
    if form.endswith("json") or not content:
        return Answer(status, json.loads(content) if content else None, content.decode(), etag)
    return Answer(status, content, "", etag)
