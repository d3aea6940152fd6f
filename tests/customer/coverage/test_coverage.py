"""The coverage plan: who covers whom, how often, and whether it happens; the check of what people planned and did."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.customer.coverage.rules import CoverageEnded, CoverageEndsTooSoon, check_end, next_due
from tests.house import Client, House
from tests.make import Make

DAY = date(2026, 5, 4)


def day(house: House, days: int = 0) -> str:
    return str(house.service("customer").today() + timedelta(days=days))


async def contact_of(by: Client, customer: dict[str, Any]) -> str:
    made = await by.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "Li Na"})
    return str(made["id"])


async def activity(by: Client, customer: dict[str, Any], **given: Any) -> dict[str, Any]:
    body = {"customer_id": customer["id"], "kind": "call", "subject": "x", **given}
    made: dict[str, Any] = await by.done("POST", "/v1/activities", body)
    return made


def test_the_next_time_is_due_so_many_days_after_the_last_or_the_beginning() -> None:
    assert next_due(DAY, 30, None) == DAY + timedelta(days=30)
    assert next_due(DAY, 30, DAY + timedelta(days=9)) == DAY + timedelta(days=39)
    assert next_due(DAY, 30, DAY - timedelta(days=9)) == DAY + timedelta(days=30)
    check_end(DAY, None, DAY)
    with pytest.raises(CoverageEnded):
        check_end(DAY, DAY, DAY)
    with pytest.raises(CoverageEndsTooSoon):
        check_end(DAY, None, DAY - timedelta(days=1))


async def test_a_gap_is_shown_until_the_contact_is_met(house: House, make: Make) -> None:
    top, seller = await make.line(2)
    customer = await make.customer(seller)
    contact = await contact_of(seller, customer)
    line = {"contact_id": contact, "person_id": seller.id, "every_days": 30, "from_date": day(house, -40)}
    made = await seller.done("POST", "/v1/coverages", line)
    assert (made["next_due_on"], made["last_done_on"], made["is_gap"]) == (day(house, -10), None, True)
    again = await seller.post("/v1/coverages", line)
    assert (again.status_code, again.json()["code"]) == (409, "coverage_exists")

    async def gaps() -> list[str]:
        found = await top.done("GET", f"/v1/coverages?gap=true&below_id={top.id}")
        return [each["id"] for each in found["items"]]

    assert await gaps() == [made["id"]]
    await activity(top, customer, done_on=day(house, -1), contact_ids=[contact])
    assert await gaps() == [made["id"]], "somebody else has met them"
    await activity(seller, customer, done_on=day(house, -2), contact_ids=[contact])
    assert await gaps() == []
    (shown,) = (await seller.done("GET", f"/v1/coverages?customer_id={customer['id']}"))["items"]
    assert (shown["last_done_on"], shown["next_due_on"]) == (day(house, -2), day(house, 28))
    ended = await seller.done("POST", f"/v1/coverages/{made['id']}/endings", {})
    assert (ended["until_date"], ended["is_gap"]) == (day(house), False)
    assert (await seller.post(f"/v1/coverages/{made['id']}/endings", {})).status_code == 409
    assert (await seller.post("/v1/coverages", line)).status_code == 201


async def test_who_does_not_keep_up_the_customer_does_not_plan_its_coverage(house: House, make: Make) -> None:
    seller, member, stranger = [await make.seller() for _ in range(3)]
    customer = await make.customer(seller)
    contact = await contact_of(seller, customer)
    await house.settle()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    role = {"person_id": member.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", role)
    await house.settle()
    line = {"contact_id": contact, "person_id": seller.id, "every_days": 30}
    made = await seller.done("POST", "/v1/coverages", line)
    assert (await member.done("GET", f"/v1/coverages?contact_id={contact}"))["items"] == [made]
    for who, status, code in ((member, 403, "change_not_allowed"), (stranger, 422, "unknown_contact")):
        refused = await who.post("/v1/coverages", line | {"person_id": member.id})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await member.post(f"/v1/coverages/{made['id']}/endings", {})).status_code == 403
    assert (await stranger.post(f"/v1/coverages/{made['id']}/endings", {})).status_code == 404
    assert (await stranger.done("GET", f"/v1/coverages?contact_id={contact}"))["items"] == []


async def test_the_check_tells_of_each_person_and_of_those_below(house: House, make: Make) -> None:
    top, middle, seller = await make.line(3)
    stranger = await make.seller()
    mine, hers = await make.customer(middle), await make.customer(seller)
    await activity(seller, hers, planned_on=day(house, -3))
    await activity(seller, hers, planned_on=day(house, 3))
    await activity(middle, mine, done_on=day(house, -1))
    gone = await activity(middle, mine, planned_on=day(house, 1))
    await middle.done("POST", f"/v1/activities/{gone['id']}/cancellations", {"reason": "no time"})
    await activity(middle, mine, planned_on=day(house, 90))

    path = f"/v1/activity-checks?from_date={day(house, -7)}&until_date={day(house, 7)}"
    found = {each["person_id"]: each for each in (await top.done("GET", path))["people"]}
    assert found.keys() == {top.id, middle.id, seller.id}
    assert found[seller.id]["own"] == {"planned": 2, "overdue": 1, "cancelled": 0, "done": 0}
    assert found[middle.id]["own"] == {"planned": 1, "overdue": 0, "cancelled": 1, "done": 1}
    assert found[top.id]["own"] == {"planned": 0, "overdue": 0, "cancelled": 0, "done": 0}
    assert found[top.id]["subtree"] == {"planned": 3, "overdue": 1, "cancelled": 1, "done": 1}
    below = (await top.done("GET", f"{path}&below_id={middle.id}"))["people"]
    assert {each["person_id"] for each in below} == {middle.id, seller.id}
    assert (await stranger.done("GET", f"{path}&below_id={middle.id}"))["people"] == []
    empty = await top.get(f"/v1/activity-checks?from_date={day(house)}&until_date={day(house)}")
    assert (empty.status_code, empty.json()["code"]) == (422, "period_empty")
