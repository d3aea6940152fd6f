"""People as another system lists them, through the API."""

from datetime import date, timedelta
from typing import Any

import pytest

from servicekit.values.ids import new_id
from services.team.reporting_line.rules import Edge
from services.team.roster.rules import SINCE_EVER, ListedSuperior, new_superior_from
from tests.house import Client, House
from tests.make import word


def listed(reference: str, **given: Any) -> dict[str, Any]:
    return {"external_reference": {"system": "hr", "id": reference}, "name": f"Person {reference}", **given}


async def put(client: Client, *items: dict[str, Any], **given: Any) -> list[dict[str, Any]]:
    answer = await client.done("POST", "/v1/people/batches", {"items": list(items), **given})
    outcomes: list[dict[str, Any]] = answer["items"]
    return outcomes


async def test_the_same_list_twice_changes_nothing(house: House) -> None:
    importer = await house.import_client()
    head, seller = word(), word()
    [top] = await put(importer, listed(head, username=head, roles=["auditor"], joined_on="2015-03-01"))
    item = listed(seller, superior_id=top["id"], superior_from="2016-10-01", title="Sales agent", email="a@b.example")

    [first] = await put(importer, item)
    version = (await importer.done("GET", "/v1/org-chart"))["version"]
    [second] = await put(importer, item)
    [again] = await put(importer, listed(head, username=head, roles=["auditor"], joined_on="2015-03-01"))

    assert [top["outcome"], first["outcome"], second["outcome"], again["outcome"]] == [
        "created",
        "created",
        "unchanged",
        "unchanged",
    ]
    assert first["id"] == second["id"]
    assert (await importer.done("GET", "/v1/org-chart"))["version"] == version
    line = await importer.done("GET", f"/v1/people/{first['id']}/superiors?on=2016-10-01")
    assert [item["id"] for item in line["items"]] == [top["id"]]
    assert (await importer.done("GET", f"/v1/people/{top['id']}"))["roles"] == ["auditor"]
    found = await importer.done("GET", f"/v1/people?external_system=hr&external_id={seller}")
    assert [item["id"] for item in found["items"]] == [first["id"]]


async def test_a_list_sent_again_does_not_undo_what_was_decided_here(house: House) -> None:
    importer = await house.import_client()
    former, new, seller = await put(importer, listed(word()), listed(word()), listed(word()))
    reference = (await importer.done("GET", f"/v1/people/{seller['id']}"))["external_reference"]["id"]
    item = listed(reference, superior_id=former["id"], superior_from="2020-01-01")
    await put(importer, item)
    change = {"superior_id": new["id"], "from_date": "2024-01-01", "reason": "reorganised"}
    await importer.done("POST", f"/v1/people/{seller['id']}/superior-changes", change)

    [again] = await put(importer, item)

    assert again["outcome"] == "unchanged"
    assert (await importer.done("GET", f"/v1/people/{seller['id']}"))["superior_id"] == new["id"]


async def test_each_item_stands_by_itself(house: House) -> None:
    importer = await house.import_client()
    name = word()

    outcomes = await put(
        importer,
        listed(word(), username=name),
        listed(word(), username=name),
        {"external_reference": {"system": "hr", "id": word()}},
        listed(word(), business_unit_id=str(new_id())),
        listed(word(), superior_id=str(new_id())),
        listed(word(), roles=["emperor"]),
        listed(word(), superior_from="2020-01-01"),
        listed(word()),
    )

    assert [outcome["index"] for outcome in outcomes] == list(range(8))
    assert [outcome["problem"] and outcome["problem"]["code"] for outcome in outcomes] == [
        None,
        "username_taken",
        "item_malformed",
        "unknown_business_unit",
        "unknown_superior",
        "item_malformed",
        "item_malformed",
        None,
    ]
    assert outcomes[2]["problem"]["errors"][0]["pointer"] == "/name"


async def test_an_atomic_batch_does_all_or_nothing(house: House) -> None:
    importer = await house.import_client()
    good = word()

    body = {"items": [listed(good), listed(word(), superior_id=str(new_id()))], "atomic": True}
    refused = await importer.post("/v1/people/batches", body)

    assert (refused.status_code, refused.json()["code"]) == (422, "batch_refused")
    assert [item["index"] for item in refused.json()["items"]] == [1]
    assert (await importer.done("GET", f"/v1/people?external_system=hr&external_id={good}"))["items"] == []


