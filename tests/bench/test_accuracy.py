"""The report on accuracy: it follows from the data alone, adds up, and says where there are none."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy.__main__ import main
from bench.accuracy.cycles import FORECASTS
from bench.accuracy.figures import accuracy_of
from bench.accuracy.sales import SalesMissing, default_folder, read_sales

PEOPLE = """EmployeeKey|EmployeeID|Title|UPN|Salesperson
1|11|Director of Sales|one|Zhao Lei
2|12|Northern Sales Manager|two|Qian Mei
3|13|Sales Representative|three|Sun Li
4|14|Sales Representative|four|Zhou Na
"""
REGIONS = "EmployeeKey|SalesTerritoryKey\n1|1\n1|2\n2|1\n3|1\n4|2\n"
CYCLES = {"3": (10, 300, 50), "4": (90, 20, 400)}


def write(folder: Path, months: int) -> Path:
    """Write sales of two people in cycles of three months; the manager sells now and then."""
    folder.mkdir()
    (folder / "Salesperson.csv").write_text(PEOPLE)
    (folder / "SalespersonRegion.csv").write_text(REGIONS)
    (folder / "Product.csv").write_text("ProductKey|Category\n7|Boots\n8|Shoes\n")
    (folder / "Reseller.csv").write_text("ResellerKey|Business Type\n5|Warehouse\n6|Shop\n")
    lines = ["OrderDate|ProductKey|ResellerKey|EmployeeKey|Sales"]
    for month in range(months):
        day = f"{2019 + month // 12}/{month % 12 + 1:02}/15"
        lines += [f"{day}|7|5|{key}|{cycle[month % 3] + month % 7}.25" for key, cycle in CYCLES.items()]
        lines += [f"{day}|8|6|{key}|{cycle[month % 3] / 2 + month % 5}" for key, cycle in CYCLES.items()]
        lines += [f"{day}|8|5|2|{month}"] if month % 4 == 0 else []
    (folder / "Sales.csv").write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    return folder


def report(folder: Path, *words: str) -> dict[str, Any]:
    assert main(["--data", str(folder), "--results", str(folder / "found"), *words]) == 0
    found: dict[str, Any] = json.loads((folder / "found" / "accuracy.json").read_text())
    return found


def check_adds_up(content: dict[str, Any]) -> None:
    """Every month's people add up to the company's row, in every column; the summary follows from the rows."""
    rows = content["rows"]
    for month in content["months"]:
        of_month = [row for row in rows if row["month"] == month]
        for name in ("actual", *FORECASTS):
            sums = {
                level: sum(Decimal(str(row[name])) for row in of_month if row["level"] == level)
                for level in ("person", "company")
            }
            assert sums["person"] == sums["company"]
    people = [row for row in rows if row["level"] == "person"]
    for name in FORECASTS:
        of_rows = accuracy_of((Decimal(str(row[name])), Decimal(str(row["actual"]))) for row in people)
        assert content["summary"][name] == {"wape": of_rows.wape, "bias": of_rows.bias}


@pytest.fixture(scope="module")
def sales_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("reseller") / "sales", 20)


@pytest.fixture(scope="module")
def content(sales_folder: Path) -> dict[str, Any]:
    return report(sales_folder, "--earlier", "0")


def test_the_report_covers_the_last_twelve_months_of_the_data(content: dict[str, Any]) -> None:
    assert (content["months"][0], content["months"][-1], len(content["months"])) == ("2019-09", "2020-08", 12)
    check_adds_up(content)
    assert {row["level"] for row in content["rows"]} == {"person", "manager", "company"}
    managed = [row for row in content["rows"] if row["level"] == "manager"]
    assert {row["person"] for row in managed} == {"Qian Mei"}
    assert content["summary"]["gain"] > 0.15
    assert next(row for row in content["rows"] if row["person"] == "Zhao Lei")["lacking"] == "nothing_won"


def test_naive_forecasts_are_what_their_names_say(sales_folder: Path, content: dict[str, Any]) -> None:
    sales = read_sales(sales_folder)
    assert [each.superior for each in sales.sellers] == [None, "1", "2", "1"]
    row = next(row for row in content["rows"] if (row["person"], row["month"]) == ("Sun Li", "2020-04"))
    sold = [float(sales.total("3", month)) for month in range(20)]
    assert (row["actual"], row["naive_year"]) == (sold[15], sold[3])
    assert row["naive_three"] == pytest.approx(sum(sold[12:15]) / 3, abs=0.005)


def test_a_later_month_changes_nothing_before_it(tmp_path: Path, content: dict[str, Any]) -> None:
    later = report(write(tmp_path / "later", 21), "--earlier", "0")
    assert later["months"] == [*content["months"][1:], "2020-09"]
    same = [row for row in later["rows"] if row["month"] in content["months"]]
    assert same == [row for row in content["rows"] if row["month"] in later["months"]]
    assert len(same) == 11 * 6


def test_it_says_where_there_are_no_sales(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "nowhere"), "--results", str(tmp_path)]) == 0
    assert "nothing to report" in capsys.readouterr().out
    assert not (tmp_path / "accuracy.json").exists()


@pytest.mark.long
def test_suggested_figures_beat_both_naive_forecasts_on_the_reseller_sales(tmp_path: Path) -> None:
    folder = default_folder()
    try:
        sales = read_sales(folder)
    except SalesMissing as missing:
        pytest.skip(str(missing))
    assert main(["--data", str(folder), "--results", str(tmp_path)]) == 0
    content = json.loads((tmp_path / "accuracy.json").read_text())
    check_adds_up(content)
    assert content["months"][-1] == f"{sales.months[-1]:%Y-%m}"
    assert content["summary"]["gain"] >= content["summary"]["least_gain"]
    assert all(window["gain"] >= content["summary"]["least_gain"] for window in content["windows"])
