"""Assembles a service's app from its parts."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import structlog
from aiohttp import ThreadedResolver
from fastapi import FastAPI
from fastapi.routing import APIRoute

from servicekit.data.database import Database
from servicekit.events.consumers import Consumer, Consuming
from servicekit.events.relay import Fold, Relay
from servicekit.events.webhooks.addresses import Allowed
from servicekit.events.webhooks.delivering import SECRETS, Webhooks
from servicekit.events.webhooks.sending import MakeResolver, Sender
from servicekit.jobs.workers import Step
from servicekit.peers.client import Peer
from servicekit.peers.tokens import ServiceTokens
from servicekit.run import checkpointing
from servicekit.run.keys import Keys
from servicekit.run.logs import configure_logs, take_over_logging
from servicekit.run.settings import Settings
from servicekit.run.telemetry import begin_telemetry, end_telemetry
from servicekit.values.dates import Clock, utc_now
from servicekit.web import health
from servicekit.web.audit import audit_router
from servicekit.web.bodies import BodyLimit
from servicekit.web.callers import Authenticate
from servicekit.web.dispatch import Dispatch
from servicekit.web.feed import feed_router
from servicekit.web.jobs.inside import Inside
from servicekit.web.jobs.kinds import workers_of
from servicekit.web.jobs.routes import jobs_router
from servicekit.web.problems import TITLES, Problem, install_problems
from servicekit.web.requests import Requests
from servicekit.web.router import IDEMPOTENCY_KEY, PublicRoute, Router, transactional_routes
from servicekit.web.scopes import scope_of
from servicekit.web.service import Service
from servicekit.web.webhooks.api import webhooks_router

BEGUN_AGAIN_AFTER_SECONDS = 1.0
SCHEMAS = "#/components/schemas/"

Background = Callable[[Service], Awaitable[None]]
"""Something that runs beside the requests, such as following the org chart."""


@dataclass
class Runtime:
    """What a process gives its service; tests give other things than `uvicorn` does."""

    settings: Settings
    clock: Clock = utc_now
    transports: Mapping[str, httpx.AsyncBaseTransport] = field(default_factory=dict)
    background: bool = True
    make_resolver: MakeResolver = ThreadedResolver


@dataclass(frozen=True)
class Parts:
    """What a service is made of."""

    name: str
    title: str
    routers: Sequence[Router]
    authenticate: Callable[[Service], Authenticate]
    consumers: Sequence[Consumer] = ()
    folds: Sequence[Fold] = ()
    on_start: Sequence[Background] = ()
    background: Sequence[Background] = ()
    jobs: Mapping[str, Callable[[Inside], Step]] = field(default_factory=dict)


def assemble(parts: Parts, runtime: Runtime | None = None) -> FastAPI:
    """Return the app of a service; its settings come from the environment unless a runtime is given."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        given = runtime or Runtime(Settings.from_environment(parts.name))
        if runtime is None:
            configure_logs(parts.name, given.settings.log_level)
            take_over_logging()
            begin_telemetry(parts.name)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, end_telemetry)
            app.state.service = await _open(parts, given, stack)
            app.state.service.jobs = workers_of(Inside(app, app.state.service), parts.jobs)
            for start in parts.on_start:
                await start(app.state.service)
            if given.background:
                stack.push_async_callback(_cancel, _begin(parts, app.state.service))
            yield

    app = FastAPI(
        title=f"Keyaccount: {parts.title}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=True,
        redirect_slashes=False,
    )
    own = (feed_router(parts.name), webhooks_router(parts.name), audit_router(parts.name))
    routers = (*parts.routers, *own, jobs_router(parts.name), health.router)
    for router in routers:
        app.include_router(router)
    app.add_middleware(Dispatch, routes=transactional_routes(routers))
    install_problems(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Requests)
    _document(app, _operations(routers), parts.name)
    return app


async def _open(parts: Parts, given: Runtime, stack: AsyncExitStack) -> Service:
    settings = given.settings
    keys = Keys.read(settings.secrets)
    tokens = ServiceTokens(parts.name, keys.instance)
    database = await Database.connect(
        settings.login_url,
        parts.name,
        connections=settings.connections,
        clock=given.clock,
        process=settings.process,
    )
    stack.push_async_callback(database.close)
    peers = {
        name: Peer(name, url, tokens, given.transports.get(name))
        for name, url in settings.peer_urls.items()
        if name != parts.name
    }
    for peer in peers.values():
        stack.push_async_callback(peer.close)
    relay = Relay(database, parts.folds)
    sender = Sender(Allowed.from_setting(settings.webhook_private_addresses), given.make_resolver)
    webhooks = Webhooks(database, relay, keys.sealing(SECRETS), sender)
    stack.push_async_callback(webhooks.close)
    service = Service(
        settings=settings,
        keys=keys,
        tokens=tokens,
        database=database,
        peers=peers,
        relay=relay,
        webhooks=webhooks,
        authenticate=_not_yet,
    )
    service.authenticate = parts.authenticate(service)
    service.consuming = [Consuming(database, peers[consumer.peer], consumer) for consumer in parts.consumers]
    return service


