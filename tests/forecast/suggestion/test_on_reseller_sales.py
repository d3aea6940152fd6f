"""The reseller sales as won opportunities of a house: its cycles suggest what the report on accuracy reports."""

from decimal import Decimal
from typing import Any

import pytest

from bench.accuracy.cycles import COMPANY, PERSON, Cycle, run_cycles
from bench.accuracy.sales import Sales, SalesMissing, default_folder, read_sales
from tests.conftest import Template
from tests.forecast.world import Record, World, open_world
from tests.house import Client

CYCLES = 3
CENT = Decimal("0.01")


def sales_or_skip() -> Sales:
    try:
        return read_sales(default_folder())
    except SalesMissing as missing:
        pytest.skip(str(missing))


async def founded(world: World, sales: Sales) -> dict[str, Client]:
    """Seat the sellers below their managers, and let them win what they sold, a part and month at a time."""
    people: dict[str, Client] = {}
    below = sorted(sales.sellers, key=lambda each: -len(sales.line(each.id)))
    for seller in below:
        people[seller.id] = await world.person(people[seller.superior] if seller.superior else None)
    parts = sorted({part for by_part in sales.amounts.values() for part in by_part}, key=str)
    groups = {group: world.peers.add_customer(None, tier=group) for group in sorted({str(each[0]) for each in parts})}
    products = {line: world.peers.add_product() for line in sorted({str(each[1]) for each in parts})}
    for seller in sales.sellers:
        for (group, line), amounts in sales.amounts[seller.id].items():
            for month, amount in zip(sales.months, amounts, strict=True):
                if amount:
                    world.peers.add_opportunity(
                        people[seller.id].person_id,
                        amount=f"{amount:.4f}",
                        state="won",
                        stage="close",
                        decided_on=f"{month:%Y-%m}-15",
                        customer_id=groups[str(group)]["id"],
                        lines=[
                            {"product_id": products[str(line)]["id"], "quantity": "1", "unit_price": "1"}
                            | {"delivery_date": None}
                        ],
                    )
    await world.settle()
    return people


async def totals(operations: Client, cycle: Record) -> dict[tuple[str, str], Any]:
    path = f"/v1/forecast-cycles/{cycle['id']}/suggested-figures?is_total=true&limit=500"
    items = (await operations.done("GET", path))["items"]
    return {(each["person_id"], each["scope"]): each for each in items}


async def suggested(world: World, cycle: Record) -> dict[tuple[str, str], Any]:
    operations = await world.operations()
    asked = await operations.post(f"/v1/forecast-cycles/{cycle['id']}/suggestions", {})
    assert asked.status_code == 202, asked.text
    while await world.house.service("forecast").jobs.step():
        pass
    return await totals(operations, cycle)


def check_same(sales: Sales, people: dict[str, Client], cycle: Cycle, found: dict[tuple[str, str], Any]) -> None:
    reported = {row.person: row for row in cycle.rows if row.level == PERSON}
    for seller in sales.sellers:
        figure, row = found[people[seller.id].id, "own"], reported[seller.name]
        assert figure["lacking"] == row.lacking
        assert abs(Decimal(figure["amount"] or 0) - row.forecast) <= CENT
    [company] = [row for row in cycle.rows if row.level == COMPANY]
    tops = [found[people[each.id].id, "line"] for each in sales.sellers if each.superior is None]
    own = [each["amount"] for (_, scope), each in found.items() if scope == "own" and each["amount"] is not None]
    assert sum(Decimal(each["amount"]) for each in tops) == sum(map(Decimal, own))
    assert abs(sum(map(Decimal, own)) - company.forecast) <= CENT * len(own)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_cycles_suggest_what_is_reported(template: Template) -> None:
    sales = sales_or_skip()
    months = list(range(len(sales.months) - CYCLES, len(sales.months)))
    reported = await run_cycles(sales, months)
    _, urls = await template.clone()
    async with open_world(urls, template.secrets) as world:
        people = await founded(world, sales)
        tops = [people[each.id] for each in sales.sellers if each.superior is None]
        for month, of_month in zip(months, reported, strict=True):
            period = {"kind": "month", "start": sales.months[month].isoformat()}
            cycle = await world.cycle(*tops, period=period, name=f"{sales.months[month]:%Y-%m}")
            check_same(sales, people, of_month, await suggested(world, cycle))
