"""The only router: authenticates, replays, runs the route, commits, and only then lets the answer go.

FastAPI ends a `yield` dependency after the answer has gone out: committing there would lose an
acknowledged write in a crash, and turn a failing commit into a false 200.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from enum import Enum
from typing import Annotated, Any

import fastapi
from fastapi import Depends, Request, Response, params
from fastapi.routing import APIRoute

from servicekit.data.idempotency import LONGEST_KEY, Claim, ClaimTaken, KeptAnswer
from servicekit.data.transactions import Reading, Snapshot, Writing
from servicekit.data.violations import Busy
from servicekit.peers.client import calling_for
from servicekit.values.errors import KeyaccountError, Malformed, RecordedAbsence, RecordedRefusal
from servicekit.web.callers import Caller
from servicekit.web.depth import check_depth
from servicekit.web.problems import COMMON_PROBLEMS, plain_problem
from servicekit.web.scopes import FAMILY, check_scope, scope_of
from servicekit.web.secrets import AnswerWithSecret
from servicekit.web.service import service_of
from servicekit.web.solving import Handler, NotAsDeclared, Solver, solver_of
from servicekit.web.unit import Unit, current_unit, new_claim

KEPT_HEADERS = ("etag", "location", "content-type", "preference-applied")
FIRST_FAILURE = 400
STACKS = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")
"""Where FastAPI's handler looks for what to close; ours leave nothing to be closed."""


class KeyTooLong(Malformed):
    """An Idempotency-Key has 1 to 255 characters."""

    code = "idempotency_key_malformed"


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": (
        "Makes it safe to send the request again: it is done once, and for 7 days the same request with the same key "
        "gets the same answer. Another request with the same key is refused with 422, one under way with 409."
    ),
}
"""What the document says of each POST."""


class StreamedChange(RuntimeError):
    """A change was answered by a stream, which cannot be kept to answer again: a bug of the route."""


class TransactionalRoute(APIRoute):
    """A route whose effect and answer stand or fall together."""

    public = False
    short: Handler | None = None
    """Answers a request that was led straight here; None where only FastAPI can."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler into a unit of work, and what does the same in less time."""
        plain, solver = super().get_route_handler(), solver_of(self)
        self.short = self._within_unit(_solved(solver, plain)) if solver else None
        return self._within_unit(plain)

    def _within_unit(self, answer: Handler) -> Handler:
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)
        public = self.public
        retryable = "POST" in (self.methods or ()) and not public  # what signs somebody in is not kept
        endpoint, method = self.endpoint, next(iter(self.methods or {"GET"}))

        async def handle(request: Request) -> Response:
            service = service_of(request)
            caller = None if public else await service.authenticate(request)
            request.state.caller = caller
            if caller is not None and caller.scopes is not None:
                check_scope(caller, scope_of(endpoint, method, service.name))
            if takes_json and _has_other_form(request):
                return plain_problem(415, "Send the body as application/json, not compressed.")
            if takes_json:
                check_depth(await request.body())
            claim = await _claim_of(request, caller) if retryable and "idempotency-key" in request.headers else None
            return await answered_once(answer, request, caller, claim)

        return handle


class PublicRoute(TransactionalRoute):
    """A route that needs no sign-in."""

    public = True


def _solved(solver: Solver, plain: Handler) -> Handler:
    """Return what calls a route as planned, or as FastAPI does where the request is not as declared."""

    async def solved(request: Request) -> Response:
        with suppress(NotAsDeclared):
            return await solver(request)
        async with AsyncExitStack() as stack:
            request.scope.update(dict.fromkeys(STACKS, stack))
            return await plain(request)

    return solved


async def answered_once(answer: Handler, request: Request, caller: Caller | None, claim: Claim | None) -> Response:
    """Answer within a unit of work, which ends with the answer; what was answered before is answered again."""
    service = service_of(request)
    if claim is not None and (kept := await claim.find(service.database.pool)):
        return _replayed(kept)
    unit = Unit(service, caller, claim)
    request.state.unit = unit
    unit_mark = current_unit.set(unit)
    caller_mark = calling_for.set(caller.subject if caller else "")
    try:
        return await _run(answer, request, unit)
    except ClaimTaken:
        await unit.release()
        return await _replay_taken(claim, service.database.pool)
    except (RecordedRefusal, RecordedAbsence) as refusal:
        await unit.record(refusal)
        raise
    except KeyaccountError:
        await unit.finish_refused()
        raise
    finally:
        await unit.release()
        calling_for.reset(caller_mark)
        current_unit.reset(unit_mark)


