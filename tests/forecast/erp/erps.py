"""Small models of how ERP systems take a file in: by which key a row is known again, and what is then planned."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

COMPUTED = {"product_qty", "daily_qty", "date_from", "date_to", "duration"}


@dataclass
class Odoo:
    """Estimates by external id: one that is there is updated."""

    estimates: dict[str, dict[str, str]] = field(default_factory=dict)

    def take_in(self, text: str) -> None:
        for row in csv.DictReader(io.StringIO(text)):
            assert not COMPUTED & row.keys()
            assert row["product_id/id"]
            assert row["location_id/id"]
            assert date.fromisoformat(row["manual_date_from"]) <= date.fromisoformat(row["manual_date_to"])
            self.estimates.setdefault(row["id"], {}).update({name: cell for name, cell in row.items() if cell})

    def planned(self) -> dict[tuple[str, str, str], Decimal]:
        """Return the demand by item, location and first day; estimates of one period add up."""
        sums: dict[tuple[str, str, str], Decimal] = {}
        for row in self.estimates.values():
            key = (row["product_id/id"], row["location_id/id"], row["manual_date_from"])
            sums[key] = sums.get(key, Decimal(0)) + Decimal(row["product_uom_qty"])
        return sums


@dataclass
class Frepple:
    """Forecasts by name, of which item, location and customer are unique; their figures by start."""

    forecasts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overrides: dict[tuple[str, str, str, str], Decimal] = field(default_factory=dict)

    def take_in(self, forecast: str, plan: str) -> None:
        for row in csv.DictReader(io.StringIO(forecast)):
            of = (row["item"], row["location"], row["customer"])
            assert all(known == row["name"] for known, its in self.forecasts.items() if its == of)
            self.forecasts[row["name"]] = of
        for row in csv.DictReader(io.StringIO(plan)):
            of = (row["item"], row["location"], row["customer"])
            assert of in self.forecasts.values()
            if row["forecastoverride"]:
                self.overrides[*of, row["startdate"]] = Decimal(row["forecastoverride"])

    def net(self, orders: dict[tuple[str, str, str, str], Decimal]) -> dict[tuple[str, str, str, str], Decimal]:
        """Return what is planned beside orders, which are taken off without a window; -1 is no figure."""
        return {
            key: max(Decimal(0), figure - orders.get(key, Decimal(0)))
            for key, figure in self.overrides.items()
            if figure != -1
        }


@dataclass
class ErpNext:
    """Documents by name; only submitted ones plan, and a name is given once."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)

    def take_in(self, text: str) -> None:
        """Do what docs/erp.md says: leave alone what is there, cancel what is replaced, then create and submit."""
        for entry in json.loads(text)["documents"]:
            if entry["name"] in self.documents:
                continue
            self.cancelled |= self.documents.keys() & set(entry["replaces"])
            self.documents[entry["name"]] = entry["document"]

    def submitted(self) -> Iterator[dict[str, Any]]:
        return (made for name, made in self.documents.items() if name not in self.cancelled)

    def planned(self) -> dict[tuple[str, str, str], Decimal]:
        """Return the demand by item, warehouse and date; documents of one warehouse add up."""
        sums: dict[tuple[str, str, str], Decimal] = {}
        for made in self.submitted():
            for row in made["items"]:
                key = (row["item_code"], made["parent_warehouse"], row["delivery_date"])
                sums[key] = sums.get(key, Decimal(0)) + Decimal(str(row["demand_qty"]))
        return sums
