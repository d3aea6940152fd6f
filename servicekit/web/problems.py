"""Problems (RFC 9457): the one place where a kind of error becomes a status."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from asyncpg import exceptions
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException  # noqa: TID251 (what the framework raises)
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.data.idempotency import IdempotencyKeyReused
from servicekit.run.tracing import current_trace_id
from servicekit.values import errors

MEDIA_TYPE = "application/problem+json"
PLAIN_JSON = "application/json"
TYPE_PREFIX = "urn:keyaccount:problem:"
RETRY_AFTER_SECONDS = 1
UNFORESEEN = 500
MALFORMED = 400
METHOD_NOT_ALLOWED = 405
SEND_AGAIN = "A change that carried an Idempotency-Key may be sent again with it: it is done once."

STATUS_BY_KIND: Mapping[type[errors.KeyaccountError], int] = {
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotVisible: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.RuleViolated: 422,
    errors.PreconditionMissing: 428,
    errors.PeerUnavailable: 503,
    errors.DeadlinePassed: 504,
}

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be understood"),
    401: ("not_signed_in", "Sign in first"),
    403: ("not_allowed", "You may not do this"),
    404: ("not_found", "There is no such thing that you can see"),
    405: ("method_not_allowed", "The method is not allowed here"),
    406: ("not_acceptable", "The answer has no such form"),
    409: ("conflict", "The state of things stands against it"),
    412: ("stale_version", "It was changed meanwhile"),
    413: ("body_too_large", "The body is too large"),
    415: ("unsupported_media_type", "The body has an unsupported form"),
    422: ("rule_violated", "A rule forbids it"),
    428: ("precondition_required", "If-Match is required"),
    429: ("too_many_requests", "Too many requests"),
    500: ("internal_error", "Something went wrong on our side"),
    503: ("peer_unavailable", "A part of the system cannot be reached"),
    504: ("deadline_passed", "It took too long"),
}


class ProblemError(BaseModel):
    """One thing that is wrong with the input."""

    pointer: str = Field(description="JSON pointer into the body, or `query:name`, `path:name`, `header:Name`.")
    code: str
    message: str


class Problem(BaseModel):
    """What went wrong and the way out (RFC 9457)."""

    type: str = Field(examples=["urn:keyaccount:problem:rule_violated"])
    title: str
    status: int
    code: str = Field(examples=["rule_violated"])
    detail: str
    errors: list[ProblemError]
    trace_id: str


def status_of(error: type[errors.KeyaccountError] | errors.KeyaccountError) -> int:
    """Return the status of a kind of error."""
    kind = error if isinstance(error, type) else type(error)
    return next((status for base, status in STATUS_BY_KIND.items() if issubclass(kind, base)), UNFORESEEN)


def problem_of(error: errors.KeyaccountError) -> dict[str, Any]:
    """Return the body of the problem that tells of an error, with the members it adds."""
    status = status_of(error)
    faults = [{"pointer": error.field, "code": error.code, "message": error.message}] if error.field is not None else []
    body = _body(status, error.code, error.message, faults)
    return body | {member: getattr(error, member) for member in error.members}


def _body(status: int, code: str, detail: str, faults: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    return {
        "type": TYPE_PREFIX + code,
        "title": TITLES[status][1] if status in TITLES else "Problem",
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(faults),
        "trace_id": current_trace_id(),
    }


def internal_problem() -> dict[str, Any]:
    """Return the body of the problem that tells of a bug of ours, and nothing of its inside."""
    return _body(UNFORESEEN, TITLES[UNFORESEEN][0], "Please report this with the trace id.")


def problem_response(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that carries a problem."""
    content = orjson.dumps(body, default=str)
    return Response(content, body["status"], dict(headers or {}), media_type=MEDIA_TYPE)


def plain_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for a status that no error of the domain stands behind."""
    code = TITLES.get(status, ("error", ""))[0]
    return problem_response(_body(status, code, detail), headers)


def problems(*error_classes: type[errors.KeyaccountError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer with these errors, by status."""
    codes: dict[int, list[str]] = {}
    for error in error_classes:
        codes.setdefault(status_of(error), []).append(error.code)
    return {status: _documented(status, names) for status, names in codes.items()}


