from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.opportunity.calibration.rules.ageing import ThresholdSource, thresholds
from services.opportunity.calibration.rules.calibrating import WonDays
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.flow.paths import KEYS
from tests.opportunity.histories import ago, batch, item

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("won", "days", "source"),
    [(0, "60", ThresholdSource.FIXED), (19, "60", ThresholdSource.FIXED), (20, "8.25", ThresholdSource.WON_HISTORY)],
)
def test_a_fixed_number_of_days_counts_while_fewer_than_twenty_are_won(
    won: int, days: str, source: ThresholdSource
) -> None:
    (found,) = thresholds([3], {3: WonDays(won, Decimal(1), Decimal(4), Decimal("8.25"))}, 60)

    assert (found.days, found.source, found.won_count) == (Decimal(days), source, won)
    assert found.limit(NOW) == NOW - timedelta(days=float(days))


def stood(house: House, days: float, stage: int = 1) -> list[dict[str, Any]]:
    return [{"at": ago(house, days=days), "to_stage": KEYS[stage]}]


async def standing(client: Client, query: str = "") -> dict[str, Any]:
    found = await client.done("GET", f"/v1/funnel/ageing?scope=person{query}")
    return {one["stage"]: one for one in found["stages"]} | {"whole": found}


async def listed(client: Client, query: str) -> set[str]:
    found = await client.done("GET", f"/v1/opportunities?{query}&total=true")
    return {one["name"] for one in found["items"]}


async def test_ageing_by_a_setting_and_then_by_what_the_won_ones_took(empty_house: House) -> None:
    make, operations = Make(empty_house), await empty_house.import_client()
    seller, other = await make.seller(), await make.seller()
    named = {"A": stood(empty_house, 61), "B": stood(empty_house, 59), "C": stood(empty_house, 9), "D": []}
    await batch(operations, *(item(seller, history, name=name) for name, history in named.items()))
    lost = [*stood(empty_house, 300), {"at": ago(empty_house, days=1), "outcome": "lost"}]
    await batch(operations, item(seller, lost, name="E"))

    before = await standing(seller)

    first = before[KEYS[1]]
    assert (first["count"], first["ageing"], first["unknown_age"]) == (4, 1, 1)
    assert (first["threshold_days"], first["threshold_source"], first["won_count"]) == ("60", "fixed", 0)
    assert before["whole"]["calibration_id"] is None
    assert await listed(seller, "ageing=true") == {"A"}
    assert await listed(seller, "ageing=false&state=open") == {"B", "C", "D"}
    assert await listed(seller, "ageing=false") == {"B", "C", "D", "E"}

    won = [*stood(empty_house, 30), {"at": ago(empty_house, days=20), "outcome": "won"}]
    await batch(operations, *(item(other, won) for _ in range(20)))
    made = await operations.done("POST", "/v1/funnel-calibrations", {})

    after = await standing(seller)

    first = after[KEYS[1]]
    assert (first["threshold_days"], first["threshold_source"], first["won_count"]) == ("10.00", "won_history", 20)
    assert (first["ageing"], after[KEYS[2]]["threshold_source"]) == (2, "fixed")
    assert after["whole"]["calibration_id"] == made["id"]
    assert await listed(seller, "ageing=true") == {"A", "B"}
    past = await standing(seller, f"&as_of={empty_house.clock().date() - timedelta(days=58)}")
    assert (past[KEYS[1]]["count"], past[KEYS[1]]["ageing"], past[KEYS[1]]["stalled"]) == (3, 1, None)
    assert past["whole"]["stalled_days"] is None


async def test_stalled_is_without_activity_or_where_none_is_known_without_a_change(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    operations, seller = await house.import_client(), await make.seller()
    customer = await make.customer(seller)
    made = {}
    for name, days in (("idle", 31), ("changed", 29), ("visited", 300)):
        (made[name],) = await batch(operations, item(seller, stood(house, days), name=name, customer_id=customer["id"]))
    await house.settle()
    day = str(house.clock().date() - timedelta(days=2))
    visit = {"customer_id": customer["id"], "kind": "visit", "subject": "Seen", "planned_on": day}
    activity = await seller.done("POST", "/v1/activities", visit | {"opportunity_id": made["visited"]["id"]})
    await seller.done("POST", f"/v1/activities/{activity['id']}/completions", {"done_on": day})
    await house.settle()

    found = (await standing(seller))[KEYS[1]]

    assert (found["count"], found["stalled"]) == (3, 1)
    assert await listed(seller, "stalled=true") == {"idle"}
    assert await listed(seller, "stalled=false") == {"changed", "visited"}
    assert await listed(seller, "stalled=true&ageing=true") == set()


async def test_the_filters_hold_for_those_who_see_more(make: Make, house: House) -> None:
    operations = await house.import_client()
    manager, seller = await make.line(2)
    await batch(operations, item(seller, stood(house, 400), name="old"), item(manager, stood(house, 1), name="new"))

    for query in ("ageing=true", "stalled=true"):
        assert await listed(manager, query) == {"old"}
    both = await operations.done("GET", f"/v1/opportunities?ageing=true&stalled=true&principal_id={seller.id}")
    assert [one["name"] for one in both["items"]] == ["old"]
