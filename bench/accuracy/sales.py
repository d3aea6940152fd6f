"""The sales of AdventureWorks to resellers, by person, customer group, product line and month.

They are for measuring only and no part of the project: see `bench.matching.gold`. Nothing here knows which months
there are: the first and the last one are those of the first and the last sale.
"""

import csv
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from bench.matching.gold import GOLD
from servicekit.values.dates import add_months
from services.forecast.suggestion.rules.suggesting import Part

FOLDER = "KEYACCOUNT_RESELLER_SALES"
MANAGES = ("manager", "director")
"""What the title of somebody with people below them says."""

Amounts = Mapping[Part, Sequence[Decimal]]


class SalesMissing(Exception):
    """The folder with the sales is not on this machine, or is not what it should be."""


@dataclass(frozen=True)
class Seller:
    """Somebody who sells, and to whom they report."""

    id: str
    name: str
    superior: str | None


@dataclass(frozen=True)
class Sales:
    """What each person sold in each month, by customer group (business type) and product line (category)."""

    months: Sequence[date]
    sellers: Sequence[Seller]
    amounts: Mapping[str, Amounts]

    def total(self, person: str, month: int) -> Decimal:
        """Return what somebody sold in a month, 0 before the first."""
        return sum((each[month] for each in self.amounts[person].values()), Decimal(0)) if month >= 0 else Decimal(0)

    def line(self, person: str) -> list[str]:
        """Return somebody with everybody below them."""
        below = [each.id for each in self.sellers if each.superior == person]
        return [person, *(each for direct in below for each in self.line(direct))]


def default_folder() -> Path:
    """Return where the sales lie, unless a folder is named."""
    return Path(os.environ.get(FOLDER) or GOLD / "adventureworks-reseller-sales")


def read_sales(folder: Path) -> Sales:
    """Read the sales of a folder.

    Raises:
        SalesMissing: there are none.
    """
    lines = {row["ProductKey"]: row["Category"] for row in _rows(folder, "Product.csv")}
    groups = {row["ResellerKey"]: row["Business Type"] for row in _rows(folder, "Reseller.csv")}
    sold: dict[str, dict[Part, dict[date, Decimal]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Decimal)))
    for row in _rows(folder, "Sales.csv"):
        year, month = row["OrderDate"].replace("-", "/").split("/")[:2]
        part = (groups.get(row["ResellerKey"]), lines.get(row["ProductKey"]))
        sold[row["EmployeeKey"]][part][date(int(year), int(month), 1)] += Decimal(row["Sales"].replace(",", ""))
    if not sold:
        raise SalesMissing(f"{folder / 'Sales.csv'} has no sale")
    months = _months({month for parts in sold.values() for by_month in parts.values() for month in by_month})
    sellers = _sellers(folder, sold)
    return Sales(
        months,
        sellers,
        {
            each.id: {
                part: [by_month.get(month, Decimal(0)) for month in months]
                for part, by_month in sold.get(each.id, {}).items()
            }
            for each in sellers
        },
    )


def _months(with_sales: set[date]) -> list[date]:
    """Return every month from the first sale to the last: one without a sale is a month of 0."""
    first, last = min(with_sales), max(with_sales)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, month) for month in range(count)]


def _sellers(folder: Path, sold: Mapping[str, object]) -> list[Seller]:
    """Return who sells, each below the manager with the fewest regions that hold all of theirs."""
    people = {row["EmployeeKey"]: row for row in _rows(folder, "Salesperson.csv")}
    regions: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder, "SalespersonRegion.csv"):
        regions[row["EmployeeKey"]].add(row["SalesTerritoryKey"])
    managers = {key for key, row in people.items() if any(word in row["Title"].lower() for word in MANAGES)}

    def superior(key: str) -> str | None:
        above = [
            each
            for each in managers - {key}
            if regions[each] >= regions[key] and (key not in managers or regions[each] > regions[key])
        ]
        return min(above, key=lambda each: (len(regions[each]), each), default=None)

    return [
        Seller(key, people[key]["Salesperson"] if key in people else key, superior(key))
        for key in sorted({*people, *sold})
    ]


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / name
    if not path.exists():
        raise SalesMissing(
            f"{path} is not on this machine: name the folder with the reseller sales by --data or {FOLDER}"
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter="|")
