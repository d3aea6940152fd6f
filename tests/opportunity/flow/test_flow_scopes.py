"""Whose opportunities the figures are about, by whom and of which day."""

from datetime import timedelta
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item

REPORTS = ["conversion", "stage-times", "win-rate", "velocity"]


async def lost_by(client: Client, query: str) -> int:
    found = await client.done("GET", f"/v1/funnel/win-rate?{query}")
    count: int = found["lost"]["count"]
    return count


async def began_by(client: Client, query: str) -> int:
    found = await client.done("GET", f"/v1/funnel/conversion?{query}")
    count: int = found["cohorts"][0]["count"]
    return count


def lost(house: House, days: int) -> list[dict[str, Any]]:
    return [
        {"at": ago(house, days=days), "to_stage": "find_contact"},
        {"at": ago(house, days=days - 1), "outcome": "lost"},
    ]


async def test_person_subtree_customer_product_line_and_everything(make: Make, house: House) -> None:
    operations = await house.import_client()
    manager, seller = await make.line(2)
    customer = await make.customer(manager)
    product = await make.product()
    line = {"product_id": product["id"], "quantity": "2", "unit_price": "10.00"}
    other = {"product_id": (await make.product())["id"], "quantity": "1"}
    await batch(
        operations,
        item(seller, lost(house, 9), customer_id=customer["id"]),
        item(seller, lost(house, 9), lines=[line, other], amount="500.00"),
        item(manager, lost(house, 9)),
    )

    of_line = f"scope=product_line&product_line_id={product['product_line_id']}"
    for query, due in (
        ("scope=person", 1),
        ("scope=subtree", 3),
        (f"scope=person&person_id={seller.id}", 2),
        (f"scope=customer&customer_id={customer['id']}", 1),
        (of_line, 1),
    ):
        assert await lost_by(manager, query) == due, query
        assert await began_by(manager, query) == due, query
    found = await manager.done("GET", f"/v1/funnel/win-rate?{of_line}")
    assert found["lost"]["amount"] == "20.00"
    stranger = await make.seller()
    assert await lost_by(stranger, of_line) == 0
    assert await lost_by(operations, of_line) == 1
    assert await lost_by(operations, "scope=everything") >= 3


async def test_owners_and_line_are_those_of_the_last_day(make: Make, house: House) -> None:
    operations = await house.import_client()
    manager, seller = await make.line(2)
    (made,) = await batch(operations, item(seller, lost(house, 30)))
    change = {"principal_id": manager.id, "reason": "Takes over."}
    await manager.done("POST", f"/v1/opportunities/{made['id']}/principal-changes", change)

    before = f"until_date={house.clock().date() - timedelta(days=3)}"

    assert (await lost_by(seller, "scope=person"), await lost_by(manager, "scope=person")) == (0, 1)
    assert await lost_by(seller, f"scope=person&{before}") == 1
    assert (await began_by(seller, "scope=person"), await began_by(seller, f"scope=person&{before}")) == (0, 1)


@pytest.mark.parametrize("report", REPORTS)
async def test_nobody_reads_the_figures_of_others(make: Make, report: str) -> None:
    manager, seller = await make.line(2)
    path = f"/v1/funnel/{report}"

    assert (await seller.get(f"{path}?scope=everything")).status_code == 403
    assert (await seller.get(f"{path}?scope=subtree&person_id={manager.id}")).status_code == 404
    customer = await make.customer(manager)
    assert (await seller.get(f"{path}?scope=customer&customer_id={customer['id']}")).status_code == 404
    assert (await seller.get(f"{path}?scope=customer")).json()["code"] == "scope_incomplete"
    assert (await (await make.person(roles=["marketing"])).get(f"{path}?scope=everything")).status_code == 200


@pytest.mark.parametrize("report", REPORTS[:3])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_date=2026-03-02&until_date=2026-03-02", "query:from_date"),
        ("until_date=2300-01-01", "query:until_date"),
        ("from_date=1950-01-01", "query:from_date"),
        ("until_date=1950-01-01", "query:until_date"),
    ],
)
async def test_a_window_that_cannot_be_is_named(make: Make, report: str, query: str, field: str) -> None:
    refused = await (await make.seller()).get(f"/v1/funnel/{report}?scope=person&{query}")

    assert (refused.status_code, refused.json()["code"]) == (422, "window_not_possible")
    assert refused.json()["errors"][0]["pointer"] == field


async def test_as_of_is_neither_in_the_future_nor_before_the_window_ends(make: Make) -> None:
    seller = await make.seller()

    for path in ("conversion?as_of=2300-01-01", "velocity?as_of=2300-01-01", "velocity?as_of=1950-01-01"):
        assert (await seller.get(f"/v1/funnel/{path}")).json()["code"] == "window_not_possible"
    late = await seller.get("/v1/funnel/conversion?as_of=2026-03-01&until_date=2026-03-03")
    assert late.json()["errors"][0]["pointer"] == "query:until_date"
