"""Business units through the API."""

from typing import Any

from servicekit.values.ids import new_id
from services.team.business_units.rules import check_parent
from tests.house import Client
from tests.make import Make, word


async def unit(admin: Client, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = await admin.done("POST", "/v1/business-units", {"name": f"Unit {word()}", **given})
    return made


async def test_a_tree_with_heads(admin: Client, make: Make) -> None:
    head = await make.person()
    top = await unit(admin, head_id=head.id)
    below = await unit(admin, parent_id=top["id"])

    assert (await head.done("GET", f"/v1/business-units/{below['id']}")) == below
    listed = await head.done("GET", f"/v1/business-units?parent_id={top['id']}")
    assert [item["id"] for item in listed["items"]] == [below["id"]]
    found = await head.done("GET", f"/v1/business-units?search={top['name'].split()[1].upper()}")
    assert [item["id"] for item in found["items"]] == [top["id"]]


async def test_no_unit_is_part_of_itself(admin: Client) -> None:
    top = await unit(admin)
    middle = await unit(admin, parent_id=top["id"])
    bottom = await unit(admin, parent_id=middle["id"])

    for parent in (top, bottom):
        answer = await admin.patch(f"/v1/business-units/{top['id']}", {"parent_id": parent["id"]}, if_match=1)
        assert (answer.status_code, answer.json()["code"]) == (422, "unit_in_itself")
    moved = await admin.patch(f"/v1/business-units/{bottom['id']}", {"parent_id": top["id"]}, if_match=1)
    assert moved.json()["version"] == 2


async def test_unknown_people_and_units_are_refused(admin: Client, make: Make) -> None:
    for field, code in (("parent_id", "unknown_business_unit"), ("head_id", "unknown_head")):
        answer = await admin.post("/v1/business-units", {"name": "Unit", field: str(new_id())})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert (await admin.get(f"/v1/business-units/{new_id()}")).status_code == 404
    refused = await (await make.person()).post("/v1/business-units", {"name": "Unit"})
    assert (refused.status_code, refused.json()["code"]) == (403, "administration_not_allowed")


async def test_a_batch_answers_for_each_item(admin: Client) -> None:
    first, second = word(), word()

    def item(reference: str, **given: Any) -> dict[str, Any]:
        return {"external_reference": {"system": "erp", "id": reference}, "name": f"Unit {reference}", **given}

    async def outcomes(*items: dict[str, Any]) -> list[str]:
        answer = await admin.done("POST", "/v1/business-units/batches", {"items": list(items)})
        return [item["outcome"] for item in answer["items"]]

    assert await outcomes(item(first), item(second), item(word(), colour="red")) == ["created", "created", "rejected"]
    assert await outcomes(item(first), item(second, name="Renamed")) == ["unchanged", "updated"]
    put = await admin.put(f"/v1/business-units/by-reference/erp/{first}", {"name": "Put"})
    assert (put.json()["name"], put.json()["version"]) == ("Put", 2)


async def test_a_person_belongs_to_a_unit(admin: Client, make: Make) -> None:
    home = await unit(admin)
    person = await make.person(business_unit_id=home["id"])

    listed = await admin.done("GET", f"/v1/people?business_unit_id={home['id']}")

    assert [item["id"] for item in listed["items"]] == [person.id]


def test_a_unit_without_parent_is_part_of_nothing() -> None:
    check_parent(new_id(), None, {})
