"""ERPNext: a `Sales Forecast` for each delivery place, net of confirmed orders, with a row for every period.

ERPNext takes, day by day, the larger of a smooth forecast and the orders; what is ordered already would count twice.
It plans by the warehouse in a document's head, and gives no key of ours back: the name says plan and version.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from services.forecast.cycles.rules.definition import PlanPeriod
from services.forecast.erp.rules.demand import Demand, Handed

NAMING_SERIES = "SF.YY.-.######"
FREQUENCIES = {PlanPeriod.MONTH: "Monthly", PlanPeriod.WEEK: "Weekly"}
HEADING = (
    "ID",
    "Naming Series",
    "Company",
    "Posting Date",
    "From Date",
    "Frequency",
    "Number of Weeks / Months",
    "Parent Warehouse",
    "Item Code (Select Items)",
    "Demand Qty (Select Items)",
    "Item Code (Items)",
    "Delivery Date (Items)",
    "Demand Qty (Items)",
)
LONGEST_PART = 60
ZERO = Decimal(0)
Cell = str | Decimal | int | None


def name_of(handed: Handed, location: str, version: int) -> str:
    """Return what the document of a place is called: the same for the same plan, version and place."""
    cycle = f"{handed.cycle_name[:LONGEST_PART]} {str(handed.cycle_id)[-8:]}"
    return f"Plan {cycle} v{version} {location[:LONGEST_PART]} net of orders"


def document(handed: Handed, location: str, demand: Sequence[Demand]) -> dict[str, Any]:
    """Return the `Sales Forecast` of one place, whose demand comes in the order of items and periods."""
    items = sorted({each.item for each in demand})
    said = {(each.item, each.period): each.net for each in demand}
    periods = list(handed.horizon.periods())
    return {
        "naming_series": NAMING_SERIES,
        "company": handed.system.company,
        "posting_date": handed.published_at.date().isoformat(),
        "from_date": periods[0].isoformat(),
        "frequency": FREQUENCIES[handed.horizon.kind],
        "demand_number": len(periods),
        "parent_warehouse": location,
        "selected_items": [{"item_code": item, "demand_qty": ZERO} for item in items],
        "items": [
            {"item_code": item, "delivery_date": period.isoformat(), "demand_qty": said.get((item, period), ZERO)}
            for item in items
            for period in periods
        ],
    }


def entry(handed: Handed, location: str, demand: Sequence[Demand]) -> dict[str, Any]:
    """Return a document with what it is called and the names of those that it takes the place of."""
    return {
        "name": name_of(handed, location, handed.version),
        "replaces": [name_of(handed, location, version) for version in range(1, handed.version)],
        "document": document(handed, location, demand),
    }


def about(handed: Handed) -> dict[str, Any]:
    """Return what is said of all documents together."""
    return {
        "doctype": "Sales Forecast",
        "plan_id": str(handed.plan_id),
        "cycle_id": str(handed.cycle_id),
        "cycle_name": handed.cycle_name,
        "version": handed.version,
        "published_at": handed.published_at.isoformat(),
        "is_net_of_confirmed_orders": True,
        "orders_known_at": handed.as_of.isoformat(),
        "in_money_only": [
            {
                "product_line_id": str(each.product_line_id) if each.product_line_id else None,
                "month": each.month.isoformat(),
                "place": each.place,
                "amount": format(each.amount, "f"),
                "currency": each.currency,
            }
            for each in handed.in_money_only
        ],
    }


def rows(handed: Handed, location: str, demand: Sequence[Demand]) -> Iterator[Sequence[Cell]]:
    """Yield the rows of a document: what its head says is in the first one only."""
    made = document(handed, location, demand)
    head: Sequence[Cell] = (
        name_of(handed, location, handed.version),
        *(made[name] for name in ("naming_series", "company", "posting_date", "from_date", "frequency")),
        made["demand_number"],
        location,
    )
    selected = made["selected_items"]
    for number, item in enumerate(made["items"]):
        beginning = head if number == 0 else (None,) * len(head)
        chosen = selected[number] if number < len(selected) else {"item_code": None, "demand_qty": None}
        yield (*beginning, *chosen.values(), item["item_code"], item["delivery_date"], item["demand_qty"])