async def _run(answer: Handler, request: Request, unit: Unit) -> Response:
    response = await answer(request)
    if response.status_code >= FIRST_FAILURE:
        await unit.finish_refused()
        return response
    if unit.answer_version is not None:
        response.headers["etag"] = f'"{unit.answer_version}"'
    if not hasattr(response, "body") and unit.claim and unit.has_written:
        raise StreamedChange(request.url.path)
    await unit.finish(_kept(response, unit.kept_body) if unit.claim else None)
    return response


def _kept(response: Response, instead: bytes | None) -> KeptAnswer:
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
    return KeptAnswer(response.status_code, headers, instead or bytes(getattr(response, "body", b"")))


def _has_other_form(request: Request) -> bool:
    if request.headers.get("content-encoding", "identity") != "identity":
        return True
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return False
    main, _, sub = request.headers.get("content-type", "").partition(";")[0].strip().lower().partition("/")
    return main != "application" or not (sub == "json" or sub.endswith("+json"))


async def _claim_of(request: Request, caller: Caller | None) -> Claim:
    return claim_on(request, caller, await request.body())


def claim_on(request: Request, caller: Caller | None, body: bytes) -> Claim:
    """Return the claim of a request on its key, `body` being what must be the same when it comes again."""
    key = request.headers["idempotency-key"]
    if not 1 <= len(key) <= LONGEST_KEY:
        raise KeyTooLong(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", field="header:Idempotency-Key")
    whole = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return new_claim(key, caller, f"{request.method} {request.url.path}", whole)


async def _replay_taken(claim: Claim | None, pool: Any) -> Response:
    kept = await claim.find(pool) if claim else None
    if kept is None:
        raise Busy
    return _replayed(kept)


def _replayed(kept: KeptAnswer) -> Response:
    return Response(kept.body, kept.status, {**kept.headers, "Idempotent-Replayed": "true"})


def _noting_answer(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(endpoint)
    async def noting(*args: Any, **kwargs: Any) -> Any:
        result = await endpoint(*args, **kwargs)
        version = getattr(result, "version", None)
        if isinstance(version, int):
            current_unit.get().answer_version = version
        if isinstance(result, AnswerWithSecret):
            current_unit.get().kept_body = result.without_secrets().model_dump_json().encode()
        return result

    return noting


class Router(fastapi.APIRouter):  # noqa: TID251 (the one place that may)
    """Routes of one feature; every operation needs a sign-in unless the router is `public`.

    Of machine clients they need the scopes `<scopes>:read` and `<scopes>:write`, or those of the service.
    """

    def __init__(
        self, *, prefix: str = "", tags: Sequence[str] = (), public: bool = False, scopes: str | None = None
    ) -> None:
        self._scopes = scopes
        route_class = PublicRoute if public else TransactionalRoute
        super().__init__(prefix=prefix, tags=list[str | Enum](tags), route_class=route_class)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route; an answer with a `version` gets it as its ETag, every operation its problems."""
        options["responses"] = COMMON_PROBLEMS | (options.get("responses") or {})
        options["operation_id"] = options.get("operation_id") or endpoint.__name__
        answering = _noting_answer(endpoint)
        setattr(answering, FAMILY, self._scopes)
        super().add_api_route(path, answering, **options)


def transactional_routes(routers: Sequence[Router]) -> list[TransactionalRoute]:
    """Return the routes of routers in their order."""
    return [route for router in routers for route in router.routes if isinstance(route, TransactionalRoute)]


async def _reading(request: Request) -> Reading:
    unit: Unit = request.state.unit
    return unit.reading()


async def _snapshot(request: Request) -> Snapshot:
    unit: Unit = request.state.unit
    return unit.snapshot()


async def _writing(request: Request) -> Writing:
    unit: Unit = request.state.unit
    return unit.writing()


CurrentReading = Annotated[Reading, Depends(_reading)]
CurrentSnapshot = Annotated[Snapshot, Depends(_snapshot)]
CurrentWriting = Annotated[Writing, Depends(_writing)]
