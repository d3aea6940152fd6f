"""Visits: how often they are expected, by tier and by coverage, and how they stand customer by customer."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.customer.visiting.rules import missing
from tests.house import Client, House
from tests.make import Make

COUNTS = ("expected_by_tier", "expected_by_coverage", "expected", "planned", "done", "overdue", "missing")
MANY = st.integers(0, 50)


def day(house: House, days: int = 0) -> str:
    return str(house.service("customer").today() + timedelta(days=days))


async def activity(by: Client, customer: dict[str, Any], kind: str = "visit", **told: Any) -> dict[str, Any]:
    body = {"customer_id": customer["id"], "kind": kind, "subject": "x", **told}
    made: dict[str, Any] = await by.done("POST", "/v1/activities", body)
    return made


async def checked(by: Client, house: House, more: str = "", days: int = 60) -> dict[str, tuple[int, ...]]:
    period = f"from_date={day(house, -days)}&until_date={day(house, days)}"
    found = (await by.done("GET", f"/v1/visit-checks?{period}&limit=500{more}"))["items"]
    return {each["customer_id"]: tuple(each[name] for name in COUNTS) for each in found}


async def in_tier(make: Make, customer: dict[str, Any], tier: str) -> None:
    operations = await make.person(roles=["sales_operations"])
    change = {"tier": tier, "reason": "judged"}
    await operations.done("POST", f"/v1/customers/{customer['id']}/tier-changes", change)


@given(MANY, MANY, MANY)
def test_what_is_neither_done_nor_ahead_is_missing(expected: int, done: int, planned: int) -> None:
    found = missing(expected, done, planned)
    assert found >= 0
    assert found + done + planned >= expected
    assert found == 0 or found + done + planned == expected


async def test_visits_are_counted_beside_what_the_tier_expects(house: House, make: Make) -> None:
    seller = await make.seller()
    customer, unclassified = await make.customer(seller), await make.customer(seller)
    await in_tier(make, customer, "strategic")
    assert await checked(seller, house) == {customer["id"]: (4, 0, 4, 0, 0, 0, 4), unclassified["id"]: (0,) * 7}

    await activity(seller, customer, planned_on=day(house, 3))
    await activity(seller, customer, planned_on=day(house, -3))
    await activity(seller, customer, "meeting", done_on=day(house, -1))
    await activity(seller, customer, "call", done_on=day(house, -1))
    await activity(seller, customer, done_on=day(house, -61))
    await activity(seller, customer, planned_on=day(house, 60))
    gone = await activity(seller, customer, planned_on=day(house, 4))
    await seller.done("POST", f"/v1/activities/{gone['id']}/cancellations", {"reason": "no time"})
    assert (await checked(seller, house))[customer["id"]] == (4, 0, 4, 1, 1, 1, 2)
    assert (await checked(seller, house, "&missing=true")).keys() == {customer["id"]}
    assert (await checked(seller, house, "&missing=false")).keys() == {customer["id"], unclassified["id"]}
    assert (await checked(seller, house, "&tier=key")) == {}

    for days in (10, 11):
        await activity(seller, customer, planned_on=day(house, days))
    assert (await checked(seller, house))[customer["id"]][-1] == 0
    assert await checked(seller, house, "&missing=true") == {}


async def test_the_most_demanding_line_of_the_coverage_plan_expects_visits_too(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    for every_days, begins in ((10, -20), (30, -90), (5, 60)):
        contact = await seller.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "Li Na"})
        line = {"contact_id": contact["id"], "person_id": seller.id, "every_days": every_days}
        await seller.done("POST", "/v1/coverages", line | {"from_date": day(house, begins)})
    assert (await checked(seller, house))[customer["id"]][:3] == (0, 8, 8), "from when the line begins, not before"
    await in_tier(make, customer, "strategic")
    assert (await checked(seller, house))[customer["id"]][:3] == (4, 8, 8)


async def test_a_superior_sees_the_customers_of_all_below_and_nobody_else_does(house: House, make: Make) -> None:
    top, middle, seller = await make.line(3)
    stranger = await make.seller()
    mine, hers = await make.customer(middle), await make.customer(seller)
    assert (await checked(top, house)).keys() == {mine["id"], hers["id"]}
    assert (await checked(top, house, f"&account_manager_id={middle.id}")).keys() == {mine["id"]}
    assert (await checked(top, house, f"&below_id={seller.id}")).keys() == {hers["id"]}
    assert (await checked(seller, house)).keys() == {hers["id"]}
    assert await checked(stranger, house, f"&below_id={middle.id}") == {}
    opportunity = await make.opportunity(seller, customer_id=hers["id"])
    role = {"person_id": stranger.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", role)
    await house.settle()
    assert (await stranger.get(f"/v1/customers/{hers['id']}")).status_code == 200
    assert await checked(stranger, house) == {}, "who takes part in an opportunity does not learn who is visited"
    empty = await top.get(f"/v1/visit-checks?from_date={day(house)}&until_date={day(house)}")
    assert (empty.status_code, empty.json()["code"]) == (422, "period_empty")


async def test_frequencies_are_decided_by_operations_from_a_day_on(house: House, make: Make) -> None:
    operations, seller = await make.person(roles=["sales_operations"]), await make.seller()
    customer = await make.customer(seller)
    await in_tier(make, customer, "key")
    body = {"from_date": day(house, 300), "strategic_days": 7, "key_days": 14, "growth_days": None}
    body |= {"standard_days": None, "reason": "a new market"}
    refused = await seller.post("/v1/visit-frequencies", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "visit_frequencies_not_allowed")
    late = await operations.post("/v1/visit-frequencies", body | {"from_date": day(house, -1)})
    assert (late.status_code, late.json()["code"]) == (422, "visit_frequencies_in_past")
    made = await operations.done("POST", "/v1/visit-frequencies", body)
    assert made["decided_by"] == operations.id
    assert made in (await seller.done("GET", "/v1/visit-frequencies"))["items"]

    async def expected(begins: int) -> int:
        period = f"from_date={day(house, begins)}&until_date={day(house, begins + 60)}"
        (found,) = (await seller.done("GET", f"/v1/visit-checks?{period}"))["items"]
        return int(found["expected_by_tier"])

    assert (await expected(299), await expected(300)) == (1, 4)
