"""The merged OpenAPI document, kept for a while and made anew from what the services say of themselves."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog

from gateway.merging import Document, merged
from gateway.upstreams import DocumentUnavailable, Upstream, Upstreams

FETCH_SECONDS = 3.0
KEPT_SECONDS = 30.0
KEPT_WHILE_INCOMPLETE_SECONDS = 2.0

INFO = {
    "title": "Keyaccount",
    "version": "1",
    "summary": "Key-account sales: customers, opportunities, forecasts and sales teams.",
    "description": (
        "Sign in with `POST /v1/sign-in/token` and send the token as `Authorization: Bearer …`. Every error is a "
        "problem (RFC 9457) with a stable `code`; every answer names its `Trace-Id`."
    ),
}

log = structlog.get_logger()


class Documents:
    """What each service last said of itself, and the document made of it."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._known: dict[str, Document] = {}
        self._made: bytes = b""
        self._good_until = 0.0
        self._making = asyncio.Lock()

    async def current(self) -> tuple[bytes, bytes]:
        """Return the merged document and its entity tag."""
        if time.monotonic() >= self._good_until:
            async with self._making:
                if time.monotonic() >= self._good_until:
                    await self._make()
        return self._made, b'"' + hashlib.sha256(self._made).hexdigest()[:32].encode() + b'"'

    def expire(self) -> None:
        """Have it made anew when it is next asked for."""
        self._good_until = 0.0

    async def _make(self) -> None:
        asked = self._upstreams.by_name.values()
        answers = await asyncio.gather(*(self._ask(upstream) for upstream in asked))
        unavailable = [upstream.name for upstream, answered in zip(asked, answers, strict=True) if not answered]
        known = {name: self._known[name] for name in self._upstreams.by_name if name in self._known}
        document = _made_of(known)
        if unavailable:
            document["x-unavailable"] = unavailable
        self._made = orjson.dumps(document)
        self._good_until = time.monotonic() + (KEPT_WHILE_INCOMPLETE_SECONDS if unavailable else KEPT_SECONDS)

    async def _ask(self, upstream: Upstream) -> bool:
        try:
            status, document = await upstream.document("/openapi.json", FETCH_SECONDS)
        except DocumentUnavailable:
            return False
        if status != HTTPStatus.OK or not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
            return False
        try:
            _made_of({upstream.name: document})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("openapi document unusable", peer=upstream.name, error=repr(error))
            return False
        self._known[upstream.name] = document
        return True


def _made_of(documents: Mapping[str, Document]) -> dict[str, Any]:
    return merged(documents, INFO)
