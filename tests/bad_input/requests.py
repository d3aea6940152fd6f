"""A request as it goes over the wire, and how it is told when something is wrong with its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

UNSENT = object()
"""There is no body."""

TOLD_BYTES = 600


@dataclass(frozen=True)
class Operation:
    """What the merged document says of an operation; `name` and `service` are as the service itself says them."""

    service: str
    name: str
    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.content.get("parameters", ()))

    @property
    def takes_version(self) -> bool:
        return any(each["name"].lower() == "if-match" for each in self.parameters)

    @property
    def keeps_answers(self) -> bool:
        """Whether a request with its key again gets the first answer; what signs somebody in or out keeps none."""
        return any(each["name"].lower() == "idempotency-key" for each in self.parameters)

    @property
    def media_types(self) -> tuple[str, ...]:
        return tuple(self.content.get("requestBody", {}).get("content", ()))


@dataclass
class Request:
    """What is to be sent; `raw` is a body in bytes that stands in the place of `body`."""

    operation: Operation
    kind: str
    method: str
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str | bytes] = field(default_factory=dict)
    body: Any = UNSENT
    media_type: str | None = None
    raw: bytes | None = None
    query_string: str | None = None
    who: str = ""

    @property
    def target(self) -> str:
        """Path and query, as they are sent."""
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", quoted(value))
        query = self.query_string if self.query_string is not None else written_query(self.query)
        return f"{path}?{query}" if query else path

    @property
    def content(self) -> bytes:
        """The body, as it is sent."""
        if self.raw is not None:
            return self.raw
        if self.body is UNSENT:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if self.media_type == "application/x-www-form-urlencoded" and isinstance(self.body, dict):
            return written_query(self.body).encode("utf-8", "surrogatepass")
        if self.media_type == "application/jsonl":
            lines = self.body if isinstance(self.body, list) else [self.body]
            return b"".join(written(line) + b"\n" for line in lines)
        return written(self.body)

    def told(self) -> str:
        """Return the request in words that are enough to send it again by hand."""
        body = self.content
        shown = repr(body[:TOLD_BYTES]) + (f"… {len(body)} bytes" if len(body) > TOLD_BYTES else "")
        return f"{self.kind} by {self.who}: {self.method} {self.target[:TOLD_BYTES]} {self.headers} {shown}"


def quoted(value: Any) -> str:
    """Return a part of a path."""
    if isinstance(value, bool | None):
        value = json.dumps(value)
    written_out = quote(str(value).encode("utf-8", "surrogatepass"), safe="") or "%20"
    return written_out.replace(".", "%2E") if written_out.strip(".") == "" else written_out


def written(value: Any) -> bytes:
    """Return JSON in ASCII, so that a lone surrogate can be sent as an escape."""
    return json.dumps(value, default=str).encode()


def written_query(query: Mapping[str, Any]) -> str:
    """Return a query string, lists as repeated names."""
    pairs = [
        (str(name), each if isinstance(each, str) else json.dumps(each, default=str))
        for name, value in query.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs, errors="surrogatepass")
