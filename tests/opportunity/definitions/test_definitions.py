"""An enterprise defines its own funnel: drafted, published once, then never changed; new opportunities run on it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest

from keyaccount.provisioning import drop_database
from servicekit.data.transactions import reading
from services.opportunity.definitions.rules.standard import VERSION_1
from services.opportunity.definitions.store import definition_of
from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make

DRAFT = "/v1/funnel-definitions/draft"
PUBLICATIONS = f"{DRAFT}/publications"
TO_TALK = ("find_contact", "confirm_need", "map_organisation")


def stage(key: str, probability: str, *duties: str, **more: Any) -> dict[str, Any]:
    checklist = [{"key": duty, "title": duty.title(), "is_exit_criterion": True} for duty in duties]
    return {"key": key, "name": key, "task": "Do it.", "probability": probability, "checklist": checklist, **more}


def funnel(**more: Any) -> dict[str, Any]:
    """Return a draft of three stages that takes the place of the standard funnel."""
    mapping = [
        {"from_stage": one.key, "to_stage": "talk" if one.key in TO_TALK else "offer"} for one in VERSION_1.open_stages
    ]
    talk = stage(
        "talk", "0.3", "contact_named", name="洽谈", methods=[{"title": "How", "link": "https://wiki.test/talk"}]
    )
    return {
        "name": "Three steps",
        "note": "Eight were too many.",
        "stages": [talk, stage("offer", "0.6"), stage("signed", "1")],
        "mapping": mapping,
        **more,
    }


async def publish(by: Client, **more: Any) -> dict[str, Any]:
    draft = await by.done("POST", DRAFT, funnel(**more))
    published: dict[str, Any] = await by.done("POST", PUBLICATIONS, {"draft_version": draft["version"]})
    return published


async def publish_demanding(own: Make) -> Client:
    """Publish a funnel that demands approved resources before the offer; return who did."""
    operations = await own.house.import_client()
    talk = stage("talk", "0.3", "contact_named")
    by_request = {"key": "resources_requested", "title": "销售资源已批准", "is_exit_criterion": True}
    talk["checklist"].append(by_request | {"kind": "resource_request"})
    await publish(operations, stages=[talk, stage("offer", "0.6"), stage("signed", "1")])
    return operations


@pytest.fixture
async def own(empty_house: House) -> Make:
    """Return the factories of a house in which the test may publish funnels."""
    return Make(empty_house)


@dataclass(frozen=True)
class Reformed:
    """A house in which version 2 was published after a seller had entered an opportunity."""

    make: Make
    seller: Client
    old: dict[str, Any]


@pytest.fixture(scope="module")
async def reformed(template: Template) -> AsyncIterator[Reformed]:
    """Return a house that tests share which need a second version and publish none."""
    name, urls = await template.clone()
    async with open_house(urls, template.secrets) as house:
        make = Make(house)
        seller = await make.seller()
        old = await make.opportunity(seller, stage="confirm_need", criteria=["contact_named"])
        await publish(await house.import_client())
        yield Reformed(make, seller, old)
    await drop_database(template.admin_url, name)


@pytest.fixture
async def twins(template: Template) -> AsyncIterator[tuple[House, House]]:
    """Return two processes of each service on one database."""
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as one, open_house(urls, template.secrets) as other:
        yield one, other


async def test_version_1_is_always_there_and_what_the_rules_say_it_is(make: Make, house: House) -> None:
    seller = await make.seller()
    told = await seller.done("GET", "/v1/funnel-definitions/1")
    assert [one["key"] for one in told["stages"]] == VERSION_1.keys
    assert (told["stages"][0]["probability"], told["stages"][1]["exit_criteria"]) == ("0.05", ["budget_known"])
    async with reading(house.service("opportunity").database) as tx:
        assert await definition_of(tx, 1) == VERSION_1
    assert (await seller.get("/v1/funnel-definitions/2000")).status_code == 404
    assert (await seller.get(f"/v1/funnel-definitions/{10**12}")).status_code == 400


async def test_only_sales_operations_and_admins_define_the_funnel(own: Make) -> None:
    operations = await own.house.import_client()
    draft = await operations.done("POST", DRAFT, funnel())
    for role in (None, "marketing", "auditor", "finance"):
        other = await own.person(roles=[role] if role else [])
        asked = [
            await other.post(DRAFT, funnel()),
            await other.get(DRAFT),
            await other.put(DRAFT, funnel(), if_match=draft["version"]),
            await other.post(PUBLICATIONS, {"draft_version": draft["version"]}),
            await other.delete(DRAFT, if_match=draft["version"]),
        ]
        assert {(one.status_code, one.json()["code"]) for one in asked} == {(403, "funnels_kept")}
        assert (await other.get("/v1/funnel-definitions/current")).json()["version"] == 1
    admin = await own.house.admin()
    assert (await admin.delete(DRAFT, if_match=draft["version"])).status_code == 200


async def test_a_draft_is_changed_as_it_was_read_and_may_be_discarded(own: Make) -> None:
    operations = await own.house.import_client()
    draft = await operations.done("POST", DRAFT, funnel(mapping=[]))
    assert (draft["funnel_version"], draft["unmapped"]) == (2, [one.key for one in VERSION_1.open_stages])
    assert (await operations.post(DRAFT, funnel())).json()["code"] == "funnel_draft_exists"
    refused = await operations.post(PUBLICATIONS, {"draft_version": draft["version"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "funnel_mapping_incomplete")
    assert refused.json()["missing"] == draft["unmapped"]

    assert (await operations.put(DRAFT, funnel())).status_code == 428
    changed = await operations.put(DRAFT, funnel(name="Three"), if_match=draft["version"])
    assert changed.json()["name"] == "Three"
    assert changed.headers["etag"] == f'"{changed.json()["version"]}"'
    assert (await operations.put(DRAFT, funnel(), if_match=draft["version"])).status_code == 412
    assert (await operations.post(PUBLICATIONS, {"draft_version": draft["version"]})).status_code == 412
    assert (await operations.delete(DRAFT, if_match=draft["version"])).status_code == 412

    assert (await operations.delete(DRAFT, if_match=changed.json()["version"])).status_code == 200
    assert (await operations.get(DRAFT)).status_code == 404
    again = await operations.done("POST", DRAFT, funnel())
    assert again["version"] > changed.json()["version"], "what was read of a draft that is gone changes no later one"


async def test_what_cannot_be_a_funnel_is_refused_by_field(make: Make, house: House) -> None:
    operations = await house.import_client()
    refused = await operations.post(DRAFT, funnel(stages=[stage("talk", "0.5"), stage("talk", "1")]))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "funnel_not_possible")
    assert problem["errors"][0]["pointer"] == "/stages/1/key"
    for spoiled in (
        stage("Talk", "0.5"),
        stage("talk", "1.5x"),
        stage("talk", "0.12345"),
        stage("talk", "0.1", name=""),
    ):
        assert (await operations.post(DRAFT, funnel(stages=[spoiled, stage("end", "1")]))).status_code == 400
    assert (await operations.get(DRAFT)).status_code == 404


async def test_two_publications_at_once_make_one_version_that_nobody_changes(own: Make) -> None:
    operations = await own.house.import_client()
    draft = await operations.done("POST", DRAFT, funnel())
    asked = {"draft_version": draft["version"]}
    answers = await asyncio.gather(*(operations.post(PUBLICATIONS, asked) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[404] * 7]
    listed = await operations.done("GET", "/v1/funnel-definitions")
    assert [one["version"] for one in listed["items"]] == [2, 1]
    assert listed["items"][0]["stages"][0]["methods"] == [
        {"title": "How", "text": None, "link": "https://wiki.test/talk"}
    ]

    async with own.house.service("opportunity").database.connection() as connection:
        for statement in (
            "UPDATE funnel_definition SET name = 'Other'",
            "DELETE FROM funnel_definition WHERE version = 2",
            "UPDATE funnel_stage SET probability = 0.9",
            "DELETE FROM funnel_stage",
            "INSERT INTO funnel_stage VALUES (2, 'more', 9, 0.5, false)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_new_opportunities_run_on_the_current_version_and_older_ones_on_theirs(reformed: Reformed) -> None:
    seller, old = reformed.seller, reformed.old
    new = await reformed.make.opportunity(seller)
    assert (new["funnel_version"], new["stage"], new["probability"]) == (2, "talk", "0.3")
    assert (old["funnel_version"], old["stage"], old["probability"]) == (1, "confirm_need", "0.10")

    moved = f"/v1/opportunities/{new['id']}"
    unmet = await seller.post(f"{moved}/stage-changes", {"to_stage": "offer"})
    assert unmet.json()["missing"] == ["contact_named"]
    await seller.done("PUT", f"{moved}/criteria/contact_named", {})
    assert (await seller.done("POST", f"{moved}/stage-changes", {"to_stage": "offer"}))["probability"] == "0.6"
    won = await seller.done("POST", f"{moved}/outcomes", {"outcome": "won"})
    assert (won["stage"], won["state"], won["probability"]) == ("signed", "won", "1")
    again = await seller.done("POST", f"{moved}/reopenings", {"to_stage": "talk", "reason": "They ask anew."})
    assert (again["stage"], again["probability"]) == ("talk", "0.3")
    lost = await seller.done("POST", f"{moved}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    assert (lost["stage"], lost["probability"]) == ("talk", "0")

    late = await seller.done(
        "POST", f"/v1/opportunities/{old['id']}/stage-changes", {"to_stage": "find_contact", "reason": "x"}
    )
    assert (late["funnel_version"], late["stage"], late["probability"]) == (1, "find_contact", "0.05")


async def test_a_stage_of_another_version_is_refused_with_what_to_do(reformed: Reformed) -> None:
    seller, old = reformed.seller, reformed.old
    new = await reformed.make.opportunity(seller)

    refused = await seller.post(f"/v1/opportunities/{old['id']}/stage-changes", {"to_stage": "offer"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "unknown_stage")
    assert (problem["stages"], problem["funnel_version"], problem["found_in"]) == (VERSION_1.keys, 1, [2])
    assert "stage of version 2" in problem["detail"]
    assert "runs on version 1" in problem["detail"]

    other = await seller.post(f"/v1/opportunities/{new['id']}/stage-changes", {"to_stage": "shortlist"})
    assert (other.json()["found_in"], other.json()["stages"]) == ([1], ["talk", "offer", "signed"])
    nowhere = await seller.post(f"/v1/opportunities/{new['id']}/stage-changes", {"to_stage": "prospecting"})
    assert nowhere.json()["found_in"] == []
    entered = await seller.post("/v1/opportunities", {"name": "New", "currency": "USD", "stage": "shortlist"})
    assert (entered.status_code, entered.json()["errors"][0]["pointer"]) == (422, "/stage")


async def test_the_database_lets_nothing_stand_outside_its_funnel(make: Make, house: House) -> None:
    seller = await make.seller()
    made = await make.opportunity(seller)
    async with house.service("opportunity").database.connection() as connection:
        for change in ("stage = 'prospecting'", "stage = 'close'", "funnel_version = 2000"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await connection.execute(f"UPDATE opportunity SET {change} WHERE id = $1", made["id"])


async def test_another_process_knows_the_new_version_at_once(twins: tuple[House, House]) -> None:
    one, other = twins
    make = Make(one)
    seller, operations = await make.seller(), await one.import_client()
    there = replace(seller, house=other)
    other.chart_version = one.chart_version
    before = await there.done("POST", "/v1/opportunities", {"name": "Before", "currency": "USD"})
    await publish(operations)

    after = await there.done("POST", "/v1/opportunities", {"name": "After", "currency": "USD"})

    assert (before["funnel_version"], after["funnel_version"], after["stage"]) == (1, 2, "talk")
    assert (await there.done("GET", "/v1/funnel-definitions/current"))["version"] == 2
    stages = (await there.done("GET", "/v1/funnel?scope=person"))["stages"]
    assert [(line["stage"], line["count"]) for line in stages] == [("talk", 2), ("offer", 0), ("signed", 0)]
