from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.flow.paths import KEYS, LOST, WON, History, as_days, percentile
from tests.opportunity.flow.test_conversion import random_history
from tests.opportunity.histories import batch, codes, item


async def told(client: Client, query: str = "scope=person") -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", f"/v1/funnel/stage-times?{query}")
    return {one["stage"]: one for one in found["stages"]}


async def test_visits_of_one_opportunity_are_added_up(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    now = house.clock()

    def days(*steps: tuple[float, int | str]) -> History:
        return History([(now - timedelta(days=ago), what) for ago, what in steps])

    some = [
        days((40, 1), (30, 2), (26, 1), (20, 3), (10, WON)),  # 16 days in 1, 4 in 2, 10 in 3
        days((40, 1), (38, 2), (30, LOST)),  # 2 in 1, 8 in 2
        days((40, 1), (36, 2)),  # 4 in 1, still in 2
        days((40, 1), (20, LOST), (10, 1), (5, 2)),  # 25 in 1 in all: the time between loss and reopening is none
    ]
    assert set(codes(await batch(operations, *(item(seller, each.as_item()) for each in some)))) == {"created"}

    found = await told(seller)

    first, second, third = found[KEYS[1]], found[KEYS[2]], found[KEYS[3]]
    assert first["left"] == {"count": 4, "percentile_25": "3.50", "median": "10.00", "percentile_75": "18.25"}
    assert first["won"] == {"count": 1, "percentile_25": "16.00", "median": "16.00", "percentile_75": "16.00"}
    assert (second["left"]["count"], second["left"]["median"], second["won"]["median"]) == (2, "6.00", "4.00")
    assert (third["left"]["count"], third["left"]["median"]) == (1, "10.00")
    assert found[KEYS[4]]["left"] == {"count": 0, "percentile_25": None, "median": None, "percentile_75": None}
    assert "close" not in found


async def test_a_beginning_that_nobody_told_is_no_time(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    (made,) = await batch(operations, item(seller))
    lost = {"outcome": "lost", "loss_reason": "price"}
    await seller.done("POST", f"/v1/opportunities/{made['id']}/outcomes", lost)
    entered = await make.opportunity(seller)
    await seller.done("POST", f"/v1/opportunities/{entered['id']}/outcomes", lost)

    assert (await told(seller))[KEYS[1]]["left"]["count"] == 1


async def test_random_histories_take_as_long_as_a_plain_reading_says(make: Make, house: House) -> None:
    random = Random(66)  # noqa: S311 (a test that can be repeated)
    operations, seller = await house.import_client(), await make.seller()
    some = [random_history(random, house.clock()) for _ in range(60)]
    await batch(operations, *(item(seller, each.as_item()) for each in some))
    today = house.clock().date()

    for begun, ended in ((500, -1), (200, 50), (90, -1)):
        first_day, end = today - timedelta(days=begun), today - timedelta(days=ended)
        found = await told(seller, f"scope=person&from_date={first_day}&until_date={end}")
        begin, until = (datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in (first_day, end))
        for order in range(1, 8):
            due = [
                (as_days(spent), each.state(until))
                for each in some
                if (spent := each.spent(order, until)) is not None and (each.left(order, until) or begin) >= begin
            ]
            _same(found[KEYS[order]]["left"], [spent for spent, _ in due])
            _same(found[KEYS[order]]["won"], [spent for spent, state in due if state == WON])


def _same(answer: dict[str, Any], due: list[Fraction]) -> None:
    assert answer["count"] == len(due)
    for name, share in (("percentile_25", 25), ("median", 50), ("percentile_75", 75)):
        if due:
            expected = float(percentile(due, Fraction(share, 100)))
            assert float(answer[name]) == pytest.approx(expected, abs=0.0051)
        else:
            assert answer[name] is None
