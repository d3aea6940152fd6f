"""A plan and its next version are taken in, each twice, by models of the ERP systems: the end state is the plan's."""

import json
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from servicekit.values.ids import new_id
from tests.forecast.demand_plan.plans import approved, publish
from tests.forecast.erp.erps import ErpNext, Frepple, Odoo
from tests.forecast.erp.handing import call, line, planner, system
from tests.forecast.world import Record, World
from tests.house import Client

KINDS = ("erpnext", "odoo", "frepple")
ORDERS = "/v1/confirmed-orders"


@dataclass
class Story:
    """A cycle with two versions of its plan: the shoes fall away in the second."""

    keeper: Client
    systems: dict[str, str]
    boot: Record
    versions: list[Record] = field(default_factory=list)

    async def file(self, version: int, form: str, **query: str) -> str:
        name = self.systems[form.partition("-")[0]]
        path = f"/v1/demand-plans/{self.versions[version]['id']}/files/{form}?system={name}"
        answer = await self.keeper.get(path + "".join(f"&{each}={value}" for each, value in query.items()))
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
async def story(world: World) -> Story:
    keeper, (top, seller) = await planner(world), await world.line(2)
    boot, shoe = world.peers.add_product(), world.peers.add_product()
    await world.settle()
    told = Story(keeper, {kind: await system(keeper, kind) for kind in KINDS}, boot)
    for name in told.systems.values():
        await call(keeper, name, "BOOT", product_id=boot["id"])
        await call(keeper, name, "SHOE", product_id=shoe["id"])
        await call(keeper, name, "Ghent - BL", place="Ghent")
        await call(keeper, name, "Bruges - BL", place="Bruges")
    cycle = await world.cycle(top, name=f"Quarter {new_id().hex[-6:]}")
    stays = [line(boot, "300", "2026-11"), line(boot, "20", "2027-01", "Bruges")]
    await world.confirmed(seller, cycle, "3200.00", lines=stays)
    gone = await world.confirmed(seller, cycle, "70.00", lines=[line(shoe, "7", "2026-12")])
    await approved(world, cycle, seller, top)
    told.versions.append(await publish(world, cycle))
    world.peers.change(gone, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    await approved(world, cycle, seller, top)
    told.versions.append(await publish(world, cycle))
    order = {
        "external_reference": {"system": told.systems["erpnext"], "id": f"SO-1/{new_id().hex[-6:]}"},
        "order_number": "SO-1",
        "item_code": "BOOT",
        "location_code": "Ghent - BL",
        "due_on": "2026-11-17",
        "quantity": "120",
    }
    await keeper.done("POST", ORDERS, order)
    return told


def demanded(planned: dict[tuple[str, str, str], Decimal]) -> dict[tuple[str, str, str], Decimal]:
    return {key: figure for key, figure in planned.items() if figure}


async def test_odoo_updates_and_ends_with_the_plan(story: Story) -> None:
    erp = Odoo()
    for version in (0, 0, 1, 1):
        erp.take_in(await story.file(version, "odoo-csv"))
    assert demanded(erp.planned()) == {
        ("BOOT", "Ghent - BL", "2026-11-01"): 300,
        ("BOOT", "Bruges - BL", "2027-01-01"): 20,
    }
    assert erp.planned()["SHOE", "Ghent - BL", "2026-12-01"] == 0
    until = {row["manual_date_from"]: row["manual_date_to"] for row in erp.estimates.values()}
    assert until == {"2026-11-01": "2026-11-30", "2026-12-01": "2026-12-31", "2027-01-01": "2027-01-31"}


async def test_frepple_overrides_and_nets_by_itself(story: Story) -> None:
    erp = Frepple()
    for version in (0, 0, 1, 1):
        forecast = await story.file(version, "frepple-forecast-csv")
        erp.take_in(forecast, await story.file(version, "frepple-forecastplan-csv"))
    key = ("BOOT", "Ghent - BL", "All customers", "2026-11-01")
    assert erp.overrides[key] == 300  # gross: the order of 120 is not taken off
    assert erp.net({key: Decimal(120)})[key] == 180
    assert erp.overrides["SHOE", "Ghent - BL", "All customers", "2026-12-01"] == 0
    detail = json.loads(await story.file(1, "frepple-json"))
    figures = {(one["item"], one["location"], one["customer"], one["startdate"]): one for one in detail}
    assert {key: Decimal(str(one["forecastoverride"])) for key, one in figures.items()} == erp.overrides
    assert figures[key]["enddate"] == "2026-12-01"


def test_frepples_own_case_of_netting() -> None:
    """Gross 350 a month, orders 300, 500, 280, 0: net 50, 0, 70, 350. Given net, the orders would be taken twice."""
    starts = [f"2026-{month:02}-01" for month in (9, 10, 11, 12)]
    orders = {("B", "G", "C", start): Decimal(of) for start, of in zip(starts, (300, 500, 280, 0), strict=True)}
    rows = "".join(f"B,G,C,{start},,350\n" for start in starts)
    erp = Frepple()
    erp.take_in(
        "name,item,location,customer\nx,B,G,C\n", "item,location,customer,startdate,enddate,forecastoverride\n" + rows
    )
    assert list(erp.net(orders).values()) == [50, 0, 70, 350]


async def test_erpnext_has_one_document_in_force_for_each_place(story: Story) -> None:
    erp = ErpNext()
    first = await story.file(0, "erpnext-json")
    erp.take_in(first)
    erp.take_in(await story.file(0, "erpnext-json"))
    assert demanded(erp.planned())["SHOE", "Ghent - BL", "2026-12-01"] == 7
    for _ in range(2):
        erp.take_in(await story.file(1, "erpnext-json"))
    assert demanded(erp.planned()) == {
        ("BOOT", "Ghent - BL", "2026-11-01"): 180,  # less the order of 120
        ("BOOT", "Bruges - BL", "2027-01-01"): 20,
    }
    assert sorted(made["parent_warehouse"] for made in erp.submitted()) == ["Bruges - BL", "Ghent - BL"]
    told = json.loads(first)
    assert (told["is_net_of_confirmed_orders"], told["version"]) == (True, 1)
    (ghent,) = [each["document"] for each in told["documents"] if each["document"]["parent_warehouse"] == "Ghent - BL"]
    assert [row["delivery_date"] for row in ghent["items"]] == ["2026-11-01", "2026-12-01", "2027-01-01"] * 2


async def test_whoever_cancels_an_order_gives_its_forecast_back(story: Story) -> None:
    listed = await story.keeper.done("GET", f"{ORDERS}?external_system={story.systems['erpnext']}")
    (order,) = listed["items"]
    path = f"{ORDERS}/{order['id']}"

    async def left() -> Decimal:
        erp = ErpNext()
        erp.take_in(await story.file(1, "erpnext-json"))
        return erp.planned()["BOOT", "Ghent - BL", "2026-11-01"]

    expected = (("delivered", 180), ("cancelled", 300), ("confirmed", 180))
    for version, (state, net) in enumerate(expected, start=1):
        changed = await story.keeper.patch(path, {"state": state}, headers={"if-match": f'"{version}"'})
        assert (changed.status_code, changed.json()["version"]) == (200, version + 1)
        assert await left() == net
