"""Files for ERP systems: what they refuse, what they leave out, and what of several cycles is in them."""

import io
import json
from decimal import Decimal

import httpx
from python_calamine import CalamineWorkbook

from tests.forecast.demand_plan.plans import approved, publish
from tests.forecast.erp.handing import call, line, planned, planner, system, table
from tests.forecast.world import Record, World
from tests.house import Client


async def taken(by: Client, plan: Record, form: str, name: str, query: str = "") -> httpx.Response:
    return await by.get(f"/v1/demand-plans/{plan['id']}/files/{form}?system={name}{query}")


async def test_what_has_no_code_is_named_and_can_be_left_out(world: World) -> None:
    boot, shoe = world.peers.add_product(), world.peers.add_product()
    plan = await planned(world, line(boot, "3", "2026-12"), line(shoe, "4", "2026-12", "Bruges"))
    keeper = await planner(world)
    name = await system(keeper, "odoo")
    await call(keeper, name, "BOOT", product_id=boot["id"])
    await call(keeper, name, "WH", place="Ghent")

    refused = await taken(keeper, plan, "odoo-csv", name)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "erp_references_missing")
    assert problem["products"] == [{"id": shoe["id"], "code": shoe["code"]}]
    assert (problem["product_lines"], problem["places"]) == ([], ["Bruges"])
    path = f"/v1/demand-plans/{plan['id']}/erp-readiness?system="
    told = await keeper.done("GET", path + name)
    assert (told["is_ready"], [each["subject"] for each in told["unmapped"]]) == (False, [shoe["id"], "Bruges"])
    assert (await keeper.get(f"{path}nowhere")).json()["code"] == "unknown_erp_system"
    left = table((await taken(keeper, plan, "odoo-csv", name, "&unmapped=leave_out")).text)
    assert [(row["product_id/id"], row["location_id/id"], row["product_uom_qty"]) for row in left] == [
        ("BOOT", "WH", "3")
    ]
    assert (await taken(keeper, plan, "csv", name)).status_code == 200


async def test_a_system_is_of_the_kind_that_takes_the_file(world: World) -> None:
    plan = await planned(world, line(world.peers.add_product(), "3", "2026-12"))
    keeper = await planner(world)
    odoo, frepple = await system(keeper, "odoo"), await system(keeper, "frepple")
    await system(keeper, "frepple")
    wrong = await taken(keeper, plan, "frepple-json", odoo)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_erp_system")
    assert frepple in wrong.json()["systems"]
    several = await keeper.get(f"/v1/demand-plans/{plan['id']}/files/frepple-json")
    assert several.json()["errors"][0]["pointer"] == "query:system"


async def test_two_of_ours_under_one_code_are_added_up_unless_they_are_counted_differently(world: World) -> None:
    boot, shoe, glue = world.peers.add_product(), world.peers.add_product(), world.peers.add_product("kg")
    lines = [line(boot, "3", "2026-12"), line(shoe, "4", "2026-12", "Bruges"), line(glue, "5", "2026-12")]
    plan = await planned(world, *lines)
    keeper = await planner(world)
    name = await system(keeper, "odoo")
    for product in (boot, shoe):
        await call(keeper, name, "FOOTWEAR", product_id=product["id"])
    glued = await call(keeper, name, "GLUE", product_id=glue["id"])
    for place in ("Ghent", "Bruges"):
        await call(keeper, name, "WH", place=place)
    await call(keeper, name, "PAIR", unit="pair")

    rows = table((await taken(keeper, plan, "odoo-csv", name)).text)
    assert {(row["product_id/id"], row["product_uom/id"], row["product_uom_qty"]) for row in rows} == {
        ("FOOTWEAR", "PAIR", "7"),
        ("GLUE", "", "5"),
    }
    path = f"/v1/erp-references/{glued['id']}"
    assert (await keeper.patch(path, {"code": "FOOTWEAR"}, headers={"if-match": '"1"'})).status_code == 200
    mixed = await taken(keeper, plan, "odoo-csv", name)
    assert (mixed.json()["code"], mixed.json()["codes"]) == ("erp_units_mixed", ["FOOTWEAR"])


