"""ERPs acknowledge and reject plans through the API, as a whole and by line; nothing that was answered is lost."""

import asyncio

from tests.forecast.handover.conftest import TAKING, Story

NO_ITEM = {"verdict": "rejected", "reason_code": "unknown_item", "reason": "P-1 is not in our item list"}


def taken(line_id: str, reference: str | None = None) -> dict[str, str | None]:
    return {"line_id": line_id, "verdict": "acknowledged", "reference": reference}


async def test_line_by_line_until_every_line_is_answered(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1", "2", "3")
    first, second, third = story.line_ids
    opened = await story.handover(erp)
    assert (opened["state"], opened["is_waiting"], opened["open_lines"], opened["told"]) == ("open", True, 3, 1)

    answered = await story.answer(erp, taken(first, "SF-1"), {"line_id": second, **NO_ITEM})
    assert (answered["recorded"], answered["unchanged"], answered["is_late"]) == (2, 0, False)
    partly = answered["handover"]
    assert (partly["state"], partly["acknowledged_lines"], partly["rejected_lines"]) == ("partly", 1, 1)
    await story.answer(erp, taken(third))
    done = await story.handover(erp)
    assert (done["state"], done["is_waiting"], done["tell_at"]) == ("with_rejections", False, None)

    path = f"/v1/demand-plan-handovers/{done['id']}"
    lines = {each["id"]: each for each in (await story.planner.done("GET", f"{path}/lines"))["items"]}
    assert (lines[first]["verdict"], lines[first]["reference"], lines[first]["quantity"]) == (
        "acknowledged",
        "SF-1",
        "1",
    )
    assert (lines[second]["reason_code"], lines[second]["reason"]) == ("unknown_item", NO_ITEM["reason"])
    (rejected,) = (await story.planner.done("GET", f"{path}/lines?verdict=rejected"))["items"]
    assert rejected["id"] == second
    told = [(each["type"], each["data"].get("newly_rejected")) for each in await story.events(erp)]
    assert told == [("demand_plan.lines_rejected", {"unknown_item": 1}), ("demand_plan.answered", None)]


async def test_the_same_again_is_harmless_and_another_answer_keeps_the_last_one(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1", "2")
    line_id = story.line_ids[0]
    await story.answer(erp, {"line_id": line_id, **NO_ITEM})
    again = await story.answer(erp, {"line_id": line_id, **NO_ITEM})
    assert (again["recorded"], again["unchanged"]) == (0, 1)
    await story.answer(erp, taken(line_id, "SF-2"))
    handover = await story.handover(erp)
    assert (handover["acknowledged_lines"], handover["rejected_lines"]) == (1, 0)
    path = f"/v1/demand-plan-handovers/{handover['id']}/answers?line_id={line_id}"
    history = (await erp.done("GET", path))["items"]
    assert [(each["number"], each["verdict"], each["reference"]) for each in history] == [
        (2, "acknowledged", "SF-2"),
        (1, "rejected", None),
    ]
    assert len([each for each in await story.events(erp) if each["type"] == "demand_plan.lines_rejected"]) == 1


async def test_as_a_whole_what_was_rejected_stays_rejected(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1", "2", "3")
    await story.answer(erp, {"line_id": story.line_ids[1], **NO_ITEM})
    whole = await erp.done("POST", f"{story.path}/acknowledgements", {"reference": "MPS-7"})
    assert (whole["recorded"], whole["unchanged"], whole["handover"]["state"]) == (2, 1, "with_rejections")
    again = await erp.done("POST", f"{story.path}/acknowledgements", {})
    assert (again["recorded"], again["unchanged"]) == (0, 3)
    other = await story.erp()
    whole = await other.done("POST", f"{story.path}/acknowledgements", {})
    assert (whole["recorded"], whole["handover"]["state"]) == (3, "acknowledged"), "each ERP answers for itself"


async def test_a_version_that_is_superseded_is_answered_late_and_told_so(story: Story) -> None:
    erp = await story.erp()
    first = await story.publish("1")
    await story.publish("2")
    late = await erp.done("POST", f"/v1/demand-plans/{first['id']}/acknowledgements", {"reference": "SF-1"})
    assert (late["is_late"], late["handover"]["superseded_by"]) == (True, 2)
    assert (late["handover"]["state"], late["handover"]["ending"]) == ("acknowledged", "superseded")
    now = await story.handover(erp)
    assert (now["plan_version"], now["state"], now["is_waiting"]) == (2, "open", True)


async def test_many_answers_at_once_are_counted_once(story: Story) -> None:
    erp = await story.erp()
    await story.publish("1", "2", "3")
    said = [taken(each) for each in story.line_ids]
    whole = [erp.post(f"{story.path}/acknowledgements", {}) for _ in range(3)]
    single = [erp.post(f"{story.path}/line-answers", {"answers": [each]}) for each in said for _ in range(2)]
    answers = await asyncio.gather(*whole, *single)
    assert {answer.status_code for answer in answers} == {201}
    assert sum(answer.json()["recorded"] for answer in answers) == 3
    handover = await story.handover(erp)
    assert (handover["state"], handover["acknowledged_lines"]) == ("acknowledged", 3)
    assert [each["type"] for each in await story.events(erp)] == ["demand_plan.answered"]


async def test_what_cannot_be_answered_is_refused_as_a_whole(story: Story) -> None:
    erp = await story.erp()
    before = await story.publish("1")
    await story.publish("2")
    path = f"{story.path}/line-answers"
    of_before = before["lines"][0]["id"]
    good = taken(story.line_ids[0])
    for wrong, code, at in (
        (taken(of_before), "plan_line_unknown", "/answers/1/line_id"),
        (good, "line_answered_twice", "/answers/1/line_id"),
        ({**NO_ITEM, "line_id": story.line_ids[1], "reason": None}, "rejection_incomplete", "/answers/1/reason"),
    ):
        answer = await erp.post(path, {"answers": [good, wrong]})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == at
    assert (await story.handover(erp))["open_lines"] == 2
    assert (await erp.post(path, {"answers": []})).status_code == 400
    assert (await erp.post(path, {"answers": [good] * 501})).status_code == 400


async def test_who_sees_and_who_answers(story: Story) -> None:
    erp, other = await story.erp(), await story.erp()
    await story.publish("1")
    handover = await story.handover(erp)
    one = f"/v1/demand-plan-handovers/{handover['id']}"
    for path in (one, f"{one}/lines", f"{one}/answers"):
        assert (await erp.get(path)).status_code == 200
        for somebody in (other, story.seller, story.top):
            assert (await somebody.get(path)).status_code == 404
    listed = (await other.done("GET", "/v1/demand-plan-handovers"))["items"]
    assert {each["receiver_id"] for each in listed} == {other.id}
    for body, step in (({}, "acknowledgements"), ({"answers": [taken(story.line_ids[0])]}, "line-answers")):
        for somebody in (story.planner, story.top, await story.world.operations()):
            refused = await somebody.post(f"{story.path}/{step}", body)
            assert (refused.status_code, refused.json()["code"]) == (403, "may_not_acknowledge")
        assert (await story.seller.post(f"{story.path}/{step}", body)).status_code == 404
        reader = await story.world.machine(TAKING[0])
        refused = await reader.post(f"{story.path}/{step}", body)
        assert (refused.status_code, refused.json()["scope"]) == (403, TAKING[1])
