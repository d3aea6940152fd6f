"""Broken requests, made from a service's OpenAPI document: each has one thing wrong, and says where.

`must` says that the document itself forbids the value; the others are allowed by it and absurd, and the service may
take or refuse them, as long as it answers.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from servicekit.values.ids import new_id

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]

SURROGATE = "\ud800"
RAW = re.compile(r'"raw:([^"]*)"')
DEEP = 100_000
SAMPLES = {
    "currency": "USD",
    "from_currency": "CHF",
    "to_currency": "SEK",
    "country": "DE",
    "email": "somebody@example.com",
    "system": "scene",
    "legal_name": "Somebody Ltd",
    "stage": "find_contact",
    "to_stage": "shortlist",
    "website": "https://example.com",
    "criteria": "budget_known",
    "value": "1",
    "scheme": "duns",
    "start": "2026-10-01",
    "until": "2027-12-10",
    "until_date": "2027-12-10",
    "username": "some.body",
    "password": "a long one, for tests",
    "period": "2027-Q1",
    "confirmable_stages": "shortlist",
    "event_types": "customer.created",
    "url": "https://127.0.0.1:9/",
}
NAMED = {
    "account_manager_id": "seller_person",
    "principal_id": "seller_person",
    "superior_id": "superior_person",
    "person_id": "newcomer_person",
    "stand_in_id": "outsider_person",
    "successor_id": "newcomer_person",
    "head_id": "head_person",
    "head_ids": "head_person",
    "report_id": "junior_person",
    "product_line_id": "line_id",
    "business_unit_id": "unit_id",
}


@dataclass(frozen=True)
class Broken:
    """A body with one thing wrong at `path`."""

    what: str
    path: Path
    content: bytes
    must: bool

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.path)


@dataclass(frozen=True)
class Leaf:
    """A place in a body, and what the document says of it."""

    path: Path
    schema: Schema
    nullable: bool


class Document:
    """A service's OpenAPI document."""

    def __init__(self, content: Mapping[str, Any], ids: Mapping[str, str]) -> None:
        self.content = content
        self.ids = ids

    def resolved(self, schema: Schema) -> tuple[Schema, bool]:
        """Return what a schema comes to, and whether null is allowed; of several forms the richest one counts."""
        if "$ref" in schema:
            return self.resolved(self.content["components"]["schemas"][schema["$ref"].split("/")[-1]])
        if "anyOf" in schema:
            forms = [self.resolved(form)[0] for form in schema["anyOf"]]
            real = [form for form in forms if form.get("type") != "null"]
            chosen = max(real, key=lambda form: (form.get("type") == "object", form.get("type") == "string"))
            return {**chosen, "forms": max(len(real), chosen.get("forms", 1))}, len(real) < len(forms)
        return schema, schema.get("type") == "null"

    def sample(self, name: str, schema: Schema) -> Any:
        """Return a plausible value, with every field."""
        found, _ = self.resolved(schema)
        if "const" in found or "enum" in found:
            return found.get("const", found.get("enum", [None])[0])
        return self._of_kind(name, found)

    def _of_kind(self, name: str, schema: Schema) -> Any:
        plain = {"null": None, "boolean": False, "integer": max(1, schema.get("minimum", 1)), "number": 1}
        match schema.get("type"):
            case "object":
                fields = dict(schema.get("properties", {}))
                if "product_id" in fields:
                    fields.pop("product_line_id", None)  # of the two one is named
                if not fields:
                    return {"colour": self._entry(schema)}
                return {key: self.sample(key, each) for key, each in fields.items()}
            case "array":
                return [self.sample(name, schema["items"])] * max(1, schema.get("minItems", 1))
            case kind:
                return plain[kind] if kind in plain else self._text(name, schema)

    def _entry(self, schema: Schema) -> Any:
        """Return a plausible value of a mapping; where the document says nothing of it, a word."""
        entries = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        return self.sample("colour", entries) if isinstance(entries, dict) and entries else "red"

    def _text(self, name: str, schema: Schema) -> str:
        match schema.get("format"):
            case "uuid":
                return self.ids.get(NAMED.get(name, name), str(new_id()))
            case "date":
                return SAMPLES.get(name, "2026-12-10")
            case "date-time":
                return "2026-11-01T08:00:00Z"
        if name in SAMPLES:
            return SAMPLES[name]
        if schema.get("pattern", "").startswith("^https?:"):
            return "https://example.com/page"
        return "1" if is_decimal(schema) else "text"

    def leaves(self, schema: Schema, path: Path = ()) -> Iterator[Leaf]:
        """Yield every place in a body."""
        found, nullable = self.resolved(schema)
        if path:
            yield Leaf(path, found, nullable)
        for name, each in found.get("properties", {}).items():
            yield from self.leaves(each, (*path, name))
        if found.get("type") == "array":
            yield from self.leaves(found["items"], (*path, 0))


def is_decimal(schema: Schema) -> bool:
    """Whether a text is an exact number: the document gives such a pattern, or a number beside it."""
    return "format" not in schema and (
        "?!" in schema.get("pattern", "") or "\\d" in schema.get("pattern", "") or schema.get("forms", 1) > 1
    )


