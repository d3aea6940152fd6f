"""How far off forecasts were, through the API, over periods that are over."""

from tests.forecast.accuracy.past import IN_TIME, TOO_LATE, accuracy, forecast, past_cycle, people_of, ratios, win
from tests.forecast.world import World


async def test_the_case_of_numbers_by_person_and_level(world: World) -> None:
    top = await world.person()
    first, second = await world.person(top), await world.person(top)
    cycle = await past_cycle(world, top)
    one = await forecast(world, first, cycle, "100.00")
    other = await forecast(world, second, cycle, "50.00")
    await world.submit(top, cycle)
    await win(world, one, "80.00")
    await win(world, other, "70.00")

    found = await accuracy(top, cycle)
    people = await people_of(top, cycle)

    sellers = found["levels"][1]
    assert (sellers["depth"], sellers["wape"], sellers["bias"], sellers["total_wape"]) == (
        1,
        "0.2667",
        "0.0000",
        "0.0000",
    )
    assert (sellers["forecast"], sellers["actual"], sellers["in_time"]) == ("150.00", "150.00", 2)
    assert ratios(found["levels"][0]) == ("0.0000", "0.0000")
    assert ratios(people[first.id]) == ("0.2500", "0.2500")
    assert ratios(people[second.id]) == ("0.2857", "-0.2857")
    assert ratios(people[top.id]) == ratios(found["total"]) == ("0.0000", "0.0000")
    assert found["basis"]["cycle_id"] == cycle["id"]
    assert found["is_over"] is True


async def test_what_was_late_sent_back_or_never_came_is_said_and_not_taken_for_0(world: World) -> None:
    top = await world.person()
    late, never, back = [await world.person(top) for _ in range(3)]
    cycle = await past_cycle(world, top, due=(TOO_LATE, IN_TIME))
    in_time = await past_cycle(world, top)
    won = await forecast(world, late, cycle, "100.00")
    await win(world, won, "60.00")
    await world.confirmed(back, in_time, "10.00", expected_close="2026-05-01")
    sent_back = await world.submit(back, in_time)
    assert (await world.decide(top, sent_back, "returns")).status_code == 201

    await world.submit(top, cycle)

    people, others = await people_of(top, cycle), await people_of(top, in_time)
    found = await accuracy(top, cycle)

    states = [people[person.id]["handed_in"] for person in (late, never, top)]
    assert states == ["late", "missing", "in_time"], "each level by its own deadline"
    assert [people[person.id]["due_at"] for person in (late, top)] == [TOO_LATE, IN_TIME]
    assert (people[late.id]["forecast"], people[late.id]["actual"]) == (None, "60.00")
    assert (people[late.id]["wape"], people[late.id]["reason"]) == (None, "nothing_submitted")
    assert (others[back.id]["handed_in"], others[back.id]["forecast"]) == ("returned", None)
    level = found["levels"][1]
    assert (level["late"], level["missing"], level["in_time"], level["left_out_actual"]) == (1, 2, 0, "60.00")
    assert (level["wape"], level["reason"]) == (None, "nothing_submitted")


async def test_what_was_submitted_by_the_deadline_stands_whatever_came_after(world: World) -> None:
    (seller,) = await world.line(1)
    cycle = await past_cycle(world, seller, due=())
    opportunity = await forecast(world, seller, cycle, "100.00")
    await win(world, opportunity, "100.00")
    found = await people_of(seller, cycle)
    assert found[seller.id]["handed_in"] == "late", "without a deadline, before the period is over"
    assert found[seller.id]["due_at"] is None


async def test_what_is_lost_or_won_elsewhere_is_no_actual_and_the_day_of_the_win_counts(world: World) -> None:
    (seller,) = await world.line(1)
    cycle = await past_cycle(world, seller)
    kept = await world.confirmed(seller, cycle, "100.00", expected_close="2026-06-30")
    lost = await world.confirmed(seller, cycle, "40.00", expected_close="2026-06-30")
    later = await world.confirmed(seller, cycle, "60.00", expected_close="2026-06-30")
    world.peers.add_opportunity(seller.person_id, expected_close="2026-11-20", state="won", decided_on="2026-04-01")
    await world.submit(seller, cycle)
    await win(world, kept, "100.00", on="2026-06-30")
    await win(world, later, "60.00", on="2026-07-01")
    world.peers.change(lost, "lost", state="lost", decided_on="2026-06-01")
    await world.settle()

    found = await people_of(seller, cycle)

    assert (found[seller.id]["forecast"], found[seller.id]["actual"]) == ("200.00", "200.00")


