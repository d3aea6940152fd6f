"""Accuracy is of a named version: by the deadline, or of the cycles before that covered the same period."""

from tests.forecast.accuracy.past import accuracy, forecast, past_cycle, people_of, ratios, win
from tests.forecast.world import Record, World
from tests.house import Client

MONTH = {"kind": "month", "start": "2026-05-01"}


async def test_earlier_forecasts_of_the_same_period_are_versions_of_it(world: World) -> None:
    (seller,) = await world.line(1)
    first, second, last = [await past_cycle(world, seller, name=name) for name in ("First", "Second", "Last")]
    opportunity = await forecast(world, seller, first, "200.00")
    for cycle, amount in ((second, "150.00"), (last, "110.00")):
        said = await world.confirm(seller, cycle, opportunity, amount={"amount": amount, "currency": "USD"}, lines=None)
        assert said.status_code == 201, said.text
        await world.submit(seller, cycle)
    await win(world, opportunity, "100.00")

    found = {
        version: await accuracy(seller, last, version=version) for version in ("deadline", "one_before", "two_before")
    }

    assert [ratios(each["total"])[1] for each in found.values()] == ["0.1000", "0.5000", "1.0000"]
    assert [each["basis"]["cycle_id"] for each in found.values()] == [each["id"] for each in (last, second, first)]
    assert (await accuracy(seller, second, version="one_before"))["basis"]["name"] == "First"


async def test_a_quarter_forecast_the_months_that_it_holds(world: World) -> None:
    top, seller = await world.line(2)
    quarter = await past_cycle(world, top)
    may = await forecast(world, seller, quarter, "100.00", expected_close="2026-05-10")
    draft = await world.gather(seller, quarter)
    june = await world.confirmed(seller, quarter, "1000.00", expected_close="2026-06-10")
    await seller.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    month = await past_cycle(world, top, period=MONTH)
    await world.confirm(seller, month, may)
    await world.submit(seller, month)
    await win(world, may, "80.00", on="2026-05-31")
    await win(world, june, "900.00", on="2026-06-01")

    before, now = await accuracy(top, month, version="one_before"), await accuracy(top, month)
    people = await people_of(top, month, version="one_before")

    assert (before["basis"]["cycle_id"], before["basis"]["months_start"]) == (quarter["id"], "2026-05-01")
    sellers = before["levels"][1]
    assert (sellers["forecast"], sellers["actual"], sellers["bias"]) == ("100.00", "80.00", "0.2500")
    assert ratios(people[seller.id]) == ratios(now["levels"][1]) == ("0.2500", "0.2500")
    whole = await accuracy(top, quarter)
    assert (whole["levels"][1]["forecast"], whole["levels"][1]["actual"]) == ("1100.00", "980.00")
    assert (whole["basis"]["months_start"], whole["total"]["missing"]) == (None, 1)


async def test_where_no_cycle_came_before_there_is_none_and_why(world: World) -> None:
    (seller,), (other,) = await world.line(1), await world.line(1)
    of_others = await past_cycle(world, other)
    narrower = await past_cycle(world, seller, period=MONTH)
    cycle = await past_cycle(world, seller)
    assert of_others["id"] != narrower["id"]

    found = await accuracy(seller, cycle, version="one_before")
    refused = await seller.get(f"/v1/forecast-cycles/{cycle['id']}/accuracy/seats?version=one_before")

    assert (found["basis"], found["no_basis"], found["levels"]) == (None, "no_cycle_before", [])
    assert (found["total"]["wape"], found["total"]["reason"]) == (None, "nothing_submitted")
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (
        409,
        "no_such_version",
        "no_cycle_before",
    )


async def test_who_had_no_seat_then_has_no_such_version(world: World) -> None:
    top, seller = await world.line(2)
    await past_cycle(world, top)
    newcomer = await world.person(top)
    cycle = await past_cycle(world, top)
    seats = await seat_ids(top, cycle)

    found = await accuracy(top, cycle, version="one_before", seat_id=seats[newcomer.id])

    assert (found["basis"], found["no_basis"]) == (None, "no_seat_then")
    assert set(await people_of(top, cycle, version="one_before", seat_id=seats[seller.id])) == {seller.id}


async def test_the_line_of_that_cycle_decides_who_sees_it(world: World) -> None:
    """Who was somebody's superior then sees what was forecast then; who is now does not."""
    top = await world.person()
    former, present = await world.person(top), await world.person(top)
    seller = await world.person(former)
    await past_cycle(world, top)
    edge = next(each for each in world.peers.edges if each["person_id"] == seller.person_id)
    edge["superior_id"] = present.person_id
    world.peers.chart_version += 1
    world.house.chart_version = world.peers.chart_version
    cycle = await past_cycle(world, top)

    assert set(await people_of(present, cycle)) == {present.id, seller.id}
    assert set(await people_of(present, cycle, version="one_before")) == {present.id}
    assert set(await people_of(former, cycle, version="one_before")) == {former.id, seller.id}
    seats = await seat_ids(present, cycle)
    found = await accuracy(present, cycle, version="one_before", seat_id=seats[seller.id])
    assert found["no_basis"] == "no_seat_then"


async def seat_ids(by: Client, cycle: Record) -> dict[str, str]:
    return {person: each["id"] for person, each in (await people_of(by, cycle)).items()}
