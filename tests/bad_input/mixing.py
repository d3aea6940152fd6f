"""Requests that get further: what schemathesis makes, put into requests that would be served."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.bad_input.knowing import Known, with_known_ids
from tests.bad_input.requests import UNSENT, Operation, Request
from tests.system.strangers import TABLE, Ask

KEYED = 0.3
AS_GIVEN = 0.7
FORM = "application/x-www-form-urlencoded"


def ask_of(operation: Operation, chance: Random) -> Ask:
    """Return a request of the strangers' table, each of which is served when the right person asks."""
    return chance.choice(TABLE[operation.service][operation.name])


def plausible(operation: Operation, known: Known, chance: Random) -> Request:
    """Return a request of the table with ids that are there."""
    ask = ask_of(operation, chance)
    request = Request(operation, "plausible", operation.method, who=ask.by)
    for name in _path_names(operation):
        given = ask.path.get(name)
        drawn = known.drawn(operation, name, chance) or known.of_scene(operation, name) or "nobody"
        request.path[name] = known.filled(given) if given and chance.random() < AS_GIVEN else drawn
    request.query = _filled(ask.query, known)
    content = ask.form or ask.body
    if content is not None:
        request.body = _filled(content, known)
        request.media_type = FORM if ask.form else "application/json"
    return request


def crossed(base: Request, other: Request, chance: Random) -> Request:
    """Return the plausible request with some of another's members in it."""
    base.kind = f"crossed with {other.kind}"
    base.body = _crossed(base.body, other.body, chance)
    if base.media_type is None and base.body is not UNSENT:
        base.media_type = other.media_type
    if other.query and chance.random() < 0.5:
        names = sorted(other.query, key=str)
        base.query |= {name: other.query[name] for name in chance.sample(names, min(2, len(names)))}
    base.headers |= other.headers
    return base


def _crossed(base: Any, other: Any, chance: Random) -> Any:
    if not isinstance(base, dict) or not isinstance(other, dict) or not other:
        return other if base is UNSENT else base
    if isinstance(base.get("items"), list) and isinstance(other.get("items"), list) and base["items"]:
        others = [each for each in other["items"] if isinstance(each, dict)]
        if others:
            items = [*base["items"], _crossed(base["items"][0], chance.choice(others), chance)]
            return {**base, "items": items}
    names = sorted(other, key=str)
    return {**base, **{name: other[name] for name in chance.sample(names, min(len(names), chance.randint(1, 3)))}}


def among_known(request: Request, known: Known, chance: Random) -> Request:
    """Put ids that are there into the path and the body of a generated request."""
    for name in _path_names(request.operation):
        present = request.path.get(name)
        if present is None or chance.random() < 0.8:
            request.path[name] = known.drawn(request.operation, name, chance) or present or "nobody"
    if request.body is not UNSENT:
        request.body = with_known_ids(request.body, known, request.operation, chance)
    return request


def _path_names(operation: Operation) -> list[str]:
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


def _filled(value: Any, known: Known) -> Any:
    if isinstance(value, str):
        return known.filled(value)
    if isinstance(value, Mapping):
        return {name: _filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    return json.loads(json.dumps(value))
