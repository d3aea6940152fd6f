"""The short way from a request to its route.

FastAPI tries the routes of one router after the other, and on the way opens what only other kinds of routes need. Here
a request is led straight to its route, if its route is one of ours; everything else goes on to FastAPI, which alone
says 404 and 405.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from servicekit.web.router import TransactionalRoute
from servicekit.web.solving import Handler

Key = tuple[str, int, str]
"""Method, number of slashes, and the part of the path that names the feature: `/v1/opportunities/…`."""


class Dispatch:
    """ASGI middleware: leads a request to its route."""

    def __init__(self, app: ASGIApp, routes: Sequence[TransactionalRoute]) -> None:
        self.app = app
        self._routes = _by_key(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        answer = self._find(scope) if scope["type"] == "http" and not scope.get("root_path") else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await answer(request)
        except Exception as error:
            handler = _handler_of(request, error)
            if handler is None:
                raise
            response = await handler(request, error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> Handler | None:
        """Return what answers at the first route that the request matches; None if FastAPI has to."""
        path = scope["path"]
        for route in self._routes.get(_key(scope["method"], path), ()):
            match = route.path_regex.match(path)
            if match is not None:
                scope["path_params"] = match.groupdict()
                scope["endpoint"], scope["route"] = route.endpoint, route
                return route.short
        return None


def _handler_of(request: Request, error: Exception) -> Any:
    """Return what the app answers such an error with, or None."""
    handlers = request.app.exception_handlers
    return next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)


def _key(method: str, path: str) -> Key:
    parts = path.split("/", 3)
    return method, path.count("/"), parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 (empty, version, feature)


def _by_key(routes: Iterable[TransactionalRoute]) -> dict[Key, list[TransactionalRoute]]:
    """Return the routes by what a path tells without a look at each of them, in the order of their declaration."""
    found: dict[Key, list[TransactionalRoute]] = defaultdict(list)
    for route in routes:
        for method in route.methods or ():
            found[_key(method, route.path)].append(route)
    return dict(found)
