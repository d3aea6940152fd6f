"""Each file has the fields that the ERP's own definition has, those that it requires among them, with fitting values.

The definitions are no part of the project: without them these tests are skipped.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.forecast.erp.handing import table
from tests.forecast.erp.test_taking_in import Story, story

__all__ = ["story"]
DATA = Path(os.environ.get("KEYACCOUNT_GOLD") or Path(__file__).parents[4] / "shared" / "data")
pytestmark = pytest.mark.skipif(
    not all((DATA / f"erp-{name}" / "fields.csv").exists() for name in ("erpnext", "odoo", "frepple")),
    reason=f"the definitions of the ERP systems are not in {DATA}",
)
ESTIMATE = {"id", "product_id", "location_id", "product_uom", "product_uom_qty", "manual_date_from", "manual_date_to"}
LABELS = {
    "ID": "name",
    "Number of Weeks / Months": "demand_number",
    "Item Code (Select Items)": "selected_items.item_code",
    "Demand Qty (Select Items)": "selected_items.demand_qty",
    "Item Code (Items)": "items.item_code",
    "Delivery Date (Items)": "items.delivery_date",
    "Demand Qty (Items)": "items.demand_qty",
}


def defined(erp: str, column: str, name: str) -> dict[str, dict[str, str]]:
    with (DATA / f"erp-{erp}" / "fields.csv").open(encoding="utf-8") as content:
        fields = "field" if erp != "erpnext" else "fieldname"
        return {row[fields]: row for row in csv.DictReader(content) if row[column] == name}


def check_document(made: dict[str, object], doctype: str) -> None:
    """Refuse an unknown field, a required one that is missing, and a value of another type."""
    fields = defined("erpnext", "doctype", doctype)
    assert made.keys() <= fields.keys()
    required = {name for name, row in fields.items() if row["required"]}
    assert required <= made.keys()
    for name, value in made.items():
        row = fields[name]
        match row["fieldtype"]:
            case "Date":
                date.fromisoformat(str(value))
            case "Select":
                assert value in row["link_or_options"].split(" / ")
            case "Int":
                assert isinstance(value, int)
            case "Float":
                assert isinstance(value, int | float)
                assert value >= 0
            case "Link":
                assert value
                assert isinstance(value, str)
            case _:
                assert isinstance(value, list)
                for child in value:
                    check_document(child, row["link_or_options"])


async def test_erpnext_documents_are_as_it_defines_them(story: Story) -> None:
    documents = json.loads(await story.file(1, "erpnext-json"))["documents"]
    assert documents
    for each in documents:
        check_document(each["document"], "Sales Forecast")
        assert 0 < len(each["name"]) <= 140


async def test_erpnext_columns_are_its_fields(story: Story) -> None:
    rows = table(await story.file(1, "erpnext-csv"))
    parents = defined("erpnext", "doctype", "Sales Forecast") | {"name": {}}
    children = defined("erpnext", "doctype", "Sales Forecast Item")
    named = {label: LABELS.get(label, label.lower().replace(" ", "_")) for label in rows[0]}
    for field in named.values():
        table_of, _, child = field.rpartition(".")
        assert (child in children and table_of in parents) if table_of else field in parents
    required = {name for name, row in parents.items() if row and row["required"]}
    assert required <= {field.partition(".")[0] for field in named.values()}
    heads = [row for row in rows if row["ID"]]
    assert [row["Parent Warehouse"] for row in heads] == ["Bruges - BL", "Ghent - BL"]
    assert all(row["Demand Qty (Items)"] and row["Item Code (Items)"] for row in rows)


async def test_odoo_columns_are_those_of_an_estimate(story: Story) -> None:
    rows = table(await story.file(1, "odoo-csv"))
    assert {name.removesuffix("/id") for name in rows[0]} == ESTIMATE
    for row in rows:
        assert re.fullmatch(r"\w+\.\w+", row["id"])
        assert float(row["product_uom_qty"]) >= 0


def headings() -> Iterator[str]:
    book = CalamineWorkbook.from_path(DATA / "erp-frepple" / "xlsx" / "forecast-netting.xlsx")
    yield from (str(cell).lower() for cell in book.get_sheet_by_name("forecast").to_python()[0])


async def test_frepple_columns_are_its_fields(story: Story) -> None:
    forecast = defined("frepple", "table", "forecast")
    (row, *_) = table(await story.file(1, "frepple-forecast-csv"))
    assert row.keys() <= {name.strip() for names in forecast for name in names.split(",")}
    assert {name for name, field in forecast.items() if field["note"] == "required"} <= row.keys()
    assert row["method"] in re.split(r", ", forecast["method"]["type"])
    labels = {heading.removeprefix("forecast ") for heading in headings()}
    assert row.keys() <= labels

    plan = {name.replace(" ", ""): field for name, field in defined("frepple", "table", "forecastplan").items()}
    rows = table(await story.file(1, "frepple-forecastplan-csv"))
    assert rows[0].keys() <= plan.keys()
    assert {name for name, field in plan.items() if field["note"] == "required"} <= rows[0].keys()
    for each in rows:
        assert date.fromisoformat(each["startdate"]) < date.fromisoformat(each["enddate"])
        assert float(each["forecastoverride"]) >= 0
