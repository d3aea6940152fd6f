"""The bench of matching: its figures are what their names say, and it says where the sets are missing."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.matching import gold
from bench.matching.__main__ import main
from bench.matching.arrival import arrive
from bench.matching.curves import Curve, drawn
from bench.matching.gold import Row
from bench.matching.invented import invented, stores
from bench.matching.invented_chinese import invented_chinese
from bench.matching.pairs import closure, measure_list, quality, true_pairs
from services.customer.matching.rules.weights import WEIGHTS
from tests.customer.matching.companies import company

NAMES = [(f"{first} {second} Ltd", "US") for first in ("Zanor", "Kelvix", "Brontal") for second in ("Tools", "Paper")]


def row(entity: str, name: str, line: str, phone: str) -> Row:
    return Row(company(name, line, phone), entity)


ROWS = [
    row("a", "Zanor Tools", "12 Oak Street", "312-555-0101"),
    row("b", "Kelvix Paper", "900 Lake Avenue", "312-555-7788"),
    row("a", "ZANOR TOOLS INC", "12 Oak St.", "555-0101"),
    row("c", "Zanor Tools", "77 Mill Road", "312-555-0101"),
]


def test_quality_counts_pairs() -> None:
    assert quality({(0, 1), (0, 2)}, {(0, 1), (3, 4)}) == (0.5, 0.5, 0.5)
    assert quality(set(), {(0, 1)}) == (None, 0.0, 0.0)


def test_closure_joins_what_is_one_with_the_same() -> None:
    assert closure({(0, 1), (1, 2), (5, 6)}) == {(0, 1), (0, 2), (1, 2), (5, 6)}


def test_pairs_of_one_entity_are_true() -> None:
    assert true_pairs(["a", "b", "a", "a"]) == {(0, 2), (0, 3), (2, 3)}


def test_a_list_is_measured_pair_by_pair() -> None:
    measured = measure_list("small", ROWS)
    assert measured.matched == {(0, 2)}
    assert measured.reviewed == {(0, 3), (2, 3)}
    figures = measured.figures()
    assert (figures["precision"], figures["recall"], figures["blocking_recall"]) == (1.0, 1.0, 1.0)


def test_rows_arrive_one_after_the_other() -> None:
    arrived = arrive(ROWS)
    assert arrived.automatic == {(0, 2)}
    assert (arrived.in_review, arrived.wrong_rows) == (1, 0)


def test_invented_rows_are_the_same_for_the_same_seed() -> None:
    assert invented(NAMES, companies=6, seed=3) == invented(NAMES, companies=6, seed=3)
    assert len(stores(NAMES, companies=2, seed=3)) == 16


def test_invented_chinese_companies_are_found_again() -> None:
    names = [("杭州凯尔维精密机械股份有限公司", "凯尔维"), ("苏州赞诺新材料科技有限公司", "赞诺材料")]
    rows = invented_chinese(names, companies=1, seed=3)
    measured = measure_list("small", rows)
    assert len(rows) == 5
    assert measured.matched <= measured.true
    assert measured.true <= measured.matched | measured.reviewed


def test_curves_are_an_svg_with_a_panel_for_each_set() -> None:
    curve = Curve("small & odd", [(3.0, True), (1.0, False), (-4.0, True)], 2)
    assert curve.at(0.0) == (0.5, 0.5)
    picture = ET.fromstring(drawn([curve, curve], WEIGHTS))  # noqa: S314 -- ours
    assert len(picture.findall("{http://www.w3.org/2000/svg}g")) == 2


def test_it_says_where_the_sets_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gold, "GOLD", tmp_path)
    assert main(["--results", str(tmp_path)]) == 1
    assert "KEYACCOUNT_GOLD" in capsys.readouterr().out
