"""The own past bias beside a figure, as a suggested revision that nobody applies but the superior."""

from tests.forecast.accuracy.past import forecast, past_cycle, win
from tests.forecast.world import Record, World
from tests.house import Client

QUARTERS = (("2025-07-01", "2025-08-10"), ("2025-10-01", "2025-11-10"), ("2026-01-01", "2026-02-10"))
TO_COME = {"kind": "quarter", "start": "2099-01-01"}


async def revisions(by: Client, cycle: Record, **query: str) -> dict[str, Record]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    page = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/suggested-revisions?{asked}")
    return {each["person_id"]: each for each in page["items"]}


async def past_quarters(world: World, top: Client, seller: Client, count: int = 3, actual: str = "100.00") -> None:
    """Let somebody forecast 120 and win another amount in quarters that are over."""
    for start, won in QUARTERS[:count]:
        cycle = await past_cycle(world, top, period={"kind": "quarter", "start": start})
        await win(world, await forecast(world, seller, cycle, "120.00", expected_close=won), actual, on=won)


async def test_past_bias_is_suggested_and_the_superior_may_take_it(world: World) -> None:
    top, seller = await world.line(2)
    await past_quarters(world, top, seller)
    cycle = await past_cycle(world, top, period=TO_COME)
    await forecast(world, seller, cycle, "600.00", expected_close="2099-02-01")

    found = (await revisions(top, cycle))[seller.id]

    assert (found["figure"], found["suggested"], found["difference"]) == ("600.00", "500.00", "-100.00")
    assert (found["periods"], found["wape"], found["bias"], found["reason"]) == (3, "0.2000", "0.2000", None)
    assert found["closed"] == "0.00"
    draft = await world.gather(top, cycle)
    assert draft["result"] == "600.00", "nothing is applied by itself"
    taken = await world.adjust(top, draft, "absolute", found["suggested"], report_id=found["person_id"])
    assert (taken.status_code, taken.json()["result"]) == (201, "500.00")


async def test_too_few_periods_are_told_and_nothing_is_suggested(world: World) -> None:
    top, seller = await world.line(2)
    await past_quarters(world, top, seller, count=2)
    cycle = await past_cycle(world, top, period=TO_COME)
    await forecast(world, seller, cycle, "600.00", expected_close="2099-02-01")

    found = await revisions(top, cycle)

    assert (found[seller.id]["periods"], found[seller.id]["bias"]) == (2, "0.2000")
    assert (found[seller.id]["suggested"], found[seller.id]["reason"]) == (None, "too_few_periods")
    assert (found[top.id]["periods"], found[top.id]["figure"]) == (0, None)


async def test_periods_that_do_not_compare_do_not_count(world: World) -> None:
    """Late, of another kind, basis or currency, or not over yet."""
    (seller,) = await world.line(1)
    await past_quarters(world, seller, seller)
    start = {"kind": "quarter", "start": "2026-04-01"}
    for given in (
        {"amount_basis": "weighted", "period": start},
        {"period": {"kind": "month", "start": "2026-04-01"}},
        {"due": (), "period": start},
        {"period": {"kind": "quarter", "start": "2098-01-01"}},
    ):
        cycle = await past_cycle(world, seller, **given)
        close = "2098-01-05" if cycle["period_start"] == "2098-01-01" else "2026-04-05"
        await win(world, await forecast(world, seller, cycle, "990.00", expected_close=close), "1.00", on=close)
    open_now = await past_cycle(world, seller, period=TO_COME)
    assert (await revisions(seller, open_now))[seller.id]["periods"] == 3


async def test_who_sees_what(world: World) -> None:
    top = await world.person()
    manager, outsider = await world.person(top), await world.person(top)
    seller = await world.person(manager)
    cycle = await past_cycle(world, top, period=TO_COME)
    await world.confirmed(seller, cycle, "600.00", expected_close="2099-02-01")
    await world.gather(seller, cycle)
    finance = await world.person(None, "finance")

    own = (await revisions(seller, cycle))[seller.id]
    above = (await revisions(manager, cycle, level="1"))[seller.id]

    assert (own["figure"], above["figure"], above["reason"]) == ("600.00", None, "too_few_periods"), (
        "a draft is its own"
    )
    assert set(await revisions(manager, cycle)) == {manager.id, seller.id}
    assert set(await revisions(outsider, cycle)) == {outsider.id}
    assert await revisions(finance, cycle) == {}
    assert set(await revisions(manager, cycle, person_id=seller.id)) == {seller.id}
    assert await revisions(outsider, cycle, person_id=seller.id) == {}
    seat = (await revisions(manager, cycle))[manager.id]["id"]
    assert set(await revisions(top, cycle, superior_seat_id=seat)) == {seller.id}