def broken_bodies(document: Document, schema: Schema, seed: str, per_leaf: int) -> Iterator[Broken]:
    """Yield bodies with one thing wrong each: some for every place, and those that are no body at all."""
    body = document.sample("", schema)
    chance = random.Random(seed)  # noqa: S311 - the same every time
    yield from _no_bodies()
    required = document.resolved(schema)[0].get("required", ())
    for name in required:
        yield Broken("missing", (name,), _written({key: value for key, value in body.items() if key != name}), True)
    if isinstance(body, dict):
        yield Broken("unknown", ("surprise",), _written(body | {"surprise": 1}), True)
    for leaf in document.leaves(schema):
        values = list(_values(leaf))
        for what, value, must in chance.sample(values, min(per_leaf, len(values))):
            yield Broken(what, leaf.path, _written(_with(body, leaf.path, value)), must)


def _no_bodies() -> Iterator[Broken]:
    for what, content in (
        ("cut off", b'{"name": "x'),
        ("empty", b""),
        ("a list", b"[]"),
        ("a word", b"text"),
        ("two", b"{} {}"),
        ("not UTF-8", b'{"name": "\xff\xfe"}'),
        ("UTF-16", '{"name": "x"}'.encode("utf-16")),
        ("deep", b"[" * DEEP + b"]" * DEEP),
        ("deep objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ):
        yield Broken(what, (), content, must=what != "UTF-16")


def _values(leaf: Leaf) -> Iterator[tuple[str, Any, bool]]:
    """Yield what is wrong, the value, and whether the document forbids it."""
    schema, kind = leaf.schema, leaf.schema.get("type")
    if not leaf.nullable:
        yield "null", None, True
    if kind != "object":
        yield "an object", {"x": 1}, True
    if kind != "array":
        yield "a list", [1], True
    match kind:
        case "string":
            yield from _texts(schema, one_form=schema.get("forms", 1) == 1)
        case "integer" | "number":
            yield "a word", "many", True
            for number in (-1, 0, 2**31, 2**63, 10**40, "raw:1e400", "raw:-1e400", 1.5):
                yield f"{number}", number, False
        case "boolean":
            yield "perhaps", "perhaps", True
            yield "two", 2, True
        case "array":
            yield "a word", "text", True
            yield "null in it", [None], True
            yield "many", [None] * (schema.get("maxItems", 1000) + 1), True
        case _ if "properties" not in schema:
            yield from _entries()


def _entries() -> Iterator[tuple[str, Any, bool]]:
    for what, value, must in (("NUL", "\0", True), ("surrogate", SURROGATE, True), ("object", {}, True)):
        yield f"{what} in it", {"colour": value}, must
    for what, value in (("NUL", "\0"), ("surrogate", SURROGATE)):
        yield f"{what} as name", {value: "red"}, True


def _texts(schema: Schema, *, one_form: bool) -> Iterator[tuple[str, Any, bool]]:
    if one_form and not is_decimal(schema):
        yield "a number", 1, schema.get("format") not in {"date", "date-time"}
    yield "NUL", "a\0b", True
    yield "surrogate", f"a{SURROGATE}b", True
    yield "right to left", "\u202e\u200b\ufeff", False
    if "maxLength" in schema:
        yield "too long", "x" * (schema["maxLength"] + 1), True
    else:
        yield "very long", "x" * 100_000, False
    for what in _wrong_texts(schema):
        yield what, what, one_form or is_decimal(schema)
    for what in _absurd_texts(schema):
        yield what, what, False


def _wrong_texts(schema: Schema) -> tuple[str, ...]:
    if "enum" in schema or "const" in schema:
        return ("no such thing",)
    match schema.get("format"):
        case "uuid":
            return ("not-an-id", "00000000-0000-0000-0000-00000000000g")
        case "date":
            return ("0000-01-01", "2026-02-30", "yesterday", "10000-01-01", "２０２６-１１-01x")
        case "date-time":
            return ("2026-01-01T00:00:00", "2026-01-01T25:00:00Z", "now")
    return ("NaN", "Infinity", "a lot", "") if is_decimal(schema) else ()


def _absurd_texts(schema: Schema) -> tuple[str, ...]:
    match schema.get("format"):
        case "date":
            return ("0001-01-01", "9999-12-31")
        case "date-time":
            return ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-01T08:00:00.1234567890Z")
    if is_decimal(schema):
        return ("1e400", "-1e400", "1e-400", "-0", "1_000", "１２", "9" * 5000, "0." + "1" * 60, "-5")
    return ("", " ", "'; DROP TABLE audit; --", "💥" * 50)


def _with(body: Any, path: Path, value: Any) -> Any:
    changed = deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def _written(body: Any) -> bytes:
    """Write JSON in ASCII, so that a lone surrogate can be sent as an escape; a raw number stays as it is."""
    return RAW.sub(r"\1", json.dumps(body)).encode()
