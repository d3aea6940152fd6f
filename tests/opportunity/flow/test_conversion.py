from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.flow.rules.conversion import Path, conversion
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.flow.paths import LOST, ORDERS, WON, History, converted, pair
from tests.opportunity.histories import ago, batch, codes, item

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
A_B_C = [
    Path(before=0, within=8, reached=8, is_open=False, count=1),
    Path(before=0, within=2, reached=2, is_open=False, count=1),
    Path(before=0, within=3, reached=3, is_open=True, count=1),
]


def test_the_case_of_numbers() -> None:
    shares = {first: conversion(A_B_C, first, first + 1) for first in (1, 2, 3)}

    assert [shares[first].all.cohort for first in (1, 2, 3)] == [3, 3, 2]
    assert conversion(A_B_C, 4, 5).all.cohort == 1
    assert [(shares[first].all.reached, shares[first].all.cohort) for first in (1, 2, 3)] == [(3, 3), (2, 3), (1, 2)]
    assert (shares[2].decided_only.reached, shares[2].decided_only.cohort) == (1, 2)


def test_nobody_reached_is_no_rate() -> None:
    empty = conversion([], 1, 2)

    assert (empty.all.rate, empty.all.interval, empty.decided_only.rate) == (None, None, None)


def anything(random: Random) -> History:
    """Return a history of whatever kind, sensible or not, with equal instants too."""
    at = sorted(FIRST + timedelta(hours=random.randint(0, 60)) for _ in range(random.randint(1, 8)))
    what: list[int | str] = [1, 2, 3, 4, 5, 6, 7, WON, LOST]
    return History([(each, random.choice(what)) for each in at])


@given(st.integers(0, 1_000_000))
def test_random_histories_convert_as_a_plain_reading_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (a test that can be repeated)
    some = [anything(random) for _ in range(random.randint(0, 8))]
    begin, end, told = sorted(FIRST + timedelta(hours=random.randint(0, 60)) for _ in range(3))

    def highest(history: History, until: datetime) -> int:
        return max((order for _, order in history.entries(until)), default=0)

    known = [each for each in some if each.steps[0][0] < told]
    paths = [
        Path(highest(each, begin), highest(each, end), highest(each, told), each.state(told) == "open", 1)
        for each in known
    ]
    for first in range(1, 8):
        for then in range(first + 1, 9):
            found = conversion(paths, first, then)
            shares = (found.all.cohort, found.all.reached, found.decided_only.cohort, found.decided_only.reached)
            assert shares == converted(known, first, then, (begin, end), told)


async def told(client: Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", f"/v1/funnel/conversion?{query}")
    return found


async def test_the_case_of_numbers_through_the_api(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()

    def entry(days: int, stage: str | None = None, outcome: str | None = None) -> dict[str, Any]:
        return {"at": ago(house, days=days)} | ({"to_stage": stage} if stage else {"outcome": outcome})

    first, second, third, fourth = (key for key, order in ORDERS.items() if order <= 4)
    cases = [
        [entry(40, first), entry(30, second), entry(20, fourth), entry(10, None, "won")],
        [entry(40, first), entry(30, second), entry(20, None, "lost")],
        [entry(40, first), entry(30, third), entry(20, second)],
    ]
    assert set(codes(await batch(operations, *(item(seller, case) for case in cases)))) == {"created"}

    found = await told(seller, "scope=person")

    assert [one["count"] for one in found["cohorts"]] == [3, 3, 2, 1, 1, 1, 1, 1]
    rates = [pair(found, order, order + 1)["all"]["rate"] for order in (1, 2, 3)]
    assert rates == ["1.0000", "0.6667", "0.5000"]
    assert pair(found, 2, 3)["decided_only"]["rate"] == "0.5000"
    assert pair(found, 1, 3)["all"] | {"interval": None} == {
        "cohort": 3,
        "reached": 2,
        "rate": "0.6667",
        "interval": None,
    }
    interval = pair(found, 1, 3)["all"]["interval"]
    assert (interval["low"], interval["high"]) == ("0.2077", "0.9385")
    assert pair(found, 1, 2)["adjacent"] is True
    assert pair(found, 1, 3)["adjacent"] is False
    assert len(found["conversions"]) == 28

    later = await told(seller, f"scope=person&from_date={house.clock().date() - timedelta(days=35)}")
    assert [one["count"] for one in later["cohorts"]][:3] == [0, 3, 2]
    assert pair(later, 1, 2)["all"]["rate"] is None
    assert pair(later, 1, 2)["all"]["interval"] is None


def random_history(random: Random, now: datetime) -> History:
    """Return a history that an import can tell: in order, stages in between outcomes."""
    at = now - timedelta(days=random.randint(30, 500), hours=random.randint(0, 23))
    found = History([(at, random.randint(1, 7))])
    while random.random() < 0.75 and len(found.steps) < 9:
        at += timedelta(hours=random.choice([0, 7, 24, 24 * 15, 24 * 60]))
        if at >= now:
            break
        here = found.steps[-1][1]
        if here in {WON, LOST}:
            found.steps.append((at, random.randint(1, 7)))
        elif random.random() < 0.3:
            found.steps.append((at, random.choice([WON, LOST])))
        else:
            found.steps.append((at, random.choice([order for order in range(1, 8) if order != here])))
    return found


async def test_random_histories_convert_as_a_plain_reading_says_through_the_api(make: Make, house: House) -> None:
    random = Random(6)  # noqa: S311 (a test that can be repeated)
    operations, seller = await house.import_client(), await make.seller()
    some = [random_history(random, house.clock()) for _ in range(60)]
    outcomes = await batch(operations, *(item(seller, each.as_item()) for each in some))
    assert set(codes(outcomes)) == {"created"}
    today = house.clock().date()

    for begun, ended, day in ((400, 0, 0), (200, 100, 0), (300, 150, 120), (90, 45, 45)):
        window = (today - timedelta(days=begun), today - timedelta(days=ended))
        as_of = today - timedelta(days=day)
        query = f"scope=person&from_date={window[0]}&until_date={window[1]}&as_of={as_of}"
        found = await told(seller, query)
        limits = (_start(window[0]), _start(window[1]))
        until = _start(as_of + timedelta(days=1))
        known = [each for each in some if each.steps[0][0] < until]
        for first in range(1, 8):
            for then in range(first + 1, 9):
                one = pair(found, first, then)
                shares = [one[which][name] for which in ("all", "decided_only") for name in ("cohort", "reached")]
                assert tuple(shares) == converted(known, first, then, limits, until), (query, first, then)


def _start(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