async def test_a_batch_publishes_once_per_chunk(house: House) -> None:
    importer = await house.import_client()
    before = (await importer.done("GET", "/v1/org-chart"))["version"]

    answer = await importer.post("/v1/people/batches", {"items": [listed(word()) for _ in range(120)]})

    assert {item["outcome"] for item in answer.json()["items"]} == {"created"}
    assert answer.headers["org-chart-version"] == str(before + 3)


async def test_a_batch_sent_again_by_its_key_is_not_done_again(house: House) -> None:
    importer = await house.import_client()
    body, key = {"items": [listed(word()) for _ in range(60)]}, word()

    first = await importer.post("/v1/people/batches", body, key=key)
    second = await importer.post("/v1/people/batches", body, key=key)

    assert second.json() == first.json()


async def test_roles_become_exactly_those_listed_but_never_ones_own(house: House) -> None:
    importer = await house.import_client()
    reference = word()
    [made] = await put(importer, listed(reference, roles=["auditor", "finance"]))
    await put(importer, listed(reference, roles=["marketing"]))
    assert (await importer.done("GET", f"/v1/people/{made['id']}"))["roles"] == ["marketing"]
    await put(importer, listed(reference, roles=None))
    assert (await importer.done("GET", f"/v1/people/{made['id']}"))["roles"] == ["marketing"]

    own = {"external_reference": {"system": "keyaccount", "id": "import"}, "name": "Import", "roles": ["auditor"]}
    [refused] = await put(importer, own)
    assert refused["problem"]["code"] == "own_matter"


async def test_one_is_put_by_reference(house: House, admin: Client) -> None:
    path = f"/v1/people/by-reference/hr/{word()}"

    first = await admin.put(path, {"name": "Li Na", "title": "Seller"})
    second = await admin.put(path, {"name": "Li Na", "left_on": "2030-01-01"})
    third = await admin.put(path, {"name": "Li Na"})

    assert [answer.json()["outcome"] for answer in (first, second, third)] == ["created", "updated", "unchanged"]
    assert third.headers["etag"] == '"2"'
    read = await admin.done("GET", f"/v1/people/{first.json()['id']}")
    assert (read["title"], read["left_on"], read["active"]) == ("Seller", "2030-01-01", True)
    assert (await admin.put("/v1/people/by-reference/H%20R/1", {"name": "Li Na"})).status_code == 400


async def test_only_administrators_send_lists(house: House, admin: Client) -> None:
    seller = house.sign_in((await admin.done("POST", "/v1/people", {"name": "A seller"}))["id"])

    answer = await seller.post("/v1/people/batches", {"items": [listed(word())]})
    outcomes = answer.json().get("items", [])

    assert answer.status_code == 403 or {item["problem"]["code"] for item in outcomes} == {"administration_not_allowed"}


TODAY, JOINED = date(2026, 5, 5), date(2020, 2, 2)
ONE, OTHER, PERSON = new_id(), new_id(), new_id()


@pytest.mark.parametrize(
    ("edges", "given", "joined", "expected"),
    [
        ([], ListedSuperior(ONE, None), None, SINCE_EVER),
        ([], ListedSuperior(ONE, None), JOINED, JOINED),
        ([], ListedSuperior(None, None), JOINED, None),
        ([(ONE, JOINED, None)], ListedSuperior(ONE, None), None, None),
        ([(ONE, JOINED, None)], ListedSuperior(OTHER, None), None, TODAY),
        ([(ONE, JOINED, None)], ListedSuperior(None, None), None, TODAY),
        ([(ONE, JOINED, TODAY)], ListedSuperior(ONE, None), None, TODAY),
        ([(ONE, JOINED, None)], ListedSuperior(ONE, JOINED + timedelta(days=9)), None, None),
        ([(ONE, JOINED, None)], ListedSuperior(OTHER, TODAY), None, TODAY),
    ],
)
def test_since_when_a_listed_superior_counts(
    edges: list[Any], given: ListedSuperior, joined: date | None, expected: date | None
) -> None:
    own = [Edge(PERSON, superior, start, end) for superior, start, end in edges]

    assert new_superior_from(own, set(), given, joined_on=joined, today=TODAY) == expected
