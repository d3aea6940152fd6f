"""A batch operation asked for as a job (`Prefer: respond-async`, RFC 7240): taken in, answered 202, done later.

What is sent is kept in a file while it comes, so that neither memory nor a connection is held for a slow client; then
it goes into the database in pieces of one chunk each, in the transaction of the job and its idempotency record.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson
from fastapi import Request, Response

from servicekit.jobs import store
from servicekit.jobs.store import Asked, Job
from servicekit.run.tracing import current_trace_id
from servicekit.web.jobs.importing import KIND
from servicekit.web.jobs.refusals import LARGEST_ITEM, LARGEST_JSON, MOST_ITEMS, AtomicNotAsJob, ImportMalformed
from servicekit.web.jobs.schemas import JobAnswer, answer_of
from servicekit.web.problems import plain_problem, problems
from servicekit.web.router import Router, TransactionalRoute, answered_once, claim_on
from servicekit.web.scopes import check_scope, scope_of
from servicekit.web.service import service_of
from servicekit.web.solving import Handler
from servicekit.web.unit import Unit

CHUNK = 50
PREFERENCE = "respond-async"
LINES = frozenset({"application/jsonl", "application/x-ndjson"})
JSON = "application/json"


def job_answer(request: Request, job: Job) -> Response:
    """Return the answer that says that a job has been taken in, and where it is."""
    service = service_of(request)
    content = answer_of(job, service.name, service.settings.job_result_days).model_dump_json()
    headers = {"Location": f"/v1/{service.name}/jobs/{job.id}"}
    if prefers_later(request):
        headers["Preference-Applied"] = PREFERENCE
    return Response(content, 202, headers, media_type=JSON)


def prefers_later(request: Request) -> bool:
    """Whether the client asks to be answered before the work is done."""
    preferences = ",".join(request.headers.getlist("prefer")).split(",")
    return any(each.partition(";")[0].strip().lower() == PREFERENCE for each in preferences)


def form_of(request: Request) -> str:
    """Return the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in: a file, and the digest of all of it."""

    content: IO[bytes]
    digest: bytes
    size: int


async def _received(request: Request, content: IO[bytes]) -> Sent:
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        content.write(piece)
        size += len(piece)
    content.seek(0)
    return Sent(content, digest.digest(), size)


def _lines_of(content: IO[bytes]) -> Iterator[bytes]:
    """Yield the items, each the JSON that was sent."""
    place = 0
    for number, line in enumerate(content, 1):
        stripped = line.strip()
        if not stripped:
            continue
        if len(stripped) > LARGEST_ITEM:
            raise ImportMalformed(f"Line {number} is longer than {LARGEST_ITEM // 2**20} MiB.", field=f"/items/{place}")
        if not isinstance(_decoded(stripped, f"line {number}", f"/items/{place}"), dict):
            raise ImportMalformed(f"Line {number} is not a JSON object.", field=f"/items/{place}")
        yield stripped
        place += 1


def _items_of(sent: Sent) -> Iterator[bytes]:
    """Yield the items of a batch that was sent as one JSON object."""
    if sent.size > LARGEST_JSON:
        raise ImportMalformed(f"Send more than {LARGEST_JSON // 2**20} MiB as JSON lines (application/jsonl).")
    batch = _decoded(sent.content.read(), "The body", "")
    items = batch.get("items") if isinstance(batch, dict) else None
    if not isinstance(items, list):
        raise ImportMalformed("Send `items`, a list of objects.", field="/items")
    if unknown := sorted(set(batch) - {"items", "atomic"}):
        raise ImportMalformed(f"There is no `{unknown[0]}` in a batch.", field=f"/{unknown[0]}")
    if batch.get("atomic"):
        raise AtomicNotAsJob
    return map(orjson.dumps, items)


def _decoded(content: bytes, what: str, pointer: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ImportMalformed(f"{what} is not JSON: {error}.", field=pointer) from error


def _chunks_of(items: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    chunk: list[bytes] = []
    for place, item in enumerate(items):
        if place >= MOST_ITEMS:
            raise ImportMalformed(f"A job takes {MOST_ITEMS} items: send the rest as another.", field="/items")
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class BatchRoute(TransactionalRoute):
    """A batch operation, which also runs as a job."""

    def get_route_handler(self) -> Handler:
        """Take a request in as a job where it asks so, or where it comes as lines; else answer it at once."""
        handler = self._also_later(super().get_route_handler())
        self.short = self._also_later(self.short) if self.short else None
        return handler

    def _also_later(self, at_once: Handler) -> Handler:
        operation, endpoint = self.operation_id or self.name, self.endpoint

        async def handle(request: Request) -> Response:
            form = form_of(request)
            if form not in LINES and not prefers_later(request):
                return await at_once(request)
            service = service_of(request)
            request.state.caller = caller = await service.authenticate(request)
            check_scope(caller, scope_of(endpoint, "POST", service.name))
            if form not in LINES and form != JSON:
                return plain_problem(415, f"Send the body as {JSON} or application/jsonl.")
            with tempfile.TemporaryFile() as content:
                sent = await _received(request, content)
                identity = form.encode() + sent.digest
                claim = claim_on(request, caller, identity) if "idempotency-key" in request.headers else None
                return await answered_once(_accepting(operation, form, sent), request, caller, claim)

        return handle


def _accepting(operation: str, form: str, sent: Sent) -> Handler:
    async def accept(request: Request) -> Response:
        unit: Unit = request.state.unit
        tx, count, number = unit.writing(), 0, 0
        items = _lines_of(sent.content) if form in LINES else _items_of(sent)
        asked = Asked(KIND, operation, {"path": request.url.path})
        job = await store.insert(tx, request.state.caller.subject, asked, current_trace_id())
        for number, chunk in enumerate(_chunks_of(items)):
            await store.insert_parts(tx, job.id, "input", number, [b'{"items":[' + b",".join(chunk) + b"]}"])
            count += len(chunk)
        if not count:
            raise ImportMalformed("Send at least one item.", field="/items")
        return job_answer(request, await store.set_total(tx, job.id, count))

    return accept


PREFER = {
    "name": "prefer",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": f"`{PREFERENCE}` runs the batch as a job: up to {MOST_ITEMS} items, answered 202 at once.",
}
AS_LINES = {
    "schema": {"type": "string", "format": "binary"},
}


def batch_operation(router: Router, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the batch operation of its router, which also runs as a job."""
    responses = problems(ImportMalformed) | (options.pop("responses", None) or {})
    responses[202] = {"description": "It was taken in as a job.", "model": JobAnswer}
    more = {"parameters": [PREFER], "requestBody": {"content": {"application/jsonl": AS_LINES}}}

    def add(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        router.add_api_route(
            "/batches",
            endpoint,
            methods=["POST"],
            route_class_override=BatchRoute,
            responses=responses,
            openapi_extra=more,
            **options,
        )
        return endpoint

    return add
