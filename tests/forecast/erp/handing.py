"""What people of the hand-over do: ERP systems with codes, a published plan, and its files, through the API."""

import csv
import io
from typing import Any

from servicekit.values.ids import new_id
from tests.forecast.demand_plan.plans import approved, publish
from tests.forecast.world import Record, World
from tests.house import Client

SETTINGS: dict[str, dict[str, str]] = {
    "erpnext": {"company": "Boots Ltd"},
    "odoo": {},
    "frepple": {"customer": "All customers"},
    "business_central": {"forecast_name": "SALES"},
    "other": {},
}


async def planner(world: World) -> Client:
    """Add somebody of production planning."""
    return await world.person(None, "production_planner")


async def system(by: Client, kind: str, **given: str) -> str:
    """Add an ERP system of a kind and return what it is called."""
    name = f"{kind}-{new_id().hex[-8:]}"
    await by.done("POST", "/v1/erp-systems", {"name": name, "kind": kind} | SETTINGS[kind] | given)
    return name


async def call(by: Client, name: str, code: str, **of: Any) -> Record:
    """Say what a system calls something."""
    made: Record = await by.done("POST", "/v1/erp-references", {"system": name, "code": code, **of})
    return made


def line(product: Record, quantity: str, month: str, place: str | None = "Ghent") -> Record:
    """Return a line of an opportunity, of 10 a piece."""
    day = f"{month}-05"
    return {
        "product_id": product["id"],
        "quantity": quantity,
        "unit_price": "10",
        "delivery_date": day,
        "place": place,
    }


async def planned(world: World, *lines: Record, cycle: Record | None = None, **given: Any) -> Record:
    """Confirm one opportunity with these lines, up to a published plan of a cycle of its own."""
    top, seller = await world.line(2)
    cycle = cycle or await world.cycle(top, **given)
    amount = sum(10 * float(each["quantity"]) for each in lines)
    await world.confirmed(seller, cycle, f"{amount:.2f}", lines=list(lines))
    await approved(world, cycle, seller, top)
    return await publish(world, cycle)


def table(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))
