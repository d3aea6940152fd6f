"""What is told late of the past is in the very next answer about it, and business days are the enterprise's."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from servicekit.data.statements import prepared
from servicekit.data.transactions import reading, writing
from servicekit.web.service import Service
from services.opportunity.funnel import rebuild
from services.opportunity.funnel.store import rebuilding
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item

LOG = prepared(
    text(
        "SELECT day, before_stage, after_stage, before_principal_id, after_principal_id FROM funnel_change "
        "WHERE opportunity_id = CAST(:id AS uuid) ORDER BY at, id"
    )
)
FORGET = (
    "DELETE FROM funnel_change",
    "DELETE FROM funnel_counter",
    "DELETE FROM funnel_day",
    "DELETE FROM funnel_checkpoint",
    "DELETE FROM funnel_month",
    "UPDATE funnel_fold SET time_zone = NULL",
)


async def open_on(client: Client, day: date, query: str = "scope=person") -> dict[str, Decimal]:
    """Return the weighted amount of each stage in which something stood."""
    found = await client.done("GET", f"/v1/funnel?{query}&as_of={day.isoformat()}")
    return {one["stage"]: Decimal(one["weighted"]) for one in found["stages"] if one["weighted"] and one["count"]}


async def log_of(house: House, opportunity_id: str) -> list[dict[str, Any]]:
    service = house.service("opportunity")
    await service.relay.fold()
    async with reading(service.database) as tx:
        return [dict(row) for row in await tx.all(LOG, id=opportunity_id)]


async def test_a_move_told_late_lies_before_a_change_of_owner_that_was_known_first(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    manager, seller = await make.line(2)
    peer, machine = await make.person(manager), await house.import_client()
    (outcome,) = await batch(machine, item(seller, [{"at": ago(house, days=40), "to_stage": "shortlist"}]))
    path = f"/v1/opportunities/{outcome['id']}"
    house.clock.move(days=10)
    await manager.done("POST", f"{path}/principal-changes", {"principal_id": peer.id, "reason": "moves on"})
    await house.service("opportunity").relay.fold()
    house.clock.move(days=5)

    told = {"to_stage": "negotiate", "at": ago(house, days=10)}
    await machine.done("POST", f"{path}/stage-changes", told)

    today: date = house.clock().date()
    for folded in (False, True):
        if folded:
            await house.service("opportunity").relay.fold()
        assert await open_on(seller, today - timedelta(days=11)) == {"shortlist": Decimal(50)}
        assert await open_on(seller, today - timedelta(days=9)) == {"negotiate": Decimal(90)}
        assert await open_on(seller, today - timedelta(days=4)) == {}
        assert await open_on(peer, today - timedelta(days=4)) == {"negotiate": Decimal(90)}
    steps = [(row["before_stage"], row["after_stage"]) for row in await log_of(house, outcome["id"])]
    assert steps == [(None, "shortlist"), ("shortlist", "negotiate"), ("negotiate", "negotiate")]


async def test_a_probability_that_a_person_said_weighs_from_its_day_on(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    (outcome,) = await batch(machine, item(seller, [{"at": ago(house, days=40), "to_stage": "shortlist"}]))
    path = f"/v1/opportunities/{outcome['id']}/probability-changes"
    today: date = house.clock().date()
    told = {"probability": "0", "reason": "nobody answers", "at": ago(house, days=20)}
    await machine.done("POST", path, told)
    await machine.done("POST", path, {"probability": "0.333", "reason": "they do", "at": ago(house, days=10)})
    await machine.done("POST", path, {"probability": None, "reason": "enough", "at": ago(house, days=5)})

    assert [await open_on(seller, today - timedelta(days=gone)) for gone in (21, 20, 11, 10, 6, 5, 0)] == [
        {"shortlist": Decimal(amount)} for amount in ("50", "0", "0", "33.3", "33.3", "50", "50")
    ]


async def test_what_was_there_before_is_counted_before_the_service_answers(make: Make, house: House) -> None:
    seller = await make.seller()
    one = await make.opportunity(seller, amount="10.00")
    service = house.service("opportunity")
    await service.relay.fold()
    before = await seller.done("GET", "/v1/funnel?scope=person")
    async with writing(service.database) as tx:
        for statement in FORGET:
            await tx.execute(prepared(text(statement)))
    assert (await seller.done("GET", "/v1/funnel?scope=person"))["open"]["count"] == 0

    await rebuild.count_if_due(service)

    assert await seller.done("GET", "/v1/funnel?scope=person") == before
    assert len(await log_of(house, one["id"])) == 1


async def test_days_are_counted_anew_where_the_enterprise_moves_to_another_time_zone(empty_house: House) -> None:
    house = empty_house
    seller, machine = await Make(house).seller(), await house.import_client()
    yesterday: date = house.clock().date() - timedelta(days=1)
    late = datetime.combine(yesterday - timedelta(days=1), time(20), UTC).isoformat()
    (outcome,) = await batch(machine, item(seller, [{"at": late, "to_stage": "shortlist"}]))
    assert [row["day"] for row in await log_of(house, outcome["id"])] == [yesterday - timedelta(days=1)]

    service = house.service("opportunity")
    await rebuild.count_if_due(_in_zone(service, "Asia/Shanghai"))
    assert [row["day"] for row in await log_of(house, outcome["id"])] == [yesterday]
    async with reading(service.database) as tx:
        assert await rebuilding.time_zone_counted_in(tx) == "Asia/Shanghai"

    await rebuild.count_if_due(service)
    assert [row["day"] for row in await log_of(house, outcome["id"])] == [yesterday - timedelta(days=1)]


def _in_zone(service: Service, zone: str) -> Service:
    return replace(service, settings=replace(service.settings, time_zone=ZoneInfo(zone)))
