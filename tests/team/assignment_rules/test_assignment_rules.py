"""Versions of the assignment rules: drafted, previewed, put into force, asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make


@pytest.fixture(scope="module")
async def ruled(template: Template) -> AsyncIterator[House]:
    """Return a house of this module's own: rules in force concern everybody."""
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield opened


def rule(*people: Client, **given: Any) -> dict[str, Any]:
    return {"name": "A rule", "person_ids": [person.id for person in people], **given}


async def drafted(by: Client, *rules: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = await by.done("POST", "/v1/assignment-rules", {"rules": list(rules)})
    return made


async def activated(by: Client, version: dict[str, Any], house: House, days: int = 0) -> dict[str, Any]:
    body = {"from_date": str(house.service("team").today() + timedelta(days=days)), "reason": "a new share-out"}
    made: dict[str, Any] = await by.done("POST", f"/v1/assignment-rules/{version['id']}/activations", body)
    return made


async def evaluated(by: Client, *customers: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await by.done("POST", "/v1/assignments/evaluations", {"customers": list(customers)})
    return found


async def test_rules_are_drafted_previewed_and_put_into_force(ruled: House) -> None:
    make, operations = Make(ruled), await ruled.import_client()
    anna, bo = await make.seller(), await make.seller()
    draft = await drafted(operations, rule(anna, countries=["CN"], regions=["广东"]), rule(bo))
    assert draft["from_date"] is None
    mine, ours, hers = str(new_id()), str(new_id()), str(new_id())
    customers = [
        {"id": mine, "country": "CN", "region": "广东", "account_manager_id": bo.id},
        {"id": ours, "country": "DE"},
        {"id": hers, "country": "CN", "region": "广东", "account_manager_id": anna.id},
    ]
    preview = await operations.done("POST", f"/v1/assignment-rules/{draft['id']}/previews", {"customers": customers})
    assert preview == {
        "moves": [
            {"customer_id": mine, "from_id": bo.id, "to_id": anna.id, "position": 1, "rule_name": "A rule"},
            {"customer_id": ours, "from_id": None, "to_id": bo.id, "position": 2, "rule_name": "A rule"},
        ],
        "unmoved": 1,
    }
    in_force = await activated(operations, draft, ruled)
    assert in_force["from_date"] == str(ruled.service("team").today())
    assert await operations.done("GET", f"/v1/assignment-rules/{draft['id']}") == in_force
    asked = await evaluated(operations, *customers, {})
    assert (asked["rules_id"], asked["number"]) == (draft["id"], in_force["number"])
    assert [each["account_manager_id"] for each in asked["customers"]] == [anna.id, bo.id, anna.id, bo.id]
    again = await operations.post(
        f"/v1/assignment-rules/{draft['id']}/activations", {"from_date": in_force["from_date"], "reason": "x"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "rules_in_force")


async def test_a_later_version_waits_for_its_day_and_leavers_get_nothing(ruled: House) -> None:
    make, operations, admin = Make(ruled), await ruled.import_client(), await ruled.admin()
    anna, bo = await make.seller(), await make.seller()
    await activated(operations, await drafted(operations, rule(anna)), ruled)
    await activated(operations, await drafted(operations, rule(bo)), ruled, days=3)
    (asked,) = (await evaluated(operations, {}))["customers"]
    assert asked["account_manager_id"] == anna.id
    await admin.done("POST", f"/v1/people/{anna.id}/departures", {"on": str(ruled.service("team").today())})
    (asked,) = (await evaluated(operations, {}))["customers"]
    assert asked == {"account_manager_id": None, "position": None, "rule_name": None}
    ruled.clock.move(days=3)
    try:
        (asked,) = (await evaluated(operations, {}))["customers"]
        assert asked["account_manager_id"] == bo.id
    finally:
        ruled.clock.move(days=-3)


async def test_people_take_turns_also_when_many_ask_at_once(ruled: House) -> None:
    make, operations = Make(ruled), await ruled.import_client()
    people = [await make.seller() for _ in range(3)]
    await activated(operations, await drafted(operations, rule(*people)), ruled)
    answers = await asyncio.gather(*(evaluated(operations, {}, {}) for _ in range(9)))
    counts = Counter(each["account_manager_id"] for answer in answers for each in answer["customers"])
    assert counts == {person.id: 6 for person in people}


async def test_who_may_not_decide_is_refused(ruled: House) -> None:
    make, operations = Make(ruled), await ruled.import_client()
    top, seller = await make.line(2)
    auditor = await make.person(roles=["auditor"])
    decider = await make.person(roles=["sales_operations"])
    draft = await drafted(operations, rule(decider))
    path, today = f"/v1/assignment-rules/{draft['id']}", str(ruled.service("team").today())
    activation = {"from_date": today, "reason": "x"}
    customers: dict[str, Any] = {"customers": [{}]}
    for who in (top, seller):
        for refused in (
            await who.post("/v1/assignment-rules", {"rules": [rule(seller)]}),
            await who.get("/v1/assignment-rules"),
            await who.get(path),
            await who.post(f"{path}/previews", customers),
            await who.post(f"{path}/activations", activation),
            await who.post("/v1/assignments/evaluations", customers),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "assignment_rules_not_allowed")
    assert (await auditor.get(path)).status_code == 200
    assert (await auditor.post(f"{path}/activations", activation)).status_code == 403
    own = await decider.post(f"{path}/activations", activation)
    assert (own.status_code, own.json()["code"]) == (403, "own_assignment")
    past = await operations.post(f"{path}/activations", activation | {"from_date": "2020-01-01"})
    assert (past.status_code, past.json()["code"]) == (422, "rules_in_past")
    unknown = await operations.post("/v1/assignment-rules", {"rules": [{"name": "x", "person_ids": [str(new_id())]}]})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/rules/0/person_ids")
