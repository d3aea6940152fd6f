"""The normalisation against real names; the data are not part of the project."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from services.customer.matching.rules.identifiers import IdentifierInvalid, Scheme, check_identifier
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.text import fold

DATA = Path(__file__).parents[4] / "shared" / "data"


def rows(name: str) -> list[dict[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_no_two_chinese_listed_companies_share_a_full_name() -> None:
    companies = defaultdict(set)
    for row in rows("er-cn-names/gold_names.csv"):
        if row["name_type"] in {"full_name", "english_name"}:
            companies[normalise_name(row["name"])].add(row["entity_code"])
    assert [name for name, codes in companies.items() if len(codes) > 1] == []


def test_the_short_name_found_by_equality_alone_is_the_known_share() -> None:
    names = rows("er-cn-names/gold_names.csv")
    full = {row["entity_code"]: normalise_name(row["name"]) for row in names if row["name_type"] == "full_name"}
    short = [row for row in names if row["name_type"] == "short_name"]
    equal = sum(full[row["entity_code"]] == normalise_name(row["name"]) for row in short)
    assert 0.15 <= equal / len(short) <= 0.25


def test_hardly_any_two_legal_entities_of_one_country_share_a_name() -> None:
    """12 of 18,634 do so ignoring case alone; taking legal forms off adds few."""
    entities = defaultdict(set)
    for row in rows("lei-sample/lei_sample.csv"):
        entities[normalise_name(row["legal_name"]), row["country"]].add(row["lei"])
    assert sum(len(leis) > 1 for leis in entities.values()) <= 20


def test_nearly_every_real_lei_passes_its_check() -> None:
    failing = []
    for row in rows("lei-sample/lei_sample.csv"):
        try:
            check_identifier(Scheme.LEI, row["lei"])
        except IdentifierInvalid:
            failing.append(row["lei"])
    assert len(failing) <= 22


def test_hardly_any_real_name_keeps_a_legal_form_of_the_world() -> None:
    path = DATA / "legal-forms" / "org_types.yml"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    types = yaml.safe_load(path.read_text(encoding="utf-8"))["types"]
    listed = [entry.get("aliases", []) for entry in types if entry.get("generic") in {"LLC", "JSC"}]
    forms = tuple(sorted({f" {fold(form)}" for aliases in listed for form in aliases if fold(form)}))
    names = [normalise_name(row["legal_name"]) for row in rows("lei-sample/lei_sample.csv")]
    kept = [name for name in names if name.endswith(forms)]
    assert len(kept) / len(names) < 0.005, kept
