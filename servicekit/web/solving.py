"""What a route takes, read from its declaration once instead of at every request.

FastAPI declares and documents our routes; it also works out anew for every request how to call them, which costs more
than all that we add. Here the same is planned when the app is made. Whatever is not as it should be (a field that is
missing, a body that is no JSON) is left to FastAPI's own handler, so that a refusal is always FastAPI's.
"""

import inspect
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request, Response, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from pydantic import BaseModel

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Values = dict[str, Any]
_OK = 200
_SEQUENCES = (list, set, tuple, frozenset)


class NotAsDeclared(Exception):
    """A request that FastAPI's own handler is to answer."""


@dataclass(frozen=True, slots=True)
class _QueryModel:
    """A model of everything in the query: its names, and those that are lists."""

    field: Any
    names: frozenset[str]
    lists: frozenset[str]

    def read(self, query: bytes) -> Any:
        """Return the model that a query string makes, as FastAPI reads it: the last of several values counts."""
        given: dict[str, Any] = {}
        others: dict[str, list[str]] = {}
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name in self.lists:
                given.setdefault(name, []).append(value)
            elif name in self.names:
                given[name] = value
            else:
                others.setdefault(name, []).append(value)
        given.update((name, found[0] if len(found) == 1 else found) for name, found in others.items())
        return _valid(self.field, given, "query")


@dataclass(frozen=True, slots=True)
class _Plan:
    """How something is called: a dependency, or the route itself."""

    call: Callable[..., Awaitable[Any]]
    name: str | None
    request: str | None
    response: str | None
    path: Sequence[tuple[str, str, Any]]
    query: _QueryModel | None
    query_fields: Sequence[Any]
    headers: Sequence[Any]
    body: Any
    parts: "Sequence[_Plan]"

    @property
    def takes_only_the_request(self) -> bool:
        """Whether nothing else has to be found."""
        others = (self.response, self.path, self.query, self.query_fields, self.headers, self.body, self.parts)
        return self.request is not None and not any(others)


class Solver:
    """Answers requests of one route."""

    def __init__(self, route: APIRoute, plan: _Plan) -> None:
        self._endpoint = plan
        self._steps = [(part, part.request if part.takes_only_the_request else None) for part in plan.parts]
        self._answer: Any = route.response_field
        self._status = route.status_code or _OK

    async def __call__(self, request: Request) -> Response:
        """Call the route with what it takes, and return its answer as JSON.

        Raises:
            NotAsDeclared: something is missing or malformed; the route has not run.
        """
        body = await _json_of(request) if self._endpoint.body is not None else None
        response = _Told() if self._tells else None
        values: Values = {}
        known: dict[Any, Any] = {}
        for part, request_name in self._steps:
            found = known.get(part.call, known)
            if found is known:
                if request_name is not None:
                    found = await part.call(**{request_name: request})
                else:
                    found = await part.call(**await _values_of(part, request, response, known))
                known[part.call] = found
            if part.name is not None:
                values[part.name] = found
        _own_values(self._endpoint, request, response, body, values)
        result = await self._endpoint.call(**values)
        if isinstance(result, Response):
            return result
        return self._answered(result, response)

    @property
    def _tells(self) -> bool:
        return self._endpoint.response is not None

    def _answered(self, result: Any, told: "_Told | None") -> Response:
        value, errors = self._answer.validate(result, {}, loc=("response",))
        if errors:
            raise AnswerNotAsDeclared(errors)
        status = self._status if told is None or told.status_code is None else told.status_code
        answer = Response(self._answer.serialize_json(value), status, media_type="application/json")
        if told is not None:
            answer.headers.raw.extend(told.headers.raw)
        return answer


class AnswerNotAsDeclared(TypeError):
    """A route answered with another shape than it declares: a bug of the route."""


class _Told(Response):
    """What a route says of its answer beside the content."""

    def __init__(self) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.status_code = None  # type: ignore[assignment]


def solver_of(route: APIRoute) -> Solver | None:
    """Return what answers a route's requests, or None if that is left to FastAPI."""
    if not _is_plain(route):
        return None
    plan = _plan_of(route.dependant)
    return Solver(route, plan) if plan is not None and route.response_field is not None else None


