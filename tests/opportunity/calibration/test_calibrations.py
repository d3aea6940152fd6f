import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from services.opportunity.calibration.calibrating_daily import calibrate_today
from services.opportunity.calibration.rules.calibrating import FEWEST_DECIDED, Chance
from services.opportunity.definitions.rules.standard import VERSION_1
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.flow.paths import KEYS, LOST, WON, History
from tests.opportunity.flow.test_conversion import random_history
from tests.opportunity.histories import ago, batch, codes, item

CONFIGURED = {stage.order: stage.probability for stage in VERSION_1.stages}


async def calibrated(client: Client) -> dict[str, Any]:
    made: dict[str, Any] = await client.done("POST", "/v1/funnel-calibrations", {})
    return made


def decided_after(house: House, days: int, outcome: str, *, count: int) -> list[list[dict[str, Any]]]:
    history = [
        {"at": ago(house, days=days + 10), "to_stage": KEYS[1]},
        {"at": ago(house, days=days + 5), "to_stage": KEYS[2]},
        {"at": ago(house, days=days), "outcome": outcome},
    ]
    return [history] * count


def day_of(at: datetime) -> date:
    return at.date()


def plainly(some: Sequence[History], until: datetime) -> dict[int, dict[str, Any]]:
    """Return what a plain reading of NUMBERS says of each open stage."""
    decided = [each for each in some if each.state(until) != "open"]

    def chance(order: int, before: date | None) -> Chance:
        reached = [
            each
            for each in decided
            if each.first_reached(order, until) is not None and (before is None or day_of(each.steps[-1][0]) < before)
        ]
        return Chance(len(reached), sum(each.state(until) == WON for each in reached))

    found = {}
    for order in range(1, 8):
        squares: list[tuple[Decimal, Decimal | None]] = []
        for each in decided:
            outcome = int(each.state(until) == WON)
            for at, what in each.steps:
                if what == order:
                    known = chance(order, day_of(at))
                    off = (known.probability - outcome) ** 2 if known.decided >= FEWEST_DECIDED else None
                    squares.append(((CONFIGURED[order] - outcome) ** 2, off))
        compared = [(configured, off) for configured, off in squares if off is not None]
        found[order] = {
            "chance": chance(order, None),
            "configured": _mean([configured for configured, _ in squares]),
            "entries": len(squares),
            "compared": len(compared),
            "configured_compared": _mean([configured for configured, _ in compared]),
            "calibrated": _mean([off for _, off in compared]),
        }
    return found


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return round(sum(values, Decimal(0)) / len(values), 4) if values else None


def _close(told: str | None, due: Decimal | None) -> bool:
    if told is None or due is None:
        return (told is None) == (due is None)
    return abs(Decimal(told) - due) <= Decimal("0.0001")


async def test_random_histories_are_calibrated_as_a_plain_reading_says(empty_house: House) -> None:
    random = Random(666)  # noqa: S311 (a test that can be repeated)
    make, operations = Make(empty_house), await empty_house.import_client()
    seller = await make.seller()
    some = [random_history(random, empty_house.clock()) for _ in range(150)]
    assert set(codes(await batch(operations, *(item(seller, each.as_item()) for each in some)))) == {"created"}

    found = await calibrated(operations)

    due = plainly(some, empty_house.clock())
    assert found["decided"] == sum(each.state(empty_house.clock()) != "open" for each in some)
    assert [stage["stage"] for stage in found["stages"]] == [KEYS[order] for order in range(1, 8)]
    assert any(stage["brier"]["compared"]["entries"] for stage in found["stages"])
    for stage, order in zip(found["stages"], range(1, 8), strict=True):
        expected, judged = due[order], stage["brier"]
        chance = expected["chance"]
        assert (stage["decided"], stage["won"]) == (chance.decided, chance.won)
        assert stage["probability"] == str(chance.probability)
        assert stage["is_used"] is (chance.decided >= FEWEST_DECIDED)
        assert (judged["entries"], judged["compared"]["entries"]) == (expected["entries"], expected["compared"])
        assert _close(judged["configured"], expected["configured"])
        assert _close(judged["compared"]["configured"], expected["configured_compared"])
        assert _close(judged["compared"]["calibrated"], expected["calibrated"])
    total = sum(each["entries"] for each in due.values())
    assert found["brier"]["entries"] == total
    whole = sum((each["configured"] or 0) * each["entries"] for each in due.values()) / total
    assert abs(Decimal(found["brier"]["configured"]) - whole) < Decimal("0.0002")


