"""What a mapping may fill is what the services take: compared with their own documents."""

from typing import Any

import pytest

from keyaccount.importing.kinds import KINDS, FieldType, Holds, Many, Refers
from tests.house import SERVICE_BY_SEGMENT, House


class Schemas:
    """The schemas of a service's document, references followed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def of_items(self, kind: str) -> dict[str, Any]:
        operation = self._document["paths"][f"/v1/{kind}/batches"]["post"]
        body = self.followed(operation["requestBody"]["content"]["application/json"]["schema"])
        return self.followed(body["properties"]["items"]["items"])

    def followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.followed(self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        return self.followed(kinds[0]) if kinds else schema

    def check(self, schema: dict[str, Any], fields: dict[str, FieldType]) -> None:
        properties = {name: self.followed(one) for name, one in schema["properties"].items()}
        named_by_id = {f"{name.removesuffix('_id')}_reference" for name in fields if name.endswith("_id")}
        assert properties.keys() - {"external_reference"} - named_by_id == fields.keys()
        for name, holds in fields.items():
            given = properties[name]
            if isinstance(holds, Many):
                self.check(self.followed(given["items"]), dict(holds.fields))
            elif isinstance(holds, Refers):
                assert given.get("format") == "uuid", name
            elif holds in {Holds.DATE, Holds.INSTANT}:
                assert given.get("format") in {"date", "date-time"}, name
            elif holds is Holds.INTEGER:
                assert given["type"] == "integer", name
            elif holds is Holds.BOOLEAN:
                assert given["type"] == "boolean", name
            elif holds is Holds.MONEY:
                assert given["properties"].keys() == {"amount", "currency"}, name
            elif holds is Holds.NAMED_TEXTS:
                assert given["type"] == "object", name
            elif holds is Holds.TEXTS:
                assert given["type"] == "array", name


@pytest.mark.parametrize("kind", KINDS)
async def test_fields_are_those_of_the_batch_api(house: House, kind: str) -> None:
    schemas = Schemas(house.apps[SERVICE_BY_SEGMENT[kind]].openapi())
    schema = schemas.of_items(kind)

    schemas.check(schema, dict(KINDS[kind].fields))
    assert set(schema.get("required", ())) - {"external_reference"} <= KINDS[kind].required
    assert ("external_reference" in schema.get("required", ())) is KINDS[kind].has_reference
