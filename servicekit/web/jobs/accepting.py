"""A batch operation asked for as a job (`Prefer: respond-async`, RFC 7240, or a file): answered 202, done later.

What is sent is kept in a file while it comes, so that neither memory nor a connection is held for a slow client; then
it goes into the database in pieces of one chunk each, in the transaction of the job and its idempotency record.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from typing import IO, Any

from fastapi import Request, Response
from python_multipart.multipart import parse_options_header

from servicekit.jobs import store
from servicekit.jobs.store import Asked, Job
from servicekit.run.tracing import current_trace_id
from servicekit.web.jobs.columns import Column
from servicekit.web.jobs.importing import KIND
from servicekit.web.jobs.items import FORMS, JSON, LINES, TABLES, Sent, chunks_of, columns_of_batch, items_in
from servicekit.web.jobs.refusals import MOST_ITEMS, ImportMalformed
from servicekit.web.jobs.schemas import JobAnswer, answer_of
from servicekit.web.jobs.tables import names_of
from servicekit.web.jobs.trying import is_dry_run
from servicekit.web.problems import plain_problem, problems
from servicekit.web.router import Router, TransactionalRoute, answered_once, claim_on
from servicekit.web.scopes import check_scope, scope_of
from servicekit.web.service import service_of
from servicekit.web.solving import Handler
from servicekit.web.unit import Unit

PREFERENCE = "respond-async"


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


async def _received(request: Request, content: IO[bytes], form: str) -> Sent:
    names = names_of(request.query_params.getlist("column"))
    if names and form not in TABLES:
        raise ImportMalformed("Only the columns of a table have headings.", field="query:column")
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        content.write(piece)
        size += len(piece)
    content.seek(0)
    return Sent(content, digest.digest(), size, form, _charset_of(request), names)


def _charset_of(request: Request) -> str:
    _, parameters = parse_options_header(request.headers.get("content-type"))
    return parameters.get(b"charset", b"utf-8").decode("latin-1")


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
            if form not in LINES | TABLES and not prefers_later(request):
                return await at_once(request)
            service = service_of(request)
            request.state.caller = caller = await service.authenticate(request)
            check_scope(caller, scope_of(endpoint, "POST", service.name))
            if form not in LINES and form not in FORMS:
                return plain_problem(415, f"Send the body as one of {', '.join(FORMS)}.")
            with tempfile.TemporaryFile() as content:
                sent = await _received(request, content, form)
                identity = request.headers["content-type"].encode() + request.url.query.encode() + sent.digest
                claim = claim_on(request, caller, identity) if "idempotency-key" in request.headers else None
                return await answered_once(
                    _accepting(operation, columns_of_batch(endpoint), sent), request, caller, claim
                )

        return handle


def _accepting(operation: str, columns: Sequence[Column], sent: Sent) -> Handler:
    async def accept(request: Request) -> Response:
        unit: Unit = request.state.unit
        asked = Asked(KIND, operation, {"path": request.url.path, "dry_run": is_dry_run(request)})
        items = await items_in(sent, columns)
        tx, count = unit.writing(), 0
        job = await store.insert(tx, request.state.caller.subject, asked, current_trace_id())
        for number, chunk in enumerate(chunks_of(items)):
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
DRY_RUN = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "schema": {"type": "boolean", "default": False},
    "description": "Check and do everything, say what would become of each item, and take it back.",
}
COLUMN = {
    "name": "column",
    "in": "query",
    "required": False,
    "schema": {"type": "array", "items": {"type": "string"}},
    "description": "Of CSV or a spreadsheet: a heading, a colon, and the field that it stands for or nothing to leave "
    "it out, such as `Firma:legal_name`. Headings that are fields' names (as in exports) need none.",
}
AS_FILE = {"schema": {"type": "string", "format": "binary"}}


def batch_operation(router: Router, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the batch operation of its router, which also runs as a job."""
    responses = problems(ImportMalformed) | (options.pop("responses", None) or {})
    responses[202] = {"description": "It was taken in as a job.", "model": JobAnswer}
    later = {form: AS_FILE for form in FORMS if form != JSON}
    more = {"parameters": [PREFER, DRY_RUN, COLUMN], "requestBody": {"content": later}}

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