async def test_lines_in_money_only_are_in_no_file_of_an_erp_and_are_named(world: World) -> None:
    top, seller = await world.line(2)
    cycle, boot = await world.cycle(top), world.peers.add_product()
    await world.confirmed(seller, cycle, "30.00", lines=[line(boot, "3", "2026-12")])
    await world.confirmed(seller, cycle, "55.00")
    await approved(world, cycle, seller, top)
    plan = await publish(world, cycle)
    keeper = await planner(world)
    name = await system(keeper, "erpnext")
    await call(keeper, name, "BOOT", product_id=boot["id"])
    await call(keeper, name, "Ghent - BL", place="Ghent")

    answer = await taken(keeper, plan, "erpnext-json", name)
    told = json.loads(answer.text)
    assert answer.headers["keyaccount-in-money-only"] == "1"
    assert [(each["place"], each["amount"]) for each in told["in_money_only"]] == [("unspecified", "55.0000")]
    readiness = await keeper.done("GET", f"/v1/demand-plans/{plan['id']}/erp-readiness?system={name}")
    (money,) = readiness["in_money_only"]
    assert (readiness["is_ready"], money["amount"]) == (True, {"amount": "55.00", "currency": "USD"})
    (only,) = told["documents"]
    assert [row["item_code"] for row in only["document"]["items"]] == ["BOOT"]


async def test_orders_are_taken_off_once_and_frepple_gets_what_all_cycles_say(world: World) -> None:
    """Two cycles expect 100 and 50 of one month; 120 are ordered: 0 and 30 are left."""
    boot = world.peers.add_product()
    first = await planned(world, line(boot, "100", "2027-01"))
    top, seller = await world.line(2)
    later = await world.cycle(top, period={"kind": "month", "start": "2026-12-01"})
    lines = [line(boot, "50", "2027-01")]
    await world.confirmed(seller, later, "500.00", lines=lines, expected_close="2026-12-20")
    await approved(world, later, seller, top)
    second = await publish(world, later)
    keeper = await planner(world)
    names = {kind: await system(keeper, kind) for kind in ("erpnext", "frepple")}
    for name in names.values():
        await call(keeper, name, "BOOT", product_id=boot["id"])
        await call(keeper, name, "Ghent", place="Ghent")
    order = {
        "external_reference": {"system": names["erpnext"], "id": "SO-1"},
        "order_number": "SO-1",
        "product_id": boot["id"],
        "place": "Ghent",
        "due_on": "2027-01-31",
        "quantity": "120",
    }
    await keeper.done("POST", "/v1/confirmed-orders", order)

    left, gross = [], []
    for plan in (first, second):
        told = json.loads((await taken(keeper, plan, "erpnext-json", names["erpnext"])).text)
        left.append(Decimal(str(told["documents"][0]["document"]["items"][0]["demand_qty"])))
        detail = json.loads((await taken(keeper, plan, "frepple-json", names["frepple"])).text)
        gross.append([each["forecastoverride"] for each in detail])
    assert left == [0, 30]
    assert gross == [[150], [150]]


async def test_frepples_workbook_has_a_sheet_for_each_table(world: World) -> None:
    boot, glue = world.peers.add_product(), world.peers.add_product("kg", is_whole=False)
    plan = await planned(world, line(boot, "3", "2026-12"), line(glue, "0.5", "2027-01"))
    keeper = await planner(world)
    name = await system(keeper, "frepple")
    await call(keeper, name, '=1+1 "x" <€>', product_id=boot["id"])
    await call(keeper, name, "GLUE", product_id=glue["id"])
    await call(keeper, name, "factory", place="Ghent")

    book = await taken(keeper, plan, "frepple-xlsx", name)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    assert sheets.sheet_names == ["forecast", "forecastplan"]
    forecasts = sheets.get_sheet_by_name("forecast").to_python()
    assert forecasts[1:] == [
        ['=1+1 "x" <€> @ factory @ All customers', '=1+1 "x" <€>', "factory", "All customers", "manual", True, True],
        ["GLUE @ factory @ All customers", "GLUE", "factory", "All customers", "manual", False, True],
    ]
    written = await taken(keeper, plan, "frepple-forecastplan-csv", name)
    assert written.headers["content-disposition"].endswith("''forecastplan.csv")
    rows = table(written.text)
    figures = sheets.get_sheet_by_name("forecastplan").to_python()
    assert [[str(cell) for cell in row[:5]] for row in figures[1:]] == [list(row.values())[:5] for row in rows]
    assert [row[5] for row in figures[1:]] == [3, 0.5]


