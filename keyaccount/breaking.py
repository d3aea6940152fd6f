"""What in an OpenAPI document breaks its clients, compared with one that they were written for.

Pure: two documents in, sentences out. Additions pass. What a client sends must still be taken, so an input may only
grow wider; what a client gets must still be understood, so an answer may only grow narrower, and have more fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
TEXT = frozenset(
    {"title", "description", "examples", "example", "deprecated", "discriminator", "readOnly", "writeOnly"}
)
LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
COMPARED = frozenset(
    {"type", "format", "enum", "const", "properties", "required", "additionalProperties", "items", "default", "$ref"}
)
CHOICES = ("anyOf", "oneOf")
WHAT_A_SCHEME_IS = ("type", "scheme", "in", "name", "openIdConnectUrl")


def breaks(old: Json, new: Json) -> list[str]:
    """Return what breaks a client of the old document, each once: `GET /path: what`, or `scheme name: what`."""
    found = [*_schemes(old, new)]
    for path, methods in old.get("paths", {}).items():
        for method in METHODS & methods.keys():
            operation = _operation(old, path, method)
            changed = new.get("paths", {}).get(path, {}).get(method)
            if changed is None:
                sentences: list[str] = ["is gone"]
            else:
                sentences = [*_of_operation(old, new, operation, _operation(new, path, method))]
            found += [f"{method.upper()} {path}: {sentence}" for sentence in sentences]
    return sorted(dict.fromkeys(found))


def declared_breaks(changelog: str) -> set[str]:
    """Return the breaks that a changelog admits for the coming release: its lines "- Breaks: `…`"."""
    unreleased = changelog.partition("## Unreleased")[2].partition("\n## ")[0]
    beginning = "- Breaks: `"
    return {
        line.removeprefix(beginning).partition("`")[0] for line in unreleased.splitlines() if line.startswith(beginning)
    }


def _operation(document: Json, path: str, method: str) -> Json:
    """Return an operation with what its path and its document say for all of theirs."""
    item = document["paths"][path]
    operation = item[method]
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    security = operation.get("security", document.get("security", []))
    return {**operation, "parameters": parameters, "security": security}


def _schemes(old: Json, new: Json) -> Iterator[str]:
    now = new.get("components", {}).get("securitySchemes", {})
    for name, scheme in old.get("components", {}).get("securitySchemes", {}).items():
        if any(scheme.get(key) != now.get(name, {}).get(key) for key in WHAT_A_SCHEME_IS):
            yield f"scheme {name}: is gone or another one"


def _of_operation(old: Json, new: Json, before: Json, after: Json) -> Iterator[str]:
    if before.get("operationId") != after.get("operationId"):
        yield f"the operationId was {before.get('operationId')} and is {after.get('operationId')}"
    if not _demands_no_more(before["security"], after["security"]):
        yield "security demands more"
    yield from _of_parameters(old, new, before, after)
    yield from _of_body(old, new, before, after)
    yield from _of_answers(old, new, before, after)


def _demands_no_more(before: list[Json], after: list[Json]) -> bool:
    """Whether each way in that sufficed still does; no way named, or an empty one, lets everybody in."""
    return all(
        any(
            all(name in way and set(scopes) <= set(way[name]) for name, scopes in demanded.items())
            for demanded in after or [{}]
        )
        for way in before or [{}]
    )


def _of_parameters(old: Json, new: Json, before: Json, after: Json) -> Iterator[str]:
    was, now = _parameters(old, before), _parameters(new, after)
    for where, parameter in was.items():
        if where not in now:
            yield f"{where} is no longer taken"
            continue
        if now[where].get("required") and not parameter.get("required"):
            yield f"{where} is now required"
        yield from Comparison(old, new, of_input=True).compare(parameter["schema"], now[where]["schema"], where)
    yield from (f"{where} is new and required" for where in now.keys() - was.keys() if now[where].get("required"))


def _parameters(document: Json, operation: Json) -> dict[str, Json]:
    resolved = [resolve(document, parameter) for parameter in operation["parameters"]]
    return {
        f"{each['in']} {each['name'].lower() if each['in'] == 'header' else each['name']}": each for each in resolved
    }


def _of_body(old: Json, new: Json, before: Json, after: Json) -> Iterator[str]:
    was, now = resolve(old, before.get("requestBody", {})), resolve(new, after.get("requestBody", {}))
    if now.get("required") and not was.get("required"):
        yield "the body is now required"
    yield from _of_contents(Comparison(old, new, of_input=True), was, now, "body")


def _of_answers(old: Json, new: Json, before: Json, after: Json) -> Iterator[str]:
    for status, answer in before["responses"].items():
        if status not in after["responses"]:
            yield f"answer {status} is gone"
            continue
        was, now = resolve(old, answer), resolve(new, after["responses"][status])
        comparison = Comparison(old, new, of_input=False)
        yield from _of_contents(comparison, was, now, f"answer {status}")
        headers = {name.lower(): resolve(new, header) for name, header in now.get("headers", {}).items()}
        for name, header in was.get("headers", {}).items():
            where = f"answer {status} header {name.lower()}"
            if name.lower() not in headers:
                yield f"{where} is gone"
            else:
                schemas = resolve(old, header).get("schema", {}), headers[name.lower()].get("schema", {})
                yield from comparison.compare(*schemas, where)


def _of_contents(comparison: "Comparison", was: Json, now: Json, where: str) -> Iterator[str]:
    for kind, content in was.get("content", {}).items():
        changed = now.get("content", {}).get(kind)
        if changed is None:
            yield f"{where} is no longer {kind}"
        else:
            yield from comparison.compare(content.get("schema", {}), changed.get("schema", {}), where)


def resolve(document: Json, part: Json) -> Json:
    """Return what a `$ref` within a document stands for, or the part itself; what stands beside it counts too."""
    while "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        part = {**target, **{name: value for name, value in part.items() if name != "$ref"}}
    return part


@dataclass
class Comparison:
    """Compares schemas: of inputs, the old must lie within the new, of answers the new within the old."""

    old: Json
    new: Json
    of_input: bool
    under_way: set[tuple[int, int]] = field(default_factory=set)

    def compare(self, was: Json, now: Json, where: str) -> list[str]:
        """Return what of a schema breaks a client."""
        places = (id(was), id(now))
        if places in self.under_way:
            return []  # a schema within itself, which is being compared
        self.under_way.add(places)
        found = [*self._compare(was, now, where)]
        self.under_way.remove(places)
        return found

    def _compare(self, was: Json, now: Json, where: str) -> Iterator[str]:
        old, new = resolve(self.old, was), resolve(self.new, now)
        if self.of_input and "default" in old and old["default"] != new.get("default"):
            yield f"{where}: the default was {old['default']!r} and is {new.get('default')!r}"
        before, after = [*_alternatives(self.old, old)], [*_alternatives(self.new, new)]
        for one in before if self.of_input else after:
            yield from self._best(one, after if self.of_input else before, where)

    def _best(self, narrow: Json, wide: list[Json], where: str) -> list[str]:
        """Return what keeps an alternative from lying within one of the others, the one it is nearest to."""
        same = [each for each in wide if _type_within(narrow, each)]
        if not same:
            what = _name(narrow)
            return [f"{where}: {what} is no longer taken" if self.of_input else f"{where}: may now be {what}"]
        return min((self._within(narrow, each, where) for each in same), key=len)

    def _within(self, narrow: Json, wide: Json, where: str) -> list[str]:
        was, now = (narrow, wide) if self.of_input else (wide, narrow)
        return [
            *self._of_values(narrow, wide, where),
            *self._of_limits(narrow, wide, where),
            *self._of_fields(was, now, where),
            *self._of_other_fields(narrow, wide, where),
            *self._of_items(was, now, where),
        ]

    def _of_items(self, was: Json, now: Json, where: str) -> list[str]:
        if "items" not in was and "items" not in now:
            return []
        return self.compare(was.get("items", {}), now.get("items", {}), f"{where}[]")

    def _of_values(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        few, many = _values(narrow), _values(wide)
        if many is not None and few is None:
            yield f"{where}: {'takes only some values now' if self.of_input else 'may now have any value'}"
        elif many is not None and few is not None:
            for value in few:
                if value not in many:
                    yield f"{where}: {value!r} {'is no longer taken' if self.of_input else 'is a new value'}"

    def _of_limits(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        """Limits of an answer bind the service alone; of what is not known here, any change counts."""
        for name in sorted((narrow.keys() | wide.keys()) - COMPARED - TEXT - set(CHOICES)):
            before, after = (narrow.get(name), wide.get(name)) if self.of_input else (wide.get(name), narrow.get(name))
            if before == after or name.startswith("x-"):
                continue
            if not self.of_input and (name in LOWER | UPPER or name in {"pattern", "multipleOf", "uniqueItems"}):
                continue
            wider = after is None or (
                before is not None and ((name in LOWER and after < before) or (name in UPPER and after > before))
            )
            if not (self.of_input and wider):
                yield f"{where}: {name} was {before!r} and is {after!r}"

    def _of_fields(self, was: Json, now: Json, where: str) -> Iterator[str]:
        before, after = was.get("properties", {}), now.get("properties", {})
        must_before, must_after = set(was.get("required", [])), set(now.get("required", []))
        for name, schema in before.items():
            if name in after:
                yield from self.compare(schema, after[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is {'no longer taken' if self.of_input else 'gone'}"
        if self.of_input:
            yield from (f"{where}.{name} is now required" for name in sorted(must_after - must_before))
        else:
            yield from (
                f"{where}.{name} may now be left out" for name in sorted((must_before - must_after) & after.keys())
            )

    def _of_other_fields(self, narrow: Json, wide: Json, where: str) -> Iterator[str]:
        few, many = (each.get("additionalProperties", True) for each in (narrow, wide))
        if few is False or many is True or (many is False and not self.of_input):
            return
        if many is False:
            yield f"{where}: other fields are no longer taken"
            return
        few, many = ({} if each is True else each for each in (few, many))
        yield from self.compare(*((few, many) if self.of_input else (many, few)), f"{where}.*")


def _alternatives(document: Json, schema: Json) -> Iterator[Json]:
    """Return what a value may be, one of a single type each."""
    for choice in CHOICES:
        if choice in schema:
            for each in schema[choice]:
                yield from _alternatives(document, resolve(document, each))
            return
    if isinstance(schema.get("type"), list):
        yield from ({**schema, "type": each} for each in schema["type"])
    else:
        yield schema


def _type_within(narrow: Json, wide: Json) -> bool:
    """Whether type and format are the same, or the wide one's hold the narrow one's."""
    kinds = (narrow.get("type"), wide.get("type"))
    return (kinds[1] in {None, kinds[0]} or kinds == ("integer", "number")) and (
        wide.get("format") in {None, narrow.get("format")}
    )


def _values(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _name(schema: Json) -> str:
    kind, form = schema.get("type", "anything"), schema.get("format")
    return f"{kind} ({form})" if form else str(kind)
