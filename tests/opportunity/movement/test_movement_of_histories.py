"""Whatever has happened, in whatever order it became known: a movement is what the histories say of two dates."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.house import House
from tests.opportunity.funnel.test_as_of_answers import LONG_AGO, Enterprise, enterprise, happen, reform
from tests.opportunity.movement.recomputed import PARTS, SIDE, Movement, Period, adds_up, compare, movement, sums
from tests.opportunity.oracle import Whose, read_oracle

Days = tuple[date, date]


async def live(
    house: House, seed: int, *, days: int, happenings: int, reformed_on: int | None = None
) -> tuple[Enterprise, list[date]]:
    world = await enterprise(house, seed)
    lived = []
    for _ in range(days):
        lived.append(house.clock().date())
        for _ in range(happenings):
            await happen(world)
        if len(lived) == reformed_on:
            await reform(world)
        house.clock.move(days=world.draw.choice([1, 3, 25]), minutes=world.draw.randint(0, 600))
    return world, lived


def path_of(scope: str, days: Days, period: Period) -> str:
    asked = {"from_date": days[0], "to_date": days[1], "expected_close_gte": period[0], "expected_close_lt": period[1]}
    return scope + "".join(f"&{name}={day.isoformat()}" for name, day in asked.items() if day is not None)


async def check(world: Enterprise, windows: Sequence[tuple[Days, Period]]) -> int:
    """Compare every scope's movement with what the histories say; return how many opportunities moved in them."""
    oracle = await read_oracle(world.house)
    moved = 0
    for client, scope, whose in world.scopes():
        for number, (days, period) in enumerate(windows):
            path = path_of(scope, days, period)
            by_stage = await client.done("GET", f"/v1/funnel/movement?{path}&by=stage")
            rates = {"USD": Decimal(1)} | {one["from_currency"]: Decimal(one["factor"]) for one in by_stage["rates"]}
            found = movement(oracle, days, whose, period, rates)
            if number % 3 == 0:  # the other answers tell the same parts, beside their lines
                compare(await client.done("GET", f"/v1/funnel/movement?{path}"), found)
            _adds_up_to(by_stage, by_stage["stages"], found)
            if whose == Whose() or whose.subtree is not None:
                below = await client.done("GET", f"/v1/funnel/movement?{path}&by=below")
                _adds_up_to(below, [*below["below"], below["between"]], found)
            part = world.draw.choice([*PARTS, *SIDE])
            listed = await client.done(
                "GET", f"/v1/funnel/movement/opportunities?{path}&part={part}&total=true&limit=500"
            )
            if client is world.operations:
                assert {one["id"] for one in listed["items"]} == {str(each) for each in found[part].ids}, part
                assert listed["total"] == str(len(found[part].ids))
            moved += sum(len(found[part].ids) for part in PARTS[1:-1])
    return moved


def _adds_up_to(answer: dict[str, Any], lines: list[dict[str, Any]], found: Movement) -> None:
    compare(answer, found)
    assert all(adds_up(line) for line in lines)
    for part in PARTS:
        assert sums(lines, part) == (answer[part]["count"], Decimal(answer[part]["amount"])), part


def windows_of(world: Enterprise, lived: Sequence[date]) -> list[tuple[Days, Period]]:
    draw, today = world.draw, world.house.clock().date()
    began = lived[0]
    periods: list[Period] = [
        (None, None),
        (today, today + timedelta(days=90)),
        (None, today + timedelta(days=60)),
        (today + timedelta(days=30), None),
    ]
    starts = [
        lived[0],
        lived[len(lived) // 2],
        began - timedelta(days=draw.randint(1, LONG_AGO)),
        began - timedelta(days=90),
    ]
    found = [((start, today), draw.choice(periods)) for start in starts]
    return [
        *found,
        ((starts[2], lived[-1]), (None, None)),
        ((lived[0], lived[-1]), periods[1]),
        ((today, today), (None, None)),
    ]


async def test_every_movement_is_what_the_histories_say(empty_house: House) -> None:
    world, lived = await live(empty_house, 11, days=4, happenings=15, reformed_on=2)
    assert await check(world, windows_of(world, lived)) > 50, "too little moved to be worth looking at"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(8))
async def test_the_same_of_longer_and_other_lives(empty_house: House, seed: int) -> None:
    world, lived = await live(empty_house, seed, days=12, happenings=40, reformed_on=5 if seed % 2 else None)
    assert await check(world, windows_of(world, lived) * 2) > 50, "too little moved to be worth looking at"
