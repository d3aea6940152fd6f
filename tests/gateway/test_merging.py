import copy
from typing import Any

from openapi_spec_validator import validate

from gateway.documents import INFO
from gateway.merging import merged


def operation(name: str, schema: str | None = None, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}} if schema else {}
    return {"operationId": name, "responses": {"200": {"description": "Fine", "content": content}}} | more


def document(paths: dict[str, Any], schemas: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "A service", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas or {},
            "securitySchemes": {"HTTPBearer": {"type": "http", "scheme": "bearer"}},
        },
    } | more


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def test_paths_of_all_services_and_only_routed_ones() -> None:
    whole = merged(
        {
            "customer": document(
                {"/v1/customers": {"get": operation("list_customers")}, "/health/ready": {"get": operation("ready")}}
            ),
            "team": document(
                {"/v1/people": {"get": operation("list_people")}, "/v1/customers": {"post": operation("stray")}}
            ),
        },
        INFO,
    )
    assert list(whole["paths"]) == ["/v1/customers", "/v1/people"]
    assert list(whole["paths"]["/v1/customers"]) == ["get"]
    assert whole["servers"] == [{"url": "/"}]
    validate(whole)


def test_what_is_alike_is_shared() -> None:
    schemas = {"Problem": {"type": "object", "properties": {"code": TEXT}}}
    whole = merged(
        {
            "customer": document({"/v1/customers": {"get": operation("a", "Problem")}}, schemas),
            "team": document({"/v1/people": {"get": operation("b", "Problem")}}, copy.deepcopy(schemas)),
        },
        INFO,
    )
    assert whole["components"]["schemas"] == schemas
    validate(whole)


def test_titles_follow_names() -> None:
    """Generators name types by titles: two alike, and a client lacks whatever uses the second."""

    def of(role: str) -> dict[str, Any]:
        return {"Role": {"type": "string", "enum": [role], "title": "Role"}}

    whole = merged({"customer": document({}, of("buyer")), "team": document({}, of("seller"))}, INFO)

    titles = {name: schema["title"] for name, schema in whole["components"]["schemas"].items()}
    assert titles == {"CustomerRole": "CustomerRole", "TeamRole": "TeamRole"}


def test_what_the_door_itself_may_answer_is_said() -> None:
    problem = {"Problem": {"type": "object", "properties": {"code": TEXT}}}
    known = {"429": {"description": "Wait"}, "200": {"description": "Fine"}}
    body = {"content": {"application/json": {"schema": TEXT}}}
    paths = {
        "/v1/customers": {
            "get": operation("list_customers") | {"responses": known},
            "post": operation("create_customer", requestBody=body),
        }
    }

    whole = merged({"customer": document(paths, problem)}, INFO)

    asked, sent = (whole["paths"]["/v1/customers"][method]["responses"] for method in ("get", "post"))
    assert set(asked) == {"200", "429", "502", "503", "504"}
    assert asked["429"] == {"description": "Wait"}
    assert set(sent) == {"200", "408", "413", "429", "502", "503", "504"}
    assert "Problem" in str(sent["413"])
    validate(whole)


def test_what_differs_is_told_apart_with_all_that_refers_to_it() -> None:
    def of(detail: dict[str, Any]) -> dict[str, Any]:
        return {
            "Page": {
                "type": "object",
                "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}},
            },
            "Item": {"type": "object", "properties": {"detail": detail}},
            "Alike": TEXT,
        }

    whole = merged(
        {
            "customer": document({"/v1/customers": {"get": operation("list", "Page")}}, of(TEXT)),
            "team": document({"/v1/people": {"get": operation("list", "Page")}}, of(NUMBER)),
        },
        INFO,
    )

    schemas = whole["components"]["schemas"]
    assert set(schemas) == {"Alike", "CustomerItem", "CustomerPage", "TeamItem", "TeamPage"}
    assert schemas["TeamPage"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/TeamItem"}
    assert schemas["TeamItem"]["properties"]["detail"] == NUMBER
    assert "TeamPage" in str(whole["paths"]["/v1/people"])
    assert whole["paths"]["/v1/people"]["get"]["operationId"] == "team_list"
    assert whole["paths"]["/v1/customers"]["get"]["operationId"] == "customer_list"
    validate(whole)


def test_schemas_that_refer_to_each_other() -> None:
    def of(leaf: dict[str, Any]) -> dict[str, Any]:
        return {
            "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {
                "properties": {"a": {"$ref": "#/components/schemas/A"}, "leaf": {"$ref": "#/components/schemas/Leaf"}}
            },
            "Leaf": leaf,
        }

    whole = merged({"customer": document({}, of(TEXT)), "team": document({}, of(NUMBER))}, INFO)
    assert set(whole["components"]["schemas"]) == {
        "CustomerA",
        "CustomerB",
        "CustomerLeaf",
        "TeamA",
        "TeamB",
        "TeamLeaf",
    }


def test_discriminators_follow_and_examples_stay() -> None:
    def of(kind: dict[str, Any]) -> dict[str, Any]:
        return {
            "Cat": kind,
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}],
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
                "examples": [{"$ref": "#/components/schemas/Cat"}],
            },
        }

    whole = merged({"customer": document({}, of(TEXT)), "team": document({}, of(NUMBER))}, INFO)
    pet = whole["components"]["schemas"]["TeamPet"]
    assert pet["discriminator"]["mapping"] == {"cat": "#/components/schemas/TeamCat"}
    assert pet["examples"] == [{"$ref": "#/components/schemas/Cat"}]


def test_the_door_says_what_it_asks_for() -> None:
    whole = merged(
        {
            "team": document(
                {
                    "/v1/sign-in/token": {"post": operation("sign_in", security=[{"HTTPBearer": []}])},
                    "/v1/people": {"get": operation("list_people", security=[{"HTTPBearer": []}])},
                },
                tags=[{"name": "people", "description": "Who works here"}],
            )
        },
        INFO,
    )
    assert whole["paths"]["/v1/sign-in/token"]["post"]["security"] == []
    assert whole["paths"]["/v1/people"]["get"]["security"] == [{"accessToken": []}]
    assert list(whole["components"]["securitySchemes"]) == ["accessToken"]
    assert whole["tags"] == [{"name": "people", "description": "Who works here"}]
    validate(whole)


def test_the_outcome_does_not_depend_on_who_came_first() -> None:
    one = document({"/v1/customers": {"get": operation("list", "Page")}}, {"Page": TEXT})
    other = document({"/v1/people": {"get": operation("list", "Page")}}, {"Page": NUMBER})
    assert merged({"customer": one, "team": other}, INFO) == merged({"team": other, "customer": one}, INFO)


def test_documents_given_are_not_changed() -> None:
    given = {
        "customer": document({"/v1/customers": {"get": operation("list")}}),
        "team": document({"/v1/people": {"get": operation("list")}}),
    }
    before = copy.deepcopy(given)
    merged(given, INFO)
    assert given == before


def test_no_service_at_all() -> None:
    validate(merged({}, INFO))