async def _not_yet(_: Any) -> Any:
    raise RuntimeError("The service is not assembled yet.")


def _begin(parts: Parts, service: Service) -> list[asyncio.Task[None]]:
    jobs: list[Callable[[], Awaitable[None]]] = [service.relay.run, service.jobs.run, service.webhooks.run]
    jobs += [each.run for each in service.consuming]
    jobs.append(partial(checkpointing.keep_signing_for, service.database, service.keys, service.settings))
    jobs += [partial(job, service) for job in parts.background]
    return [asyncio.create_task(_kept_running(job)) for job in jobs]


async def _kept_running(job: Callable[[], Awaitable[None]]) -> None:
    """Begin a job again when it fails: a relay, say, that is gone is missed by nobody and needed by all."""
    while True:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 (whatever it is, the job goes on)
            structlog.get_logger().error("background_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(BEGUN_AGAIN_AFTER_SECONDS)
        else:
            return


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _document(app: FastAPI, routes: Mapping[tuple[str, str], APIRoute], service: str) -> None:
    plain = app.openapi

    def documented() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = plain()
        components = document.setdefault("components", {})
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        schemas = components.setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        problem = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _document_operation(operation, method, _security_of(routes[method, path], method, service))
        app.openapi_schema = _named_by_titles(document)
        return app.openapi_schema

    app.openapi = documented  # type: ignore[method-assign]


def _named_by_titles(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its schemas called as their titles say; those of generic classes have other names."""
    schemas = document["components"]["schemas"]
    titles = {name: schema["title"] for name, schema in schemas.items() if schema.get("title", name) != name}
    document["components"]["schemas"] = {titles.get(name, name): schema for name, schema in schemas.items()}
    if len(document["components"]["schemas"]) < len(schemas):
        raise ValueError(f"two schemas have one title: {titles}")
    text = json.dumps(document)
    for name, title in titles.items():
        text = text.replace(f'"{SCHEMAS}{name}"', f'"{SCHEMAS}{title}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _operations(routers: Sequence[Router]) -> dict[tuple[str, str], APIRoute]:
    return {
        (method.lower(), route.path): route
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }


def _security_of(route: APIRoute, method: str, service: str) -> list[dict[str, list[str]]]:
    """Return the sign-in that an operation needs, with the scope that a machine client needs."""
    if isinstance(route, PublicRoute):
        return []
    return [{"bearer": [scope_of(route.endpoint, method.upper(), service)]}]


def _implied(operation: Mapping[str, Any]) -> Iterator[int]:
    """Yield the refusals that follow from what an operation takes."""
    if "requestBody" in operation:
        yield from (413, 415)
    headers = {
        parameter["name"].lower() for parameter in operation.get("parameters", ()) if parameter["in"] == "header"
    }
    if "if-match" in headers:
        yield from (412, 428)
    if "idempotency-key" in headers:
        yield from (409, 422)


def _leave_out_null(forms: dict[str, Any]) -> None:
    """Say of a body that may be left out what it is: that it may also be null helps nobody, and generators trip."""
    for form in forms.values():
        others = [choice for choice in form["schema"].get("anyOf", ()) if choice != {"type": "null"}]
        if len(others) == 1:
            form["schema"] = others[0]


def _document_operation(operation: dict[str, Any], method: str, security: list[dict[str, list[str]]]) -> None:
    operation["security"] = security
    if method == "post" and security:  # without a sign-in no answer is kept
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    if "requestBody" in operation and not operation["requestBody"].get("required"):
        _leave_out_null(operation["requestBody"]["content"])
    operation["responses"].pop("422" if "detail" in str(operation["responses"].get("422")) else "", None)
    for status in _implied(operation):
        operation["responses"].setdefault(str(status), {"description": TITLES[status][1]})
    for status, response in operation["responses"].items():
        if int(status) >= 400:  # noqa: PLR2004
            problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            response["content"] = response.get("content", {}) | problem
