"""The simulated pipeline: reproducible, possible, and with something to say."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import keyaccount.demo
from keyaccount.demo.market import Market, market_of
from keyaccount.demo.simulation import OPPORTUNITIES, STEPS, quarter_start, simulate
from keyaccount.importing.command import find_mapping
from keyaccount.importing.mapping import read_mapping
from keyaccount.importing.planning import make_plan

DAYS = [date(2026, 11, 23), date(2027, 1, 1), date(2027, 3, 31), date(2028, 2, 29)]
STAGES = [step.stage for step in STEPS]


@pytest.fixture(scope="module")
def market() -> Market:
    mapping, document = read_mapping(find_mapping("adventureworks"))
    folder = Path(keyaccount.demo.__file__).parent / "adventureworks"
    return market_of(make_plan(mapping, document, folder).catalogue)


def is_decided(item: dict[str, Any]) -> bool:
    return bool(item["history"]) and "outcome" in item["history"][-1]


def test_the_same_day_gives_the_same_pipeline(market: Market) -> None:
    once, again, another = (list(simulate(market, day)) for day in (DAYS[0], DAYS[0], DAYS[1]))

    assert once == again
    assert once != another
    assert len(once) == OPPORTUNITIES == len({item["external_reference"]["id"] for item in once})
    assert {item["origin"] for item in once} == {"simulated"}


@pytest.mark.parametrize("day", DAYS)
def test_histories_are_possible(market: Market, day: date) -> None:
    for item in simulate(market, day):
        opened = datetime.fromisoformat(item["opened_on"]).replace(tzinfo=UTC)
        instants = [datetime.fromisoformat(change["at"]) for change in item["history"]]
        assert opened.date() >= quarter_start(day, 6)
        assert all(earlier <= later for earlier, later in zip([opened, *instants], instants, strict=False))
        begun = datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=14)))
        assert all(instant < begun for instant in instants)
        assert not any("outcome" in change for change in item["history"][:-1])
        places = [STAGES.index(change["to_stage"]) for change in item["history"] if "to_stage" in change]
        assert all(earlier != later for earlier, later in zip([0, *places], places, strict=False))


@pytest.mark.parametrize("day", DAYS)
def test_every_stage_is_occupied_and_there_is_something_to_forecast(market: Market, day: date) -> None:
    items = list(simulate(market, day))
    still = [item for item in items if not is_decided(item)]
    standing = Counter(item["history"][-1]["to_stage"] if item["history"] else "find_contact" for item in still)

    assert min(standing[stage] for stage in STAGES) >= 5
    assert 120 <= len(still) <= 260
    assert sum(item["expected_close"] < quarter_start(day, -1).isoformat() for item in still) >= 20
    assert min(item["expected_close"] for item in still) >= day.isoformat()
    outcomes = Counter(item["history"][-1]["outcome"] for item in items if is_decided(item))
    assert outcomes["won"] > 250
    assert outcomes["lost"] > outcomes["won"]


def test_amounts_are_those_of_the_lines(market: Market) -> None:
    items = list(simulate(market, DAYS[0]))

    for item in items:
        parts = sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in item["lines"])
        assert parts == Decimal(item["amount"]) > 0
    assert {item["currency"] for item in items} == {"USD", "CAD", "EUR", "GBP", "AUD"}


def test_early_stages_have_thinned_out_lately(market: Market) -> None:
    day = DAYS[0]
    items = list(simulate(market, day))

    def standing(on: date) -> Counter[str]:
        counted: Counter[str] = Counter()
        for item in items:
            if item["opened_on"] <= on.isoformat():
                passed = [change for change in item["history"] if change["at"][:10] <= on.isoformat()]
                counted[(passed[-1].get("to_stage") or passed[-1]["outcome"]) if passed else "find_contact"] += 1
        return counted

    now = standing(day)
    before = [standing(day - timedelta(days=91 * back)) for back in (1, 2, 3, 4)]
    assert now["find_contact"] < 0.7 * sum(then["find_contact"] for then in before) / 4
    assert sum(now[stage] for stage in STAGES[4:]) > sum(then[stage] for then in before for stage in STAGES[4:]) / 4