async def test_an_erp_that_plans_by_product_line_gets_lines_and_their_orders(world: World) -> None:
    boot = world.peers.add_product()
    plan = await planned(world, line(boot, "30", "2026-12"), granularity="product_line")
    keeper = await planner(world)
    name = await system(keeper, "erpnext")
    await call(keeper, name, "FOOTWEAR", product_line_id=boot["product_line_id"])
    await call(keeper, name, "Ghent", place="Ghent")
    order = {"external_reference": {"system": name, "id": "1"}, "order_number": "1", "product_id": boot["id"]}
    order |= {"place": "Ghent", "due_on": "2026-12-24", "quantity": "10"}
    await keeper.done("POST", "/v1/confirmed-orders", order)
    rows = table((await taken(keeper, plan, "erpnext-csv", name)).text)
    assert [(row["Item Code (Items)"], row["Demand Qty (Items)"]) for row in rows] == [("FOOTWEAR", "20")]


async def test_a_plan_by_weeks_is_one_of_whole_weeks_to_an_erp(world: World) -> None:
    """The last week of the year lies in two months: two lines of the plan, one period of the ERP."""
    boot = world.peers.add_product()
    lines = [line(boot, "4", "2026-12") | {"delivery_date": day} for day in ("2026-12-30", "2027-01-01", "2027-01-13")]
    plan = await planned(world, *lines, plan_period="week")
    keeper = await planner(world)
    names = {kind: await system(keeper, kind) for kind in ("erpnext", "odoo")}
    for name in names.values():
        await call(keeper, name, "BOOT", product_id=boot["id"])
        await call(keeper, name, "Ghent", place="Ghent")
    order = {"external_reference": {"system": names["erpnext"], "id": "W"}, "order_number": "W", "item_code": "BOOT"}
    order |= {"place": "Ghent", "due_on": "2027-01-03", "quantity": "5"}
    await keeper.done("POST", "/v1/confirmed-orders", order)

    rows = table((await taken(keeper, plan, "odoo-csv", names["odoo"])).text)
    figures = [(row["manual_date_from"], row["manual_date_to"], row["product_uom_qty"]) for row in rows]
    assert figures == [("2026-12-28", "2027-01-03", "8"), ("2027-01-11", "2027-01-17", "4")]
    told = json.loads((await taken(keeper, plan, "erpnext-json", names["erpnext"])).text)
    made = told["documents"][0]["document"]
    assert (made["frequency"], made["from_date"], made["demand_number"]) == ("Weekly", "2026-12-28", 3)
    assert [row["demand_qty"] for row in made["items"]] == [3, 0, 4]


async def test_business_central_gets_entries(world: World) -> None:
    boot = world.peers.add_product()
    plan = await planned(world, line(boot, "30", "2026-12"))
    keeper = await planner(world)
    name = await system(keeper, "business_central")
    await call(keeper, name, "1000", product_id=boot["id"])
    await call(keeper, name, "BLUE", place="Ghent")
    await call(keeper, name, "PAIR", unit="pair")
    (row,) = table((await taken(keeper, plan, "business-central-csv", name)).text)
    assert list(row.values()) == ["SALES", "1000", "BLUE", "", "2026-12-01", "30", "PAIR", "false"]
