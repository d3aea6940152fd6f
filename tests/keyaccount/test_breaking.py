"""Every kind of change that breaks a client is named, and none that does not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from keyaccount.breaking import breaks, declared_breaks

Document = dict[str, Any]
Change = Callable[[Document], Any]

PATH = "/v1/boots/{id}"


def document() -> Document:
    """Return a small document with everything in it that ours have."""
    boot = {
        "type": "object",
        "required": ["id", "name", "state", "owner"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "maxLength": 100},
            "state": {"type": "string", "enum": ["new", "worn"]},
            "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "pairs": {"type": "array", "items": {"$ref": "#/components/schemas/Boot"}},
        },
    }
    change = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[a-z]+$"},
            "size": {"anyOf": [{"type": "number", "minimum": 10, "maximum": 60}, {"type": "null"}], "default": None},
            "kind": {"type": "string", "enum": ["winter", "summer"]},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
        },
    }
    operation = {
        "operationId": "changeBoot",
        "security": [{"bearer": ["boots:write"]}],
        "parameters": [
            {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}},
            {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 500, "default": 50}},
            {"$ref": "#/components/parameters/Key"},
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}}},
        "responses": {
            "200": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Boot"}}},
                "headers": {"ETag": {"schema": {"type": "string"}}},
            },
            "404": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
        },
    }
    return {
        "paths": {PATH: {"patch": operation}},
        "components": {
            "parameters": {"Key": {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Boot": boot,
                "Change": change,
                "Owner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            },
        },
    }


def operation(given: Document) -> Document:
    found: Document = given["paths"][PATH]["patch"]
    return found


def fields(given: Document, schema: str = "Boot") -> Document:
    found: Document = given["components"]["schemas"][schema]["properties"]
    return found


def schema_of(given: Document, name: str) -> Document:
    found: Document = given["components"]["schemas"][name]
    return found


def size(given: Document) -> Document:
    found: Document = fields(given, "Change")["size"]["anyOf"][0]
    return found


BREAKS: dict[str, tuple[Change, str]] = {
    "path removed": (lambda d: d["paths"].clear(), "is gone"),
    "method removed": (lambda d: d["paths"][PATH].update(get=d["paths"][PATH].pop("patch")), "is gone"),
    "operation renamed": (lambda d: operation(d).update(operationId="patchBoot"), "was changeBoot and is patchBoot"),
    "answer field removed": (lambda d: fields(d).pop("name"), "answer 200.name is gone"),
    "answer field renamed": (lambda d: fields(d).update(title=fields(d).pop("name")), "answer 200.name is gone"),
    "answer field of another type": (
        lambda d: fields(d)["name"].update(type="integer"),
        "answer 200.name: may now be integer",
    ),
    "answer field of another format": (
        lambda d: fields(d)["id"].update(format="uri"),
        "answer 200.id: may now be string (uri)",
    ),
    "answer field may be null": (
        lambda d: fields(d).update(name={"anyOf": [fields(d)["name"], {"type": "null"}]}),
        "answer 200.name: may now be null",
    ),
    "answer field may be null by a list of types": (
        lambda d: fields(d)["name"].update(type=["string", "null"]),
        "answer 200.name: may now be null",
    ),
    "answer field may be left out": (
        lambda d: schema_of(d, "Boot")["required"].remove("name"),
        "answer 200.name may now be left out",
    ),
    "field removed in what is referred to": (
        lambda d: fields(d, "Owner").pop("id"),
        "answer 200.owner.id is gone",
    ),
    "answer enum widened": (lambda d: fields(d)["state"]["enum"].append("lost"), "'lost' is a new value"),
    "answer enum given up": (lambda d: fields(d)["state"].pop("enum"), "answer 200.state: may now have any value"),
    "values of a map of another type": (
        lambda d: fields(d)["counts"].update(additionalProperties={"type": "string"}),
        "answer 200.counts.*: may now be string",
    ),
    "items of another type": (
        lambda d: fields(d)["pairs"].update(items={"type": "string"}),
        "answer 200.pairs[]: may now be string",
    ),
    "status removed": (lambda d: operation(d)["responses"].pop("404"), "answer 404 is gone"),
    "success status changed": (
        lambda d: operation(d)["responses"].update({"201": operation(d)["responses"].pop("200")}),
        "answer 200 is gone",
    ),
    "media type of the answer changed": (
        lambda d: operation(d)["responses"]["200"]["content"].pop("application/json"),
        "answer 200 is no longer application/json",
    ),
    "answer header removed": (lambda d: operation(d)["responses"]["200"]["headers"].clear(), "header etag is gone"),
    "body field newly required": (
        lambda d: schema_of(d, "Change")["required"].append("kind"),
        "body.kind is now required",
    ),
    "new required body field": (
        lambda d: (
            fields(d, "Change").update(colour={"type": "string"}),
            schema_of(d, "Change")["required"].append("colour"),
        ),
        "body.colour is now required",
    ),
    "body newly required": (lambda d: operation(d)["requestBody"].update(required=True), "the body is now required"),
    "body field no longer taken": (lambda d: fields(d, "Change").pop("tags"), "body.tags is no longer taken"),
    "media type of the body no longer taken": (
        lambda d: operation(d)["requestBody"]["content"].clear(),
        "body is no longer application/json",
    ),
    "new required parameter": (
        lambda d: operation(d)["parameters"].append(
            {"in": "query", "name": "unit", "required": True, "schema": {"type": "string"}}
        ),
        "query unit is new and required",
    ),
    "parameter newly required": (
        lambda d: operation(d)["parameters"][1].update(required=True),
        "query limit is now required",
    ),
    "header newly required": (
        lambda d: d["components"]["parameters"]["Key"].update(required=True),
        "header idempotency-key is now required",
    ),
    "parameter removed": (lambda d: operation(d)["parameters"].pop(1), "query limit is no longer taken"),
    "default changed": (
        lambda d: operation(d)["parameters"][1]["schema"].update(default=20),
        "query limit: the default was 50 and is 20",
    ),
    "input of a narrower type": (lambda d: size(d).update(type="integer"), "body.size: number is no longer taken"),
    "input no longer null": (lambda d: fields(d, "Change")["size"]["anyOf"].pop(), "body.size: null is no longer"),
    "input with a format": (
        lambda d: fields(d, "Change")["name"].update(format="email"),
        "body.name: string is no longer taken",
    ),
    "input enum narrowed": (
        lambda d: fields(d, "Change")["kind"]["enum"].remove("summer"),
        "body.kind: 'summer' is no longer taken",
    ),
    "input enum begun": (
        lambda d: fields(d, "Change")["name"].update(enum=["a"]),
        "body.name: takes only some values now",
    ),
    "minimum raised": (lambda d: size(d).update(minimum=20), "body.size: minimum was 10 and is 20"),
    "maximum lowered": (lambda d: size(d).update(maximum=50), "body.size: maximum was 60 and is 50"),
    "exclusive minimum begun": (
        lambda d: size(d).update(exclusiveMinimum=10),
        "body.size: exclusiveMinimum was None and is 10",
    ),
    "least length raised": (lambda d: fields(d, "Change")["name"].update(minLength=2), "minLength was 1 and is 2"),
    "most length lowered": (lambda d: fields(d, "Change")["name"].update(maxLength=50), "maxLength was 100 and is 50"),
    "fewer items": (lambda d: fields(d, "Change")["tags"].update(maxItems=3), "body.tags: maxItems was 5 and is 3"),
    "another pattern": (lambda d: fields(d, "Change")["name"].update(pattern="^[a-c]+$"), "body.name: pattern was"),
    "parameter's maximum lowered": (
        lambda d: operation(d)["parameters"][1]["schema"].update(maximum=100),
        "query limit: maximum was 500 and is 100",
    ),
    "scope demanded": (
        lambda d: operation(d)["security"][0]["bearer"].append("boots:read"),
        "security demands more",
    ),
    "scheme gone": (lambda d: d["components"]["securitySchemes"].clear(), "scheme bearer: is gone or another one"),
}

ADDITIONS: dict[str, Change] = {
    "path": lambda d: d["paths"].update({"/v1/shoes": {"get": {"responses": {}}}}),
    "method": lambda d: d["paths"][PATH].update(get={"responses": {}}),
    "answer field": lambda d: fields(d).update(colour={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "answer field no longer null": lambda d: fields(d)["owner"]["anyOf"].pop(),
    "answer field newly required": lambda d: schema_of(d, "Boot")["required"].append("counts"),
    "answer enum narrowed": lambda d: fields(d)["state"]["enum"].pop(),
    "answer longer": lambda d: fields(d)["name"].update(maxLength=200),
    "status": lambda d: operation(d)["responses"].update({"409": {}}),
    "media type": lambda d: operation(d)["responses"]["200"]["content"].update({"text/csv": {}}),
    "answer header": lambda d: operation(d)["responses"]["200"]["headers"].update(Link={"schema": {"type": "string"}}),
    "optional body field": lambda d: fields(d, "Change").update(colour={"type": "string"}),
    "body field no longer required": lambda d: schema_of(d, "Change")["required"].clear(),
    "body open to other fields": lambda d: schema_of(d, "Change").update(additionalProperties=True),
    "optional parameter": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "unit", "schema": {"type": "string"}}
    ),
    "input also null": lambda d: fields(d, "Change")["name"].update(type=["string", "null"]),
    "input enum widened": lambda d: fields(d, "Change")["kind"]["enum"].append("spring"),
    "input wider": lambda d: size(d).update(minimum=5, maximum=70),
    "input without a maximum": lambda d: size(d).pop("maximum"),
    "input without a pattern": lambda d: fields(d, "Change")["name"].pop("pattern"),
    "number for integer": lambda d: operation(d)["parameters"][1]["schema"].update(type="number"),
    "header in other capitals": lambda d: d["components"]["parameters"]["Key"].update(name="idempotency-key"),
    "other words": lambda d: fields(d)["name"].update(description="What it is called.", title="Name"),
    "schema renamed": lambda d: (
        d["components"]["schemas"].update(NewBoot=schema_of(d, "Boot")),
        operation(d)["responses"]["200"]["content"].update(
            {"application/json": {"schema": {"$ref": "#/components/schemas/NewBoot"}}}
        ),
    ),
    "other way to sign in": lambda d: operation(d)["security"].append({"cookie": []}),
    "open to everybody": lambda d: operation(d)["security"].clear(),
}


def changed(change: Change) -> Document:
    given = copy.deepcopy(document())
    change(given)
    return given


@pytest.mark.parametrize(("change", "said"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_named(change: Change, said: str) -> None:
    found = breaks(document(), changed(change))
    assert any(said in sentence for sentence in found), found
    assert all(sentence.startswith((f"PATCH {PATH}: ", "scheme ")) for sentence in found)


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS)
def test_an_addition_passes(change: Change) -> None:
    assert breaks(document(), changed(change)) == []


def test_what_everybody_could_ask_now_demands_a_sign_in() -> None:
    was_open = changed(lambda d: operation(d)["security"].clear())
    assert breaks(was_open, document()) == [f"PATCH {PATH}: security demands more"]


def test_what_was_open_to_other_fields_is_closed() -> None:
    was_open = changed(lambda d: schema_of(d, "Change").pop("additionalProperties"))
    assert breaks(was_open, document()) == [f"PATCH {PATH}: body: other fields are no longer taken"]


def test_the_changelog_declares_breaks_of_the_coming_release_alone() -> None:
    changelog = (
        "# Changelog\n\n## Unreleased\n\n- Boots.\n- Breaks: `GET /v1/boots: is gone`\n  They are shoes now.\n\n"
        "## 1.0\n\n- Breaks: `GET /v1/hats: is gone`\n"
    )
    assert declared_breaks(changelog) == {"GET /v1/boots: is gone"}
