"""Duplicates, as SPEC 1.4 tells: one customer in every service, and two again after an undoing."""

from typing import Any

from tests.customer.merging.companies import line_of, merge, undo
from tests.house import Client, House
from tests.make import Make

Record = dict[str, Any]


async def listed(by: Client, customer_id: str) -> dict[str, str]:
    """Return the opportunities of a customer, each with the customer that it is said to be of."""
    page = await by.done("GET", f"/v1/opportunities?customer_id={customer_id}&limit=500")
    return {each["id"]: each["customer_id"] for each in page["items"]}


async def open_amount(by: Client, customer_id: str, as_of: str = "") -> tuple[int, str]:
    funnel = await by.done("GET", f"/v1/funnel?scope=customer&customer_id={customer_id}{as_of}")
    return funnel["open"]["count"], funnel["open"]["amount"]


async def test_one_customer_in_every_service(make: Make, house: House) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first, tier=None), await make.customer(line.second)
    child = await make.customer(line.second, parent_id=theirs["id"])
    one = await make.opportunity(line.first, customer_id=ours["id"], amount="100.00")
    two = await make.opportunity(line.second, customer_id=theirs["id"], amount="20.00")
    three = await make.opportunity(line.second, customer_id=child["id"], amount="3.00")
    await house.settle()
    yesterday_free = await open_amount(line.head, ours["id"])
    assert yesterday_free == (1, "100.00")

    made = await merge(line.head, ours["id"], theirs["id"])
    early = await make.opportunity(line.second, customer_id=child["id"], amount="0.50")
    await house.settle()

    for asked in (ours["id"], theirs["id"]):
        assert await listed(line.head, asked) == {one["id"]: ours["id"], two["id"]: ours["id"]}
        assert await open_amount(line.head, asked) == (4, "123.50"), "with the child, each once"
        assert (await line.first.done("GET", f"/v1/opportunities/{two['id']}"))["customer_name"] == ours["legal_name"]
    assert await listed(line.first, theirs["id"]) == {one["id"]: ours["id"], two["id"]: ours["id"]}, (
        "who looks after the survivor sees what is done for it"
    )
    kept = await line.second.done("GET", f"/v1/opportunities/{two['id']}")
    assert kept["principal_id"] == line.second.id, "a merge changes no principal owner"
    assert (await line.second.done("GET", f"/v1/customers/{theirs['id']}"))["id"] == ours["id"], (
        "who takes part sees it"
    )
    mine = await line.second.done("GET", "/v1/customers?limit=500")
    assert {each["id"] for each in mine["items"]} == {ours["id"], child["id"]}

    fresh = await make.opportunity(line.second, customer_id=theirs["id"], amount="7.00")
    assert fresh["customer_id"] == ours["id"], "what is new is the survivor's"
    renamed = await line.second.done(
        "PATCH",
        f"/v1/opportunities/{two['id']}",
        {"amount": "21.00", "customer_id": ours["id"]},
        if_match=two["version"],
    )
    assert renamed["customer_id"] == ours["id"]
    await house.settle()
    await undo(line.head, ours["id"], made["id"])
    await house.settle()

    assert await listed(line.head, ours["id"]) == {one["id"]: ours["id"], fresh["id"]: ours["id"]}
    assert await listed(line.head, theirs["id"]) == {two["id"]: theirs["id"]}, "what came with it returns, as it is now"
    assert await open_amount(line.head, ours["id"]) == (2, "107.00")
    assert await open_amount(line.head, theirs["id"]) == (3, "24.50")
    assert await listed(line.head, child["id"]) == {three["id"]: child["id"], early["id"]: child["id"]}
    again = await line.second.done("GET", f"/v1/opportunities/{two['id']}")
    assert (again["account_manager_id"], again["customer_name"]) == (line.second.id, theirs["legal_name"])
    assert two["id"] not in await listed(line.first, theirs["id"])


async def test_an_opportunity_for_a_merged_id_that_was_never_heard_of(make: Make, house: House) -> None:
    """The event of neither has come: what `customer` answers is the survivor, for whom it is made."""
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.first)
    await merge(line.head, ours["id"], theirs["id"])

    made = await make.opportunity(line.first, customer_id=theirs["id"])
    assert made["customer_id"] == ours["id"]
    await house.settle()
    assert await listed(line.first, theirs["id"]) == {made["id"]: ours["id"]}


async def test_a_forecast_names_the_survivor_and_delivers_to_it(make: Make, house: House) -> None:
    line, operations = await line_of(make), await house.import_client()
    place = {"kind": "delivery", "line_1": "Quai 1", "city": "Ghent", "country": "BE"}
    ours, theirs = await make.customer(line.first, addresses=[place]), await make.customer(line.second)
    today = house.clock().date()
    await make.opportunity(line.second, customer_id=theirs["id"], expected_close=today.isoformat())
    period = {"kind": "month", "start": today.replace(day=1).isoformat()}
    body = {"name": "Merged", "period": period, "currency": "USD", "head_ids": [line.head.id]}
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    await operations.done("POST", f"/v1/forecast-cycles/{cycle['id']}/openings")
    await merge(line.head, ours["id"], theirs["id"])
    await house.settle()

    (candidate,) = (await line.second.done("GET", f"/v1/forecast-cycles/{cycle['id']}/candidates"))["items"]

    assert (candidate["customer_id"], candidate["customer_name"]) == (ours["id"], ours["legal_name"])
