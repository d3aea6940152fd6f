"""What lines hand in to a unit, which tops are missing, and that its head makes it final."""

import pytest

from servicekit.values.ids import new_id
from services.forecast.unit_forecasts.rules import Tops, UnitState, state_of
from tests.forecast.world import Record, World, figures
from tests.house import Client


async def units(by: Client, cycle: Record) -> dict[str, Record]:
    found = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/unit-forecasts")
    return {each["unit_id"]: each for each in found["items"]}


async def tops(by: Client, cycle: Record, query: str = "") -> dict[str, str]:
    found = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/tops?{query}")
    return {each["person_id"]: each["state"] for each in found["items"]}


def counts(unit: Record) -> list[int]:
    return [unit[name] for name in ("tops", "handed_in", "stale", "missing", "late", "approved")]


@pytest.mark.parametrize(
    ("tops", "state"),
    [
        (Tops(2, 1, 0, 1, 0, 1), UnitState.MISSING),
        (Tops(2, 1, 1, 0, 0, 1), UnitState.MISSING),
        (Tops(2, 2, 0, 0, 0, 1), UnitState.HANDED_IN),
        (Tops(2, 2, 0, 0, 0, 2), UnitState.FINAL),
    ],
)
def test_final_is_what_is_all_approved_and_holds(tops: Tops, state: UnitState) -> None:
    assert state_of(tops) is state


async def test_a_unit_gathers_its_tops_and_its_head_makes_it_final(world: World) -> None:
    head, operations = await world.person(), await world.operations()
    unit = {"id": new_id(), "name": "Boots", "parent_id": None, "head_id": head.person_id}
    world.peers.units.append(unit)
    unit_id = unit["id"]
    north = await world.person(None, unit_id=unit_id)  # type: ignore[arg-type]
    south = await world.person(None, unit_id=unit_id)  # type: ignore[arg-type]
    alone = await world.person()
    seller = await world.person(north)
    due = [{"level": 1, "at": "2020-01-01T00:00:00Z"}, {"level": 2, "at": "2999-01-01T00:00:00Z"}]
    cycle = await world.cycle(north, south, alone, deadlines=due)
    opportunity = await world.confirmed(seller, cycle, "100.00")
    await world.confirmed(south, cycle, "40.00")
    await world.submit(seller, cycle)
    whole = await world.submit(north, cycle)

    mine = (await units(head, cycle))[str(unit_id)]
    assert (counts(mine), mine["state"], figures(mine)) == (
        [2, 1, 0, 1, 1, 0],
        "missing",
        ["0.00", "100.00", "0.00", "100.00"],
    )
    assert await tops(head, cycle) == {north.id: "submitted", south.id: "missing"}
    assert set(await units(operations, cycle)) == {str(unit_id), None}
    assert set(await tops(operations, cycle, f"unit_id={unit_id}")) == {north.id, south.id}

    other = await world.submit(south, cycle)
    mine = (await units(head, cycle))[str(unit_id)]
    assert (mine["state"], figures(mine)) == ("handed_in", ["40.00", "100.00", "0.00", "140.00"])
    for forecast in (whole, other):
        assert (await world.decide(head, forecast, "approvals")).status_code == 201
    mine = (await units(head, cycle))[str(unit_id)]
    assert (counts(mine), mine["state"], mine["result"]) == ([2, 2, 0, 0, 0, 2], "final", "140.00")

    world.peers.change(opportunity, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()
    mine = (await units(head, cycle))[str(unit_id)]
    assert (counts(mine), mine["state"], mine["result"]) == ([2, 1, 1, 0, 0, 1], "missing", "40.00")


async def test_who_heads_no_unit_sees_none(world: World) -> None:
    unit = {"id": new_id(), "name": "Slippers", "parent_id": None, "head_id": (await world.person()).person_id}
    world.peers.units.append(unit)
    top = await world.person(None, unit_id=unit["id"])  # type: ignore[arg-type]
    seller = await world.person(top)
    cycle = await world.cycle(top)
    assert (await units(top, cycle), await tops(top, cycle)) == ({}, {top.id: "missing"})
    for stranger in (seller, await world.person()):
        assert (await units(stranger, cycle), await tops(stranger, cycle)) == ({}, {})


async def test_without_quotas_a_forecast_says_so(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    submitted = await world.submit(seller, cycle)
    level = (await world.levels(top, cycle))[seller.id]
    for told in (submitted, level):
        beside = [told[name] for name in ("quota", "quota_attainment", "quota_gap", "quota_status")]
        assert beside == [None, None, None, "no_quotas"]