async def test_actuals_count_at_the_rates_of_the_cycle(world: World) -> None:
    (seller,) = await world.line(1)
    world.peers.rates.append({"from_currency": "CHF", "to_currency": "USD", "date": "2026-03-01", "rate": "1.5"})
    world.peers.add_opportunity(seller.person_id, currency="CHF", expected_close="2026-05-01")
    await world.settle()
    cycle = await past_cycle(world, seller)
    opportunity = await forecast(world, seller, cycle, "100.00", currency="CHF")
    await win(world, opportunity, "50.00")
    world.peers.add_opportunity(seller.person_id, currency="JPY", state="won", decided_on="2026-05-05")
    world.peers.add_opportunity(seller.person_id, amount=None, state="won", decided_on="2026-05-05")
    await world.settle()

    found = await accuracy(seller, cycle)

    assert (found["total"]["forecast"], found["total"]["actual"]) == ("150.00", "75.00")
    assert ratios(found["total"]) == ("1.0000", "1.0000")
    assert found["uncounted"] == 2


async def test_nothing_won_gives_null(world: World) -> None:
    (seller,) = await world.line(1)
    cycle = await past_cycle(world, seller)
    await forecast(world, seller, cycle, "100.00")
    found = await accuracy(seller, cycle)
    assert (*ratios(found["total"]), found["total"]["reason"]) == (None, None, "nothing_won")


async def test_a_period_that_runs_is_not_measured(world: World) -> None:
    (seller,) = await world.line(1)
    cycle = await past_cycle(world, seller, period={"kind": "quarter", "start": "2099-01-01"})
    opportunity = await forecast(world, seller, cycle, "100.00", expected_close="2099-02-01")
    await win(world, opportunity, "100.00", on="2099-02-01")
    found, people = await accuracy(seller, cycle), await people_of(seller, cycle)
    assert (found["is_over"], found["total"]["reason"]) == (False, "period_not_over")
    assert (found["total"]["forecast"], found["total"]["actual"]) == ("100.00", "100.00")
    assert people[seller.id]["reason"] == "period_not_over"


async def test_who_sees_what(world: World) -> None:
    top, manager, seller = await world.line(3)
    other = await world.person(top)
    cycle = await past_cycle(world, top)
    for person in (seller, other):
        await win(world, await forecast(world, person, cycle, "100.00"), "80.00")
    marketing, stranger, finance = [await world.person(None, *roles) for roles in (("marketing",), (), ("finance",))]

    assert set(await people_of(manager, cycle)) == {manager.id, seller.id}
    assert set(await people_of(seller, cycle)) == {seller.id}
    assert set(await people_of(top, cycle)) == {each.id for each in (top, manager, seller, other)}
    assert len(await people_of(marketing, cycle)) == 4
    for outsider in (stranger, finance):
        assert await people_of(outsider, cycle) == {}
        nothing = await accuracy(outsider, cycle)
        assert (nothing["levels"], nothing["total"]["missing"], nothing["total"]["actual"]) == ([], 0, "0.00")
    seats = {each["person_id"]: each["id"] for each in (await people_of(top, cycle)).values()}
    path = f"/v1/forecast-cycles/{cycle['id']}/accuracy"
    assert (await seller.get(f"{path}?seat_id={seats[other.id]}")).status_code == 404
    assert (await seller.get(f"{path}/seats?seat_id={seats[manager.id]}")).status_code == 404
    below = await accuracy(top, cycle, seat_id=seats[manager.id])
    assert [level["depth"] for level in below["levels"]] == [1, 2]
    assert set(await people_of(top, cycle, seat_id=seats[manager.id])) == {manager.id, seller.id}


async def test_the_list_is_paged_sorted_and_filtered(world: World) -> None:
    top = await world.person()
    sellers = [await world.person(top) for _ in range(3)]
    cycle = await past_cycle(world, top)
    for off, seller in enumerate(sellers):
        await win(world, await forecast(world, seller, cycle, "100.00"), f"{90 - off * 10}.00")
    path = f"/v1/forecast-cycles/{cycle['id']}/accuracy/seats?limit=2&depth=1&total=true&sort=-error"

    page = await top.done("GET", path)
    rest = await top.done("GET", f"{path}&cursor={page['next']}")

    listed = [*page["items"], *rest["items"]]
    assert [each["person_id"] for each in listed] == [seller.id for seller in reversed(sellers)]
    assert [each["error"] for each in listed] == ["30.00", "20.00", "10.00"]
    assert page["total"] == "3"
    assert list(await people_of(top, cycle, handed_in="missing")) == [top.id]
