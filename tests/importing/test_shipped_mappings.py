"""The two mappings that are shipped, on their whole data; figures are those of CLEANING.md and SOURCE.md."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import keyaccount.demo
from keyaccount.importing import command
from keyaccount.importing.command import find_mapping
from tests.importing.conftest import CRM_FOLDER, Importing, client_of
from tests.importing.stand_in import StandIn

ADVENTUREWORKS = Path(keyaccount.demo.__file__).parent / "adventureworks"
UNTRIMMED = CRM_FOLDER.parent / "adventureworks-oltp"

needs_crm = pytest.mark.skipif(
    not CRM_FOLDER.is_dir(), reason=f"the data are not ours to ship and are not in {CRM_FOLDER}"
)


def items(stand_in: StandIn, kind: str) -> dict[str, Any]:
    return {own: found["item"] for own, found in stand_in.records[kind].items()}


def created(count: int, **more: int) -> dict[str, int]:
    return {"created": count, "updated": 0, "unchanged": 0, "rejected": 0, **more}


@dataclass
class Imported:
    """An import of the whole data, for the tests that only look."""

    stand_in: StandIn
    done: command.Imported

    def items(self, kind: str) -> dict[str, Any]:
        return items(self.stand_in, kind)


@pytest.fixture(scope="module")
async def crm(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    stand_in = StandIn()
    async with client_of(stand_in) as client:
        state = tmp_path_factory.mktemp("state")
        done = await command.import_folder(client, find_mapping("crm-sales-opportunities"), CRM_FOLDER, state=state)
    return Imported(stand_in, done)


@needs_crm
async def test_crm_counts(crm: Imported) -> None:
    done = crm.done

    assert done.counts == {
        "business-units": created(3),
        "people": created(41),
        "customers": created(85),
        "product-lines": created(3),
        "products": created(7),
        "opportunities": created(8800),
    }
    assert done.plan.notes.counts == {
        (
            "opportunities",
            "'GTXPro' read as 'GTX Pro' (the only one of the products that is the same but for spaces and case)",
        ): 1480
    }


@needs_crm
async def test_crm_opportunities(crm: Imported) -> None:
    opportunities = crm.items("opportunities").values()
    last = [item["history"][-1] if item["history"] else {"outcome": "prospecting"} for item in opportunities]
    outcomes = Counter(change.get("outcome", "engaging") for change in last)
    assert outcomes == {"won": 4238, "lost": 2473, "engaging": 1589, "prospecting": 500}
    won = [item for item in opportunities if item["history"] and item["history"][-1].get("outcome") == "won"]
    assert sum(Decimal(item["amount"]) for item in won) == 10_005_534
    assert sum("amount" in item for item in opportunities) == len(won)
    assert sum(item.get("amount_from_list_price", False) for item in opportunities) == 2089
    assert sum("customer_id" not in item for item in opportunities) == 1425
    assert sum("opened_on" not in item for item in opportunities) == 500
    assert not any("expected_close" in item for item in opportunities)
    lost = [change for item in opportunities for change in item["history"] if change.get("outcome") == "lost"]
    assert {change["loss_reason"] for change in lost} == {"not_recorded"}


@needs_crm
async def test_crm_sums_by_office_manager_and_quarter(crm: Imported) -> None:
    people = {found["id"]: found["item"] for found in crm.stand_in.records["people"].values()}
    units = {found["id"]: found["item"]["name"] for found in crm.stand_in.records["business-units"].values()}
    by_office: defaultdict[str, int] = defaultdict(int)
    by_manager: defaultdict[str, int] = defaultdict(int)
    by_quarter: defaultdict[int, int] = defaultdict(int)
    for item in crm.items("opportunities").values():
        if item["history"] and item["history"][-1].get("outcome") == "won":
            amount, seller = int(Decimal(item["amount"])), people[item["principal_id"]]
            by_office[units[seller["business_unit_id"]]] += amount
            by_manager[people[seller["superior_id"]]["name"]] += amount
            by_quarter[(int(item["history"][-1]["at"][5:7]) + 2) // 3] += amount
    assert by_office == {"Central": 3_346_293, "East": 3_090_594, "West": 3_568_647}
    assert by_manager == {
        "Dustin Brinkmann": 1_094_363,
        "Melvin Marxen": 2_251_930,
        "Cara Losch": 1_130_049,
        "Rocco Neubert": 1_960_545,
        "Celia Rouche": 1_603_897,
        "Summer Sewald": 1_964_750,
    }
    assert by_quarter == {1: 1_134_672, 2: 3_086_111, 3: 2_982_255, 4: 2_802_496}


@needs_crm
async def test_crm_customers_and_people(crm: Imported) -> None:
    customers = crm.items("customers").values()
    assert sum("parent_id" in item for item in customers) == 15
    assert len({item["parent_id"] for item in customers if "parent_id" in item}) == 7
    assert not any("account_manager_id" in item for item in customers)
    assert Counter(item["country"] for item in customers).most_common(1) == [("US", 71)]
    assert sum(item["attributes"]["sector_in_source"] != item["industry"] for item in customers) == 12
    assert "PH" in {item["country"] for item in customers}
    assert sum("superior_id" not in item for item in crm.items("people").values()) == 6


@needs_crm
async def test_crm_twice_and_in_another_date_format(importing: Importing, tmp_path: Path) -> None:
    mapping = find_mapping("crm-sales-opportunities")
    await importing(mapping, CRM_FOLDER)
    other = tmp_path / "other"
    other.mkdir()
    for file in CRM_FOLDER.glob("*.csv"):
        (other / file.name).write_bytes(file.read_bytes())
    turned = [turn(line) for line in (CRM_FOLDER / "sales_pipeline.csv").read_text().splitlines()]
    (other / "sales_pipeline.csv").write_text("\n".join(turned))
    described = mapping.read_text().replace('date: "%Y-%m-%d"', 'date: "%d-%m-%y"')
    (tmp_path / "other.yaml").write_text(described.replace('"2016-10-01"', '"01-10-16"'))

    again = await importing(mapping, CRM_FOLDER)
    differently = await importing(tmp_path / "other.yaml", other)

    for done in (again, differently):
        assert {outcome: sum(counts[outcome] for counts in done.counts.values()) for outcome in created(0)} == {
            "created": 0,
            "updated": 0,
            "unchanged": 8939,
            "rejected": 0,
        }


def turn(line: str) -> str:
    """Return a line of the pipeline with its dates as 20-10-16."""
    cells = line.split(",")
    for index in (5, 6):
        year, *rest = cells[index].split("-")
        cells[index] = "-".join([*reversed(rest), year[2:]]) if rest else cells[index]
    return ",".join(cells)


async def test_adventureworks(importing: Importing, stand_in: StandIn) -> None:
    done = await importing(find_mapping("adventureworks"), ADVENTUREWORKS)

    assert done.counts == {
        "business-units": created(13),
        "people": created(19),
        "customers": created(701),
        "contacts": created(238, skipped=515),
        "product-lines": created(42),
        "products": created(504),
        "exchange-rates": created(360),
        "opportunities": created(406),
    }
    orders = items(stand_in, "opportunities").values()
    assert sum(Decimal(item["amount"]) for item in orders) == Decimal("8778552.06")
    assert sum(len(item["lines"]) for item in orders) == 4515
    dates = sorted(item["history"][-1]["at"][:10] for item in orders)
    assert (dates[0], dates[-1]) == ("2022-05-31", "2022-12-01")


async def test_adventureworks_people_and_stores(importing: Importing, stand_in: StandIn) -> None:
    await importing(find_mapping("adventureworks"), ADVENTUREWORKS)

    people = items(stand_in, "people")
    names = {found["id"]: found["item"]["name"] for found in stand_in.records["people"].values()}
    assert names[people["275"]["superior_id"]] == "Stephen Jiang"
    assert names[people["273"]["superior_id"]] == "Ken Sánchez"
    assert "superior_id" not in people["1"]
    assert people["282"]["username"] == "jose1"
    assert people["290"]["name"] == "Ranjit"
    stores = items(stand_in, "customers").values()
    assert all("account_manager_id" in item for item in stores)
    assert sum(len(item["addresses"]) for item in stores) == 712
    twice = [(item["legal_name"], item["city"]) for item in stores if item["legal_name"] == "Friendly Bike Shop"]
    assert twice == [("Friendly Bike Shop", "Bellingham"), ("Friendly Bike Shop", "Port Huron")]


@pytest.mark.skipif(not UNTRIMMED.is_dir(), reason=f"the untrimmed files are not in {UNTRIMMED}")
async def test_the_trimmed_copy_says_what_the_whole_says(importing: Importing, stand_in: StandIn) -> None:
    await importing(find_mapping("adventureworks"), ADVENTUREWORKS)
    whole = await importing(find_mapping("adventureworks"), UNTRIMMED)

    assert sum(counts["unchanged"] for counts in whole.counts.values()) == 2283
    changed = sum(counts["created"] + counts["updated"] + counts["rejected"] for counts in whole.counts.values())
    assert changed == 0
