"""Schemes are drafted, tried on the base, and put in force; who is missing or outdated by them is listed."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.customer.classification.test_evaluations import evaluate, evaluation
from tests.house import Client, House
from tests.make import Make

FAR = "2099-01-01"


def scheme(**more: Any) -> dict[str, Any]:
    """Return a draft of one criterion with three values."""
    return {
        "name": "Growth alone",
        "criteria": [
            {"key": "growth_potential", "name": "Growth", "weight": "1", "levels": ["low", "middle", "high"]},
        ],
        "bands": [{"tier": "key", "from_score": "50"}, {"tier": "standard", "from_score": "0"}],
        "outdated_after_days": 30,
        **more,
    }


async def start(client: Client, number: int, from_date: object) -> Any:
    """Put a scheme in force."""
    body = {"from_date": str(from_date), "reason": "growth is what counts"}
    return await client.post(f"/v1/classification-schemes/{number}/starts", body)


async def test_scheme_1_is_always_there_and_in_force(make: Make, house: House) -> None:
    seller = await make.seller()
    found = await seller.done("GET", "/v1/classification-schemes/in-force")
    assert found["as_of"] == house.service("customer").today().isoformat()
    assert (found["scheme"]["number"], found["scheme"]["state"]) == (1, "started")
    assert [one["key"] for one in found["scheme"]["criteria"]] == [
        "purchase_volume",
        "growth_potential",
        "financial_strength",
        "strategic_value",
        "relationship",
        "payment_record",
    ]
    assert [one["share"] for one in found["scheme"]["criteria"]] == [
        "0.2500",
        "0.2000",
        "0.1500",
        "0.2000",
        "0.1000",
        "0.1000",
    ]
    assert [one["tier"] for one in found["scheme"]["bands"]] == ["strategic", "key", "growth", "standard"]


async def test_only_sales_operations_keep_schemes(make: Make, house: House) -> None:
    seller, operations = await make.seller(), await house.import_client()
    refused = await seller.post("/v1/classification-schemes", scheme())
    assert (refused.status_code, refused.json()["code"]) == (403, "schemes_not_allowed")
    draft = await operations.done("POST", "/v1/classification-schemes", scheme())
    assert (draft["state"], draft["from_date"], draft["criteria"][0]["share"]) == ("draft", None, "1.0000")
    for path in ("preview", "preview/customers?to=key"):
        assert (await seller.get(f"/v1/classification-schemes/{draft['number']}/{path}")).status_code == 403
    assert (await start(seller, draft["number"], FAR)).status_code == 403
    assert (await seller.done("GET", f"/v1/classification-schemes/{draft['number']}")) == draft
    listed = await seller.done("GET", "/v1/classification-schemes?limit=500")
    assert draft in listed["items"]


async def test_a_scheme_that_cannot_be_is_named(house: House) -> None:
    operations = await house.import_client()
    wrong = scheme(bands=[{"tier": "key", "from_score": "10"}])
    refused = await operations.post("/v1/classification-schemes", wrong)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/bands")
    assert (await operations.post("/v1/classification-schemes", scheme(criteria=[]))).status_code == 400


async def test_a_scheme_starts_once_and_a_day_has_one(house: House) -> None:
    operations = await house.import_client()
    drafts = [await operations.done("POST", "/v1/classification-schemes", scheme()) for _ in range(2)]
    first, second = (one["number"] for one in drafts)
    yesterday = house.service("customer").today() - timedelta(days=1)
    assert (await start(operations, first, yesterday)).json()["code"] == "start_in_past"
    day = "2098-03-04"
    answers = await asyncio.gather(*(start(operations, number, day) for number in (first, second, first, second)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    winner = first if first in {one.json().get("number") for one in answers} else second
    assert (await start(operations, winner, FAR)).json()["code"] == "scheme_started"
    assert (await start(operations, 99_999, FAR)).status_code == 404


async def test_a_new_scheme_is_tried_on_the_base_and_then_asks_for_new_evaluations(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    operations = await house.import_client()
    manager, seller = await make.line(2)
    names = ("best", "slow", "unknown", "new")
    customers = {name: await make.customer(seller, legal_name=f"Company {name}") for name in names}
    await make.customer(seller, kind="competitor")
    await evaluate(manager, customers["best"], confirm=True)
    await evaluate(manager, customers["slow"], confirm=True, growth_potential=2)
    await evaluate(manager, customers["unknown"], confirm=True, growth_potential=None)

    draft = await operations.done("POST", "/v1/classification-schemes", scheme())
    path = f"/v1/classification-schemes/{draft['number']}/preview"
    preview = await operations.done("GET", path)
    assert (preview["customers"], preview["unchanged"]) == (4, 0)
    assert preview["movements"] == [
        {"from_tier": "strategic", "to": "key", "count": 1},
        {"from_tier": "strategic", "to": "standard", "count": 1},
        {"from_tier": "strategic", "to": "undecided", "count": 1},
        {"from_tier": None, "to": "not_evaluated", "count": 1},
    ]
    for movement in preview["movements"]:
        query = f"to={movement['to']}" + (f"&from_tier={movement['from_tier']}" if movement["from_tier"] else "")
        listed = await operations.done("GET", f"{path}/customers?{query}")
        assert len(listed["items"]) == movement["count"]
    moved = await operations.done("GET", f"{path}/customers?from_tier=strategic&to=standard")
    assert [one["legal_name"] for one in moved["items"]] == ["Company slow"]
    assert (await seller.done("GET", f"/v1/customers/{customers['best']['id']}"))["tier"] == "strategic"

    today = house.service("customer").today()
    assert (await start(operations, draft["number"], today)).status_code == 201
    late = await manager.post(f"/v1/customers/{customers['best']['id']}/evaluations", evaluation())
    assert (late.status_code, late.json()["in_force"]) == (409, draft["number"])
    body = {"scheme_number": draft["number"], "values": [{"criterion": "growth_potential", "value": 3}]}
    made = await seller.done("POST", f"/v1/customers/{customers['best']['id']}/evaluations", body)
    assert (made["tier"], made["tier_before"]) == ("key", "strategic")

    gaps = {one["legal_name"]: one["gaps"] for one in (await seller.done("GET", "/v1/classification-gaps"))["items"]}
    assert gaps == {
        "Company best": ["awaiting_decision"],
        "Company new": ["never_evaluated"],
        "Company slow": ["scheme_changed"],
        "Company unknown": ["scheme_changed"],
    }
    house.clock.move(days=31)
    listed = await seller.done("GET", "/v1/classification-gaps?gap=outdated&total=true")
    assert ([one["legal_name"] for one in listed["items"]], listed["total"]) == (
        ["Company best", "Company slow", "Company unknown"],
        "3",
    )
    for gap, count in (("never_evaluated", 1), ("scheme_changed", 2), ("awaiting_decision", 1), ("undecided", 0)):
        answer = await seller.done("GET", f"/v1/classification-gaps?gap={gap}")
        assert len(answer["items"]) == count
        assert all(gap in one["gaps"] for one in answer["items"])


async def test_gaps_are_those_of_the_customers_that_one_sees(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    other = await make.seller()
    mine, theirs = await make.customer(seller), await make.customer(other)
    for person, seen in ((seller, {mine["id"]}), (manager, {mine["id"]}), (other, {theirs["id"]})):
        listed = await person.done("GET", "/v1/classification-gaps?gap=never_evaluated")
        assert {one["id"] for one in listed["items"]} == seen
    operations = await house.import_client()
    query = f"gap=never_evaluated&account_manager_id={other.id}"
    listed = await operations.done("GET", f"/v1/classification-gaps?{query}")
    assert [one["id"] for one in listed["items"]] == [theirs["id"]]