def _documented(status: int, codes: Sequence[str]) -> dict[str, Any]:
    return {"description": f"{TITLES[status][1]}: " + ", ".join(f"`{code}`" for code in sorted(set(codes)))}


async def _answer_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.KeyaccountError)  # noqa: S101 (registered for this class only)
    if status_of(error) == UNFORESEEN:  # of no kind that a caller can be told, such as a peer's refusal
        return _answer_unforeseen(request.url.path, error)
    headers = {}
    retry_after = getattr(error, "retry_after", None)
    if isinstance(error, errors.PeerUnavailable):
        retry_after = RETRY_AFTER_SECONDS
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, errors.NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    answer = problem_response(problem_of(error), headers)
    if error.is_read_by_oauth and request.headers.get("accept", "").strip() == PLAIN_JSON:
        answer.headers["content-type"] = PLAIN_JSON
    return answer


def pointer_of(location: Sequence[int | str]) -> str:
    """Return where an input error lies: a JSON pointer for the body, `query:name` and so on elsewhere."""
    place, *rest = location or ("body",)
    if place == "body":
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in rest)
    return f"{place}:" + ".".join(str(part) for part in rest)


async def _answer_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this class only)
    faults = [
        {"pointer": pointer_of(fault["loc"]), "code": fault["type"], "message": fault["msg"]}
        for fault in error.errors()[:50]
    ]
    listed = "; ".join(f"{fault['pointer'] or 'body'}: {fault['message']}" for fault in faults[:5])
    return problem_response(_body(400, "malformed", f"Please correct: {listed}.", faults))


async def _answer_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 (registered for this class only)
    status = error.status_code if error.status_code in TITLES else MALFORMED
    details = {
        404: "There is no such path; /docs lists what there is.",
        405: "Allow says which methods this path takes.",
        413: "Send less at a time: batches take up to 500 items.",
    }
    if status == MALFORMED:  # the framework says so of a body that it cannot take apart
        fault = {"pointer": "", "code": "body_unreadable", "message": "The body is not what its Content-Type says."}
        return problem_response(_body(status, TITLES[status][0], f"{error.detail}.", [fault]))
    headers = {"Allow": ", ".join(_allowed(request))} if status == METHOD_NOT_ALLOWED else error.headers
    return plain_problem(status, details.get(status, str(error.detail)), headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods of a path, of all its routes: the framework knows only those of the first."""
    return [
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] == Match.FULL for route in request.app.routes)
    ]


class Unforeseen:
    """ASGI middleware: answers an error that nothing is known of, within the trace of its request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request; what it raises is logged and told as a problem."""
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            await _answer_unforeseen(scope["path"], error)(scope, receive, send)


def _answer_unforeseen(path: str, error: Exception) -> Response:
    """Say what is true: whether the request was carried out is not known, and the same key finds it out."""
    if _tells_that_the_database_is_away(error):
        structlog.get_logger().error("database_away", path=path, error=type(error).__name__)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return plain_problem(503, f"The database cannot be reached just now. {SEND_AGAIN}", headers)
    structlog.get_logger().error("bug", path=path, error=type(error).__name__, exc_info=error)
    return plain_problem(500, f"Please report this with the trace id. {SEND_AGAIN}")


def _tells_that_the_database_is_away(error: Exception) -> bool:
    if isinstance(error, exceptions.InternalClientError):  # the server has said goodbye, the socket is still open
        return "cannot switch to state" in str(error)
    if isinstance(error, exceptions.InterfaceError):
        said = str(error)  # the pool takes back what broke; anything else is a wrong use of the driver
        return "closed" in said or "released back to the pool" in said
    return isinstance(error, OSError | exceptions.PostgresConnectionError | exceptions.OperatorInterventionError)


def install_problems(app: FastAPI) -> None:
    """Answer every error of an app with a problem."""
    app.add_exception_handler(errors.KeyaccountError, _answer_known)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(StarletteHTTPException, _answer_framework)
    app.add_middleware(Unforeseen)


COMMON_PROBLEMS = problems(
    errors.Malformed, errors.NotSignedIn, errors.NotAllowed, errors.NotVisible, errors.PeerUnavailable
) | problems(errors.Conflict, errors.RuleViolated, IdempotencyKeyReused)
"""What any operation may answer; each route adds its own."""
