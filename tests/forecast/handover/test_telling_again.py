"""Who has not answered is told again, with growing pauses, until the answer is there or nobody waits for it."""

import asyncio

from services.forecast.handover import telling
from tests.forecast.handover.conftest import Story


async def test_told_again_with_growing_pauses_until_answered(story: Story) -> None:
    erp, clock = await story.erp(), story.world.house.clock
    plan = await story.publish("1", "2")
    assert await story.look() == 0, "publication has told"
    for hours, told in ((1, 2), (2, 3), (4, 4)):
        clock.move(minutes=60 * hours - 1)
        assert (await story.look(), (await story.handover(erp))["told"]) == (0, told - 1)
        clock.move(minutes=2)
        await story.look()
        assert (await story.handover(erp))["told"] == told
    last = (await story.events(erp))[-1]
    assert (last["type"], last["subject"]) == ("demand_plan.told_again", plan["id"])
    said = last["data"]
    assert (said["version"], said["lines"], said["open_lines"], said["told"]) == (1, 2, 2, 4)
    assert said["path"] == story.path
    waiting = (await story.planner.done("GET", "/v1/demand-plan-handovers?is_waiting=true&sort=opened_at"))["items"]
    assert erp.id in [each["receiver_id"] for each in waiting]

    await erp.done("POST", f"{story.path}/acknowledgements", {})
    clock.move(days=3)
    await story.look()
    assert (await story.handover(erp))["told"] == 4


async def test_a_newer_version_takes_the_place_of_one_that_waits(story: Story) -> None:
    erp, clock = await story.erp(), story.world.house.clock
    await story.publish("1")
    await story.publish("2")
    first, second = await story.handover(erp, 1), await story.handover(erp, 2)
    assert (first["ending"], first["is_waiting"], first["superseded_by"]) == ("superseded", False, 2)
    assert second["is_waiting"]
    clock.move(hours=2)
    await story.look()
    told = [each for each in await story.events(erp) if each["type"] == "demand_plan.told_again"]
    assert [each["data"]["version"] for each in told] == [2]


async def test_looked_at_by_many_at_once_each_is_told_once(story: Story) -> None:
    erps = [await story.erp() for _ in range(4)]
    await story.publish("1")
    story.world.house.clock.move(hours=2)
    service = story.world.house.service("forecast")
    await asyncio.gather(*[telling.look(service) for _ in range(5)])
    for erp in erps:
        assert (await story.handover(erp))["told"] == 2
        assert len(await story.events(erp)) == 1


async def test_who_may_acknowledge_later_is_told_later_and_who_may_no_longer_is_waited_for_no_longer(
    story: Story,
) -> None:
    await story.publish("1")
    peers = story.world.peers
    erp = await story.erp()
    story.world.house.clock.move(hours=2)
    await story.look()
    assert (await story.handover(erp))["told"] == 2
    assert erp.person_id is not None
    peers.people[erp.person_id]["active"] = False
    peers.chart_version += 1
    await story.look()
    assert (await story.handover(erp))["ending"] == "withdrawn"
    peers.people[erp.person_id]["active"] = True
    peers.chart_version += 1
    await story.look()
    again = await story.handover(erp)
    assert (again["ending"], again["is_waiting"]) == (None, True)


async def test_a_planner_has_an_erp_told_at_once_of_what_it_rejected(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1", "2")
    first, second = story.line_ids
    rejected = {"verdict": "rejected", "reason_code": "unknown_item", "reason": "no such item"}
    await story.answer(erp, {"line_id": first, **rejected}, {"line_id": second, "verdict": "acknowledged"})
    path = f"/v1/demand-plan-handovers/{(await story.handover(erp))['id']}/tellings"
    told = await story.planner.done("POST", path)
    assert (told["told"], told["is_waiting"], told["state"]) == (2, False, "with_rejections")
    last = (await story.events(erp))[-1]
    assert (last["type"], last["data"]["rejected_lines"]) == ("demand_plan.told_again", 1)

    marketing = await story.world.person(None, "marketing")
    assert (await marketing.post(path)).json()["code"] == "may_not_tell_again"
    assert (await story.seller.post(path)).status_code == 404
    await story.answer(erp, {"line_id": first, "verdict": "acknowledged"})
    assert (await story.planner.post(path)).json()["code"] == "nothing_to_tell"
    await story.publish("3")
    before = f"/v1/demand-plan-handovers/{(await story.handover(erp, 1))['id']}/tellings"
    assert (await story.planner.post(before)).json()["code"] == "nothing_to_tell"


async def test_after_the_last_month_of_a_plan_nobody_waits(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1")
    clock = story.world.house.clock
    clock.move(days=200)
    await story.look()
    assert (await story.handover(erp))["ending"] == "period_over"


async def test_publication_says_how_much_there_is_to_read(story: Story) -> None:
    plan = await story.publish("1", "2")
    (published,) = await story.events()
    assert (published["type"], published["subject"]) == ("demand_plan.published", plan["id"])
    assert published["data"] == {
        "id": plan["id"],
        "cycle_id": story.cycle["id"],
        "version": 1,
        "lines": 2,
        "path": story.path,
        "total": plan["total"],
        "currency": "USD",
    }
