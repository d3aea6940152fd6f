"""Periods that are over: cycles opened for them now, so that no clock has to be moved."""

from typing import Any

from tests.forecast.world import Record, World
from tests.house import Client

QUARTER = {"kind": "quarter", "start": "2026-04-01"}
IN_TIME, TOO_LATE = "2099-01-01T00:00:00Z", "2026-07-01T00:00:00Z"
EXPECTED, WON = "2026-05-20", "2026-06-10"


async def past_cycle(world: World, *heads: Client, due: tuple[str, ...] = (IN_TIME,) * 3, **given: Any) -> Record:
    """Open a cycle for a period that is over; `due` are the deadlines of its levels, the lowest first."""
    deadlines = [{"level": level, "at": at} for level, at in enumerate(due, 1)]
    return await world.cycle(*heads, **{"period": QUARTER, "deadlines": deadlines, **given})


async def forecast(
    world: World, by: Client, cycle: Record, amount: str, *, expected_close: str = EXPECTED, **given: Any
) -> Record:
    """Let somebody confirm an opportunity and hand their forecast in."""
    opportunity = await world.confirmed(by, cycle, amount, expected_close=expected_close, **given)
    await world.submit(by, cycle)
    return opportunity


async def win(world: World, opportunity: Record, amount: str, on: str = WON) -> None:
    """Let an opportunity be won for an amount, perhaps another than was forecast."""
    world.peers.win(opportunity, on, amount=amount)
    await world.settle()


async def accuracy(by: Client, cycle: Record, **query: str) -> Record:
    """Read how far off a cycle's forecasts were."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: Record = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/accuracy?{asked}")
    return found


async def people_of(by: Client, cycle: Record, **query: str) -> dict[str, Record]:
    """List how far off each person was."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/accuracy/seats?{asked}")
    return {each["person_id"]: each for each in found["items"]}


def ratios(found: Record) -> tuple[str | None, str | None]:
    """Return WAPE and bias."""
    return found["wape"], found["bias"]
