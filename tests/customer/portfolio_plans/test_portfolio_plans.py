"""Portfolio plans: drafted, shared out, approved, in force, carried out, tracked, revised."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from servicekit.values.ids import new_id
from services.customer.portfolio_plans.covering import cover_due
from tests.house import Client, House
from tests.make import Make


class Region:
    """Those above, a head who plans, and a seller with customers of two tiers."""

    def __init__(self, house: House, people: list[Client], customers: dict[str, list[str]]) -> None:
        self.house = house
        self.top, self.head, self.seller = people
        self.customers = customers

    @property
    def today(self) -> date:
        return self.house.clock().date()

    def body(self, **given: Any) -> dict[str, Any]:
        """Return what a plan of half a year says."""
        targets = [
            {"tier": "key", "amount": "100.00", "coverage": 2, "basis": "equal"},
            {"tier": "standard", "amount": "0.05", "coverage": 0, "basis": "potential"},
        ]
        until = self.today + timedelta(days=180)
        days = {"from_date": str(self.today), "until_date": str(until)}
        return {"name": "North", "currency": "USD", "targets": targets, **days, **given}

    async def drafted(self, **given: Any) -> dict[str, Any]:
        plan: dict[str, Any] = await self.head.done("POST", "/v1/portfolio-plans", self.body(**given))
        return plan

    async def allocated(self, **given: Any) -> dict[str, Any]:
        plan = await self.drafted(**given)
        path = f"/v1/portfolio-plans/{plan['id']}/allocations"
        allocated: dict[str, Any] = await self.head.done("POST", path, {})
        return allocated

    async def approved(self, **given: Any) -> dict[str, Any]:
        plan = await self.allocated(**given)
        path = f"/v1/portfolio-plans/{plan['id']}/approvals"
        approved: dict[str, Any] = await self.top.done("POST", path, {"in_force_from": plan["from_date"]})
        return approved


@pytest.fixture
async def region(house: House, make: Make) -> Region:
    people = await make.line(3)
    customers: dict[str, list[str]] = {"key": [], "standard": []}
    for tier, count in (("key", 3), ("standard", 2)):
        for _ in range(count):
            made = await make.customer(people[-1])
            change = {"tier": tier, "reason": "as it is"}
            await people[1].done("POST", f"/v1/customers/{made['id']}/tier-changes", change)
            customers[tier].append(made["id"])
    return Region(house, people, customers)


async def test_the_parts_make_the_whole(region: Region) -> None:
    plan = await region.allocated()
    path = f"/v1/portfolio-plans/{plan['id']}/allocations"
    parts = (await region.head.done("GET", path))["items"]
    by_tier = {
        tier: [Decimal(one["amount"]["amount"]) for one in parts if one["tier"] == tier] for tier in ("key", "standard")
    }
    assert by_tier == {
        "key": [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")],
        "standard": [Decimal("0.03"), Decimal("0.02")],
    }
    first = region.customers["key"][0]
    again = await region.head.done("POST", path, {"fixed": [{"customer_id": first, "amount": "50.00"}]})
    assert again["allocation"] == 2
    parts = (await region.head.done("GET", f"{path}?tier=key"))["items"]
    assert [(one["amount"]["amount"], one["fixed"]) for one in parts] == [
        ("50.00", True),
        ("25.00", False),
        ("25.00", False),
    ]
    more = await region.head.post(path, {"fixed": [{"customer_id": first, "amount": "100.01"}]})
    assert (more.status_code, more.json()["code"]) == (422, "fixed_disagrees")
    none = await region.drafted(targets=[{"tier": "strategic", "amount": "1.00"}])
    refused = await region.head.post(f"/v1/portfolio-plans/{none['id']}/allocations", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "tier_without_customers")


async def test_a_plan_in_force_becomes_visits_and_is_tracked(region: Region, make: Make) -> None:
    plan = await region.approved()
    assert (plan["state"], plan["in_force_from"], plan["ends_on"]) == (
        "approved",
        plan["from_date"],
        plan["until_date"],
    )
    path = f"/v1/portfolio-plans/{plan['id']}"
    before = await region.head.done("GET", f"{path}/progress")
    assert (before["activities_planned"], before["customers_to_plan"]) == (0, 3)
    customer = region.house.service("customer")
    await asyncio.gather(cover_due(customer), cover_due(customer))
    assert await cover_due(customer) == 0
    first = region.customers["key"][0]
    visits = (await region.seller.done("GET", f"/v1/activities?customer_id={first}"))["items"]
    assert [(one["subject"], one["owner_id"]) for one in visits] == [("North", region.seller.id)] * 2
    await region.seller.done("POST", f"/v1/activities/{visits[0]['id']}/completions", {})
    won = await make.opportunity(region.seller, customer_id=first, amount="40.00")
    outcome = {"outcome": "won", "override_reason": "signed"}
    await region.head.done("POST", f"/v1/opportunities/{won['id']}/outcomes", outcome)
    await region.house.settle()
    after = await region.head.done("GET", f"{path}/progress")
    key = after["tiers"][0]
    assert (key["tier"], key["customers"], key["coverage"], key["done"]) == ("key", 3, 6, 1)
    assert (after["target"]["amount"], after["won"]["amount"], key["won"]["amount"]) == ("100.05", "40.00", "40.00")
    assert (after["activities_planned"], after["customers_to_plan"], after["unconverted"]) == (6, 0, [])
    mine = (await region.seller.done("GET", f"/v1/portfolio-parts?customer_id={first}"))["items"]
    assert [(one["plan_id"], one["amount"]["amount"]) for one in mine] == [(plan["id"], "33.34")]


async def test_a_revision_takes_the_place_of_the_plan(region: Region) -> None:
    plan = await region.approved()
    path = f"/v1/portfolio-plans/{plan['id']}"
    locked = await region.head.put(path, region.body(), if_match=plan["version"])
    assert (locked.status_code, locked.json()["code"]) == (409, "portfolio_not_draft")
    revision = await region.head.done("POST", f"{path}/revisions", {"reason": "A market is lost."})
    assert (revision["revises_id"], revision["reason"], revision["state"]) == (plan["id"], "A market is lost.", "draft")
    of_it = f"/v1/portfolio-plans/{revision['id']}"
    day = str(region.today + timedelta(days=30))
    bare = await region.top.post(f"{of_it}/approvals", {"in_force_from": day})
    assert (bare.status_code, bare.json()["code"]) == (422, "portfolio_not_allocated")
    await region.head.done("POST", f"{of_it}/allocations", {})
    await region.top.done("POST", f"{of_it}/approvals", {"in_force_from": day})
    former = await region.head.done("GET", path)
    assert (former["state"], former["ends_on"]) == ("approved", day)
    listed = (await region.head.done("GET", "/v1/portfolio-plans?state=approved"))["items"]
    assert {one["id"] for one in listed} == {plan["id"], revision["id"]}


async def test_one_plan_is_in_force_at_a_time(region: Region) -> None:
    plans = [await region.allocated() for _ in range(2)]
    approvals = [
        region.top.post(f"/v1/portfolio-plans/{plan['id']}/approvals", {"in_force_from": plan["from_date"]})
        for plan in (plans[0], plans[0], plans[1])
    ]
    answers = await asyncio.gather(*approvals)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("code") for answer in answers if not answer.is_success} <= {
        "portfolio_overlaps",
        "portfolio_not_draft",
        "busy",
    }


async def test_nobody_approves_their_own(region: Region, make: Make) -> None:
    plan = await region.allocated()
    path, body = f"/v1/portfolio-plans/{plan['id']}", {"in_force_from": plan["from_date"]}
    own = await region.head.post(f"{path}/approvals", body)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    stand_in = {"person_id": region.top.id, "stand_in_id": region.head.id}
    days = {"from_date": str(region.today), "until_date": str(region.today + timedelta(days=5))}
    await region.top.done("POST", "/v1/stand-ins", stand_in | days)
    await region.house.settle()
    for_top = await region.head.post(f"{path}/approvals", body, headers={"on-behalf-of": region.top.id})
    assert (for_top.status_code, for_top.json()["code"]) == (403, "own_matter")
    stranger, operations = await make.seller(), await region.house.import_client()
    for person in (stranger, region.seller):
        for request in (person.get(path), person.post(f"{path}/approvals", body), person.get(f"{path}/progress")):
            assert (await request).status_code == 404
        assert (await person.done("GET", "/v1/portfolio-plans"))["items"] == []
    assert (await operations.post(f"{path}/approvals", body)).json()["code"] == "approval_not_allowed"
    assert (await operations.post(f"{path}/allocations", {})).json()["code"] == "portfolio_not_allowed"
    above = await region.top.done("POST", f"{path}/allocations", {})
    written = await region.top.post(f"{path}/approvals", body)
    assert (above["allocation"], written.json()["code"]) == (2, "own_matter")


async def test_what_a_plan_cannot_be(region: Region) -> None:
    twice = [{"tier": "key", "amount": "1.00"}] * 2
    refused = await region.head.post("/v1/portfolio-plans", region.body(targets=twice))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/targets/1/tier")
    ended = await region.head.post("/v1/portfolio-plans", region.body(until_date=str(region.today)))
    assert (ended.status_code, ended.json()["errors"][0]["pointer"]) == (422, "/until_date")
    exact = await region.head.post("/v1/portfolio-plans", region.body(targets=[{"tier": "key", "amount": "1.005"}]))
    assert (exact.status_code, exact.json()["errors"][0]["pointer"]) == (400, "/targets/0/amount")
    bad: list[dict[str, Any]] = [{"targets": []}, {"currency": "QQQ"}, {"targets": [{"tier": "key", "amount": "-1"}]}]
    for given in bad:
        assert (await region.head.post("/v1/portfolio-plans", region.body(**given))).status_code == 400
    plan = await region.allocated()
    path = f"/v1/portfolio-plans/{plan['id']}"
    late = await region.top.post(f"{path}/approvals", {"in_force_from": plan["until_date"]})
    assert (late.status_code, late.json()["code"]) == (422, "portfolio_days")
    assert (await region.head.put(path, region.body(), if_match=1)).status_code == 412
    changed = await region.head.done("PUT", path, region.body(name="South"), if_match=plan["version"])
    assert (changed["name"], changed["allocation"]) == ("South", None)
    assert (await region.head.get(f"/v1/portfolio-plans/{new_id()}")).status_code == 404
