"""The sets with known answers: rows of a list, each with the entity that it truly is.

They are for measuring only and no part of the project: they lie in `$KEYACCOUNT_GOLD`, or in `shared/data` beside it.
"""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.customer.matching.rules.company import Address, Company, Name

GOLD = Path(os.environ.get("KEYACCOUNT_GOLD") or Path(__file__).parents[3] / "shared" / "data")


class GoldMissing(Exception):
    """The folder with the sets is not on this machine."""


@dataclass(frozen=True)
class Row:
    """A company as a list describes it, and which entity it truly is."""

    company: Company
    entity: str


@dataclass(frozen=True)
class Labelled:
    """Two companies that somebody compared, and whether they are one."""

    left: Company
    right: Company
    same: bool


def _read(name: str) -> Iterator[dict[str, str]]:
    path = GOLD / name
    if not path.exists():
        raise GoldMissing(f"{path} is not on this machine: set KEYACCOUNT_GOLD to the folder with the gold sets")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def chicago(*, addresses: bool = True) -> list[Row]:
    """Return sites of Chicago from ten lists; without `addresses` their names and phones alone."""
    return [
        Row(
            Company(
                names=(Name(row["site_name"]),),
                country="US",
                addresses=(Address(row["address"], postal_code=row["zip"] or None),) if addresses else (),
                phones=(row["phone"],) if row["phone"] else (),
            ),
            row["true_id"],
        )
        for row in _read("er-chicago-sites/sites_with_true_ids.csv")
    ]


def _restaurant(row: dict[str, str], side: str) -> Company:
    name, line, city, phone = (row[f"{side}_{field}"].strip(" `'") for field in ("name", "addr", "city", "phone"))
    return Company(
        names=(Name(name),),
        country="US",
        city=city or None,
        addresses=(Address(line, city=city or None),) if line else (),
        phones=(phone,) if phone else (),
    )


def restaurants() -> list[Labelled]:
    """Return labelled pairs of restaurants from two guides."""
    return [
        Labelled(_restaurant(row, "left"), _restaurant(row, "right"), row["label"] == "1")
        for row in _read("er-fodors-zagats/pairs.csv")
    ]


def chinese_names() -> dict[str, dict[str, str]]:
    """Return names of Chinese listed companies: kind of name → entity → name (short names by kind and state)."""
    found: dict[str, dict[str, str]] = {}
    for row in _read("er-cn-names/gold_names.csv"):
        found.setdefault(row["name_type"], {})[row["entity_code"]] = row["name"]
    return found


def short_and_full() -> list[tuple[str, str]]:
    """Return the full name of each Chinese listed company with its short one."""
    names = chinese_names()
    return [(full, names["short_name"][entity]) for entity, full in names["full_name"].items()]


def legal_names() -> list[tuple[str, str]]:
    """Return legal names of companies with their country."""
    return [(row["legal_name"], row["country"]) for row in _read("lei-sample/lei_sample.csv")]
