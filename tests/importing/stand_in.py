"""A stand-in for the gateway that takes batches as the services do, and remembers them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import orjson

from keyaccount.importing.kinds import KINDS, FieldType, Holds, Many, Refers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class StandIn:
    """An ASGI application; `lost` answers are given up after the effect, `refuse` decides about single items."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.ids: dict[str, str] = {}
        self.answers: dict[str, tuple[bytes, Any]] = {}
        self.batches: list[tuple[str, int]] = []
        self.lost = 0
        self.broken_after: int | None = None
        self.refuse: Callable[[str, dict[str, Any]], str | None] = lambda _kind, _item: None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, answer = self.answer(scope["method"], scope["path"], scope["query_string"].decode(), headers, body)
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": orjson.dumps(answer)})

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/v1/sign-in/token":
            return 200, {"access_token": "token", "token_type": "Bearer", "expires_in": 3600}
        if headers.get("authorization") != "Bearer token":
            return 401, {"title": "not signed in"}
        kind = path.split("/")[2]
        if method == "GET":
            asked = parse_qs(query)
            found = self.records[kind].get(asked["external_id"][0])
            return 200, {"items": [found] if found else [], "next": None}
        assert path == f"/v1/{kind}/batches"
        return self.batch(kind, headers["idempotency-key"], body)

    def batch(self, kind: str, key: str, body: bytes) -> tuple[int, Any]:
        if self.broken_after is not None and len(self.batches) >= self.broken_after:
            return 500, {"title": "broken"}
        if key in self.answers:
            first, answer = self.answers[key]
            assert first == body, "the same key with another body"
            return 200, answer
        items = orjson.loads(body)["items"]
        assert 0 < len(items) <= 500
        errors = [
            {"pointer": f"/items/{number}{pointer}", "message": message}
            for number, item in enumerate(items)
            for pointer, message in self.malformed(kind, item)
        ]
        if errors:
            return 400, {"title": "malformed", "errors": errors}
        self.batches.append((kind, len(items)))
        answer = {"items": [self.take(kind, number, item) for number, item in enumerate(items)]}
        self.answers[key] = (body, answer)
        if self.lost:
            self.lost -= 1
            return 503, {"title": "the answer was lost"}
        return 200, answer

    def take(self, kind: str, number: int, item: dict[str, Any]) -> dict[str, Any]:
        reason = self.refuse(kind, item)
        if reason:
            return {"index": number, "outcome": "rejected", "id": None, "problem": {"detail": reason}}
        own = item.get("external_reference", {}).get("id") or orjson.dumps(item).decode()
        earlier = self.records[kind].get(own)
        outcome = "created" if earlier is None else "unchanged" if earlier["item"] == item else "updated"
        identifier = earlier["id"] if earlier else str(uuid4())
        self.records[kind][own] = {"id": identifier, "item": item}
        self.ids[identifier] = kind
        return {"index": number, "outcome": outcome, "id": identifier, "problem": None}

    def malformed(self, kind: str, item: dict[str, Any]) -> list[tuple[str, str]]:
        known: dict[str, FieldType] = dict(KINDS[kind].fields)
        plain = {name: value for name, value in item.items() if name != "external_reference"}
        missing = [("", f"{name} is missing") for name in KINDS[kind].required - plain.keys()]
        return missing + [
            (f"/{name}", problem) for name, value in plain.items() if (problem := self.wrong(known[name], value))
        ]

    def wrong(self, holds: FieldType, value: Any) -> str | None:
        if isinstance(holds, Many):
            inner = [self.wrong(holds.fields[name], one) for entry in value for name, one in entry.items()]
            return next((problem for problem in inner if problem), None)
        if isinstance(holds, Refers):
            return None if self.ids.get(str(UUID(value))) == holds.kind else f"{value} is not one of the {holds.kind}"
        if holds is Holds.MONEY:
            return None if set(value) == {"amount", "currency"} and isinstance(value["amount"], str) else "not money"
        kinds = {Holds.INTEGER: int, Holds.BOOLEAN: bool, Holds.TEXTS: list, Holds.NAMED_TEXTS: dict}
        return None if isinstance(value, kinds.get(holds, str)) else f"{value!r} is not a {holds.value}"
