"""Several OpenAPI 3.1 documents as one, as a pure function.

What two services define alike is shared; what they define differently under one name gets the service's
name in front, in every document that has it, so that the outcome does not depend on who came first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gateway.errors import (
    AnswerLost,
    BodyTooLarge,
    ClientStalled,
    DeadlinePassed,
    GatewayError,
    ServiceDown,
    TooManyRequests,
)
from gateway.routes import FAMILIES, PUBLIC_FAMILIES

Document = Mapping[str, Any]
Name = tuple[str, str]
"""Section of the components, name within it."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SECURITY: Mapping[str, list[str]] = {"accessToken": []}
SECURITY_SCHEMES = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of `POST /v1/sign-in/token`.",
    }
}

OWN_REFUSALS: tuple[type[GatewayError], ...] = (TooManyRequests, AnswerLost, ServiceDown, DeadlinePassed)
OWN_REFUSALS_OF_BODIES: tuple[type[GatewayError], ...] = (ClientStalled, BodyTooLarge)
"""What the door may answer to any operation in place of its service, and to any that takes a body."""

PROBLEM: Name = ("schemas", "Problem")


def merged(documents: Mapping[str, Document], info: Document) -> dict[str, Any]:
    """Return one document of what the gateway offers of each service's."""
    clashing = _clashing_components(documents)
    operations = _clashing_operations(documents)
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = defaultdict(dict)
    tags: dict[str, Any] = {}
    for service, document in documents.items():
        renamed = _renamer(service, clashing)
        for path, item in _offered(service, document):
            paths[path] = _secured(path, _with_operation_ids(service, renamed(item), operations))
        for (section, name), definition in _components(document):
            new_name = _name(service, (section, name), clashing)
            components[section][new_name] = _retitled(renamed(definition), name, new_name)
        for tag in document.get("tags", []):
            tags.setdefault(tag["name"], tag)
    if PROBLEM[1] in components[PROBLEM[0]]:
        paths = {path: _with_own_refusals(item) for path, item in paths.items()}
    components["securitySchemes"] = dict(SECURITY_SCHEMES)
    return {
        "openapi": "3.1.0",
        "info": dict(info),
        "servers": [{"url": "/"}],
        "security": [SECURITY],
        "tags": list(tags.values()),
        "paths": dict(sorted(paths.items())),
        "components": {section: dict(sorted(members.items())) for section, members in sorted(components.items())},
    }


def _offered(service: str, document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the paths that the gateway routes to this service."""
    for path, item in document.get("paths", {}).items():
        _, _, rest = path.partition("/v1/")
        if path.startswith("/v1/") and FAMILIES.get(rest.split("/")[0]) == service:
            yield path, item


def _components(document: Document) -> Iterator[tuple[Name, Any]]:
    """Yield what the components define; the ways to sign in are the gateway's own."""
    for section, members in document.get("components", {}).items():
        if section != "securitySchemes" and not section.startswith("x-"):
            for name, definition in members.items():
                yield (section, name), definition


def _clashing_components(documents: Mapping[str, Document]) -> frozenset[Name]:
    """Return the names that mean different things, by themselves or by what they refer to."""
    meanings: dict[Name, list[Any]] = defaultdict(list)
    for document in documents.values():
        for name, definition in _components(document):
            meanings[name].append(definition)
    shared = {name: defined for name, defined in meanings.items() if len(defined) > 1}
    clashing = {name for name, defined in shared.items() if any(other != defined[0] for other in defined[1:])}
    refers_to = {name: _references(defined[0]) for name, defined in shared.items()}
    while more := {name for name, targets in refers_to.items() if name not in clashing and targets & clashing}:
        clashing |= more
    return frozenset(clashing)


def _clashing_operations(documents: Mapping[str, Document]) -> frozenset[str]:
    seen: dict[str, int] = defaultdict(int)
    for service, document in documents.items():
        for _, item in _offered(service, document):
            for method in METHODS:
                if "operationId" in item.get(method, {}):
                    seen[item[method]["operationId"]] += 1
    return frozenset(name for name, count in seen.items() if count > 1)


def _references(part: Any) -> frozenset[Name]:
    found = set()

    def note(reference: str) -> str:
        if target := _target(reference):
            found.add(target)
        return reference

    _with_references(part, note)
    return frozenset(found)


def _target(reference: str) -> Name | None:
    if not reference.startswith("#/components/"):
        return None
    _, _, section, name = reference.split("/", 3)
    return section, name


def _name(service: str, name: Name, clashing: frozenset[Name]) -> str:
    return service.capitalize() + name[1] if name in clashing else name[1]


def _retitled(definition: Any, name: str, new_name: str) -> Any:
    """Let the title follow the name: generators name a type by its title, and two would have the same."""
    if name != new_name and isinstance(definition, dict) and definition.get("title") == name:
        return definition | {"title": new_name}
    return definition


def _renamer(service: str, clashing: frozenset[Name]) -> Callable[[Any], Any]:
    def renamed(reference: str) -> str:
        target = _target(reference)
        return f"#/components/{target[0]}/{_name(service, target, clashing)}" if target else reference

    return lambda part: _with_references(part, renamed)


def _with_references(part: Any, change: Callable[[str], str]) -> Any:
    """Return a copy with every reference changed; what only looks like one (an example) is left alone."""
    if isinstance(part, list):
        return [_with_references(member, change) for member in part]
    if not isinstance(part, dict):
        return part
    copy: dict[str, Any] = {}
    for key, value in part.items():
        if key == "$ref" and isinstance(value, str):
            copy[key] = change(value)
        elif key == "mapping" and "propertyName" in part and isinstance(value, dict):
            copy[key] = {name: change(target) for name, target in value.items()}
        elif key in {"example", "examples", "default", "const", "enum"} and not _is_map_of_references(value):
            copy[key] = value
        else:
            copy[key] = _with_references(value, change)
    return copy


def _is_map_of_references(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(member, dict) and "$ref" in member for member in value.values())


def _with_operation_ids(service: str, item: dict[str, Any], clashing: frozenset[str]) -> dict[str, Any]:
    for method in METHODS:
        operation = item.get(method)
        if operation and operation.get("operationId") in clashing:
            item[method] = operation | {"operationId": f"{service}_{operation['operationId']}"}
    return item


def _with_own_refusals(item: dict[str, Any]) -> dict[str, Any]:
    """Say of each operation what the door itself may answer."""
    for method in METHODS:
        if operation := item.get(method):
            refusals = OWN_REFUSALS + (OWN_REFUSALS_OF_BODIES if "requestBody" in operation else ())
            item[method] = operation | {"responses": {**_refused(refusals), **operation.get("responses", {})}}
    return item


def _refused(refusals: Sequence[type[GatewayError]]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/" + "/".join(PROBLEM)}}}
    return {str(refusal.status): {"description": refusal.title, "content": content} for refusal in refusals}


def _secured(path: str, item: dict[str, Any]) -> dict[str, Any]:
    """Say of each operation what the door asks for, whatever the service called it."""
    public = path.split("/")[2] in PUBLIC_FAMILIES
    for method in METHODS:
        if method in item:
            item[method] = item[method] | {"security": [] if public else [SECURITY]}
    return item