async def test_what_a_person_said_counts_in_the_score(empty_house: House) -> None:
    make, operations = Make(empty_house), await empty_house.import_client()
    seller = await make.seller()
    opportunity = await make.opportunity(seller, criteria=["contact_named"])
    path = f"/v1/opportunities/{opportunity['id']}"
    await seller.done("POST", f"{path}/probability-changes", {"probability": "0.8", "reason": "They said so."})
    await seller.done("PUT", f"{path}/criteria/contact_named", {})
    await seller.done("POST", f"{path}/stage-changes", {"to_stage": KEYS[2]})
    await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})

    first, second = (await calibrated(operations))["stages"][:2]

    assert (first["brier"]["configured"], second["brier"]["configured"]) == ("0.0025", "0.6400")


async def test_below_twenty_decided_it_is_told_and_not_used(empty_house: House) -> None:
    make, operations = Make(empty_house), await empty_house.import_client()
    seller = await make.seller()
    await batch(operations, *(item(seller, each) for each in decided_after(empty_house, 40, WON, count=19)))
    before = (await calibrated(operations))["stages"]
    await batch(operations, *(item(seller, each) for each in decided_after(empty_house, 30, LOST, count=1)))

    after = (await calibrated(operations))["stages"]

    assert (before[0]["decided"], before[0]["probability"], before[0]["is_used"]) == (19, "0.9524", False)
    assert (after[0]["decided"], after[0]["probability"], after[0]["is_used"]) == (20, "0.9091", True)
    assert after[0]["interval"] == {"low": "0.7639", "high": "0.9911"}
    assert after[2]["decided"] == 19
    assert after[0]["won_days"] == {
        "count": 19,
        "percentile_25": "5.00",
        "median": "5.00",
        "percentile_75": "5.00",
    }
    assert after[0]["configured"] == "0.05"


async def test_calibrations_are_kept_and_read_by_everybody(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    first = await calibrated(operations)
    second = await calibrated(operations)

    listed = await seller.done("GET", "/v1/funnel-calibrations?limit=2")

    assert [one["id"] for one in listed["items"]] == [second["id"], first["id"]]
    assert await seller.done("GET", f"/v1/funnel-calibrations/{first['id']}") == first
    assert (first["as_of"], first["funnel_version"]) == (str(house.clock().date()), 1)
    assert (await seller.get(f"/v1/funnel-calibrations/{seller.id}")).status_code == 404


async def test_only_sales_operations_calibrate_and_choose(make: Make) -> None:
    manager, seller = await make.line(2)
    choice = {"source": "calibrated", "reason": "Enough is decided."}

    for person in (manager, seller, await make.person(roles=["marketing"])):
        for path, body in (("/v1/funnel-calibrations", {}), ("/v1/probability-choices", choice)):
            refused = await person.post(path, body)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_the_service_calibrates_once_a_day_whoever_is_at_it(empty_house: House) -> None:
    service = empty_house.service("opportunity")

    made = await asyncio.gather(*(calibrate_today(service) for _ in range(4)))
    again = await calibrate_today(service)

    assert (sum(made), again) == (1, False)
    listed = await (await empty_house.import_client()).done("GET", "/v1/funnel-calibrations")
    assert [one["made_by"] for one in listed["items"]] == [None]
    empty_house.clock.move(days=1)
    assert await calibrate_today(service)