def _is_plain(route: APIRoute) -> bool:
    """Whether a route answers with one JSON value in the usual way."""
    shaping = (route.response_model_include, route.response_model_exclude)
    leaving = (
        route.response_model_exclude_unset,
        route.response_model_exclude_defaults,
        route.response_model_exclude_none,
    )
    return (
        not any(shaping)
        and not any(leaving)
        and isinstance(route.response_class, DefaultPlaceholder)
        and route.stream_item_field is None
        and not route.is_json_stream
    )


def _plan_of(dependant: Dependant) -> _Plan | None:
    call = dependant.call
    parts = [_plan_of(part) for part in dependant.dependencies]
    if (
        call is None
        or not inspect.iscoroutinefunction(inspect.unwrap(call))
        or any(part is None for part in parts)
        or not all(part.use_cache and part.concurrency is None for part in dependant.dependencies)
        or dependant.cookie_params
        or dependant.background_tasks_param_name
        or dependant.http_connection_param_name
        or dependant.security_scopes_param_name
        or any(_other_name(field) for field in (*dependant.path_params, *dependant.query_params))
    ):
        return None
    body = _body_of(dependant)
    if body is _UNPLANNED:
        return None
    query = _query_model_of(dependant)
    return _Plan(
        call,
        dependant.name,
        dependant.request_param_name,
        dependant.response_param_name,
        [(field.name, field.alias, field) for field in dependant.path_params],
        query,
        () if query else dependant.query_params,
        dependant.header_params,
        body,
        [part for part in parts if part is not None],
    )


_UNPLANNED = object()


def _body_of(dependant: Dependant) -> Any:
    """Return the one field that is the whole body, if there is a body."""
    if not dependant.body_params:
        return None
    field, *more = dependant.body_params
    info = field.field_info
    if more or isinstance(info, params.Form) or getattr(info, "embed", None):
        return _UNPLANNED
    return field


def _other_name(field: Any) -> bool:
    return field.validation_alias is not None or field.alias != field.name


def _query_model_of(dependant: Dependant) -> _QueryModel | None:
    """Return the model that takes the whole query, if a route takes one."""
    if len(dependant.query_params) != 1:
        return None
    field = dependant.query_params[0]
    model = field.field_info.annotation
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return None
    if any(one.alias or one.validation_alias for one in model.model_fields.values()):
        return None
    lists = {name for name, one in model.model_fields.items() if _may_be_list(one.annotation)}
    return _QueryModel(field, frozenset(model.model_fields), frozenset(lists))


def _may_be_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Annotated, Union, UnionType):
        return any(_may_be_list(part) for part in get_args(annotation))
    return (origin or annotation) in _SEQUENCES


async def _json_of(request: Request) -> Any:
    """Return the body as JSON; the router has seen to it that it says to be JSON."""
    body = await request.body()
    if not body:
        raise NotAsDeclared
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAsDeclared from error


async def _values_of(plan: _Plan, request: Request, response: "_Told | None", known: dict[Any, Any]) -> Values:
    """Return what a dependency takes, with the dependencies that it has itself."""
    values: Values = {}
    for part in plan.parts:
        if part.call not in known:
            known[part.call] = await part.call(**await _values_of(part, request, response, known))
        if part.name is not None:
            values[part.name] = known[part.call]
    _own_values(plan, request, response, None, values)
    return values


def _own_values(plan: _Plan, request: Request, response: "_Told | None", body: Any, values: Values) -> None:
    for name, alias, field in plan.path:
        values[name] = _valid(field, request.path_params[alias], "path")
    if plan.query is not None:
        values[plan.query.field.name] = plan.query.read(request.scope["query_string"])
    if plan.query_fields:
        values |= _declared(plan.query_fields, request.query_params)
    if plan.headers:
        values |= _declared(plan.headers, request.headers)
    if plan.body is not None:
        values[plan.body.name] = _valid(plan.body, body, "body")
    if plan.request is not None:
        values[plan.request] = request
    if plan.response is not None:
        values[plan.response] = response


def _valid(field: Any, value: Any, place: str) -> Any:
    valid, errors = field.validate(value, {}, loc=(place,))
    if errors:
        raise NotAsDeclared
    return valid


def _declared(fields: Sequence[Any], given: Mapping[str, Any]) -> Values:
    values, errors = request_params_to_args(fields, given)
    if errors:
        raise NotAsDeclared
    return values
