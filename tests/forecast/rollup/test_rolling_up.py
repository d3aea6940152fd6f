"""Rolling up through the API: gather, adjust, submit, return, resubmit, approve."""

import pytest

from servicekit.values.ids import new_id
from tests.forecast.world import Record, World, figures, states


async def test_what_is_submitted_rises_level_by_level(world: World) -> None:
    top, manager, seller = await world.line(3)
    other = await world.person(manager)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "60.00")
    await world.confirmed(manager, cycle, "7.00")
    await world.submit(seller, cycle)

    draft = await world.gather(manager, cycle)

    assert figures(draft) == ["7.00", "60.00", "0.00", "67.00"]
    assert draft["missing"] == 1
    by_person = {report["person_id"]: report for report in draft["reports"]}
    assert (by_person[seller.id]["state"], by_person[seller.id]["result"]) == ("submitted", "60.00")
    assert (by_person[other.id]["state"], by_person[other.id]["is_gathered"]) == ("missing", False)

    await world.adjust(manager, draft, "delta", "-10.00")
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    assert figures(await world.submit(top, cycle)) == ["0.00", "57.00", "0.00", "57.00"]


async def test_an_unsubmitted_figure_is_neither_gathered_nor_shown(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    draft = await world.gather(seller, cycle)

    assert (await world.gather(top, cycle))["result"] == "0.00"
    level = (await world.levels(top, cycle))[seller.id]
    assert (level["state"], level["result"], level["by_category"]) == ("draft", None, [])
    seen = await top.done("GET", f"/v1/forecasts/{draft['id']}")
    assert (seen["result"], seen["adjustments"]) == (None, [])
    assert (await world.levels(seller, cycle))[seller.id]["result"] == "100.00"
    assert (await top.get(f"/v1/forecasts/{draft['id']}/lines")).status_code == 409


@pytest.mark.parametrize(
    ("mode", "value", "later"), [("delta", "-10", "120.00"), ("absolute", "90", "90.00"), ("ratio", "0.9", "117.00")]
)
async def test_adjustments_are_computed_again_and_flagged(world: World, mode: str, value: str, later: str) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "100.00")
    await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)
    assert (await world.adjust(top, draft, mode, value)).json()["result"] == "90.00"

    await world.gather(seller, cycle)
    await world.confirmed(seller, cycle, "30.00")
    await world.submit(seller, cycle)
    assert (await world.levels(top, cycle))[top.id]["state"] == "stale"
    draft = await world.gather(top, cycle)

    (adjustment,) = draft["adjustments"]
    assert (draft["result"], adjustment["base"], adjustment["is_flagged"]) == (later, "130.00", True)
    refused = await top.post(f"/v1/forecasts/{draft['id']}/submissions")
    assert (refused.status_code, refused.json()["adjustment_ids"]) == (409, [adjustment["id"]])
    path = f"/v1/forecasts/{draft['id']}/adjustments/{adjustment['id']}"
    assert (await top.done("POST", f"{path}/confirmations"))["adjustments"][0]["is_flagged"] is False
    assert (await top.done("POST", f"/v1/forecasts/{draft['id']}/submissions"))["result"] == later


async def test_below_what_a_delta_takes_a_new_figure_is_needed(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    big = await world.confirmed(seller, cycle, "95.00")
    await world.confirmed(seller, cycle, "5.00")
    await world.submit(seller, cycle)
    await world.adjust(top, await world.gather(top, cycle), "delta", "-10.00")

    await world.gather(seller, cycle)
    await world.confirm(seller, cycle, big, "omitted")
    await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)

    (adjustment,) = draft["adjustments"]
    assert (adjustment["needs_figure"], adjustment["result"], draft["result"]) == (True, "-5.00", "5.00")
    path = f"/v1/forecasts/{draft['id']}/adjustments/{adjustment['id']}/confirmations"
    assert (await top.post(path)).json()["code"] == "new_figure_needed"
    again = await world.adjust(top, draft, "delta", "-10.00")
    assert (again.status_code, again.json()["computed"]) == (422, "-5.0000")
    assert (await world.adjust(top, draft, "absolute", "4.00")).json()["result"] == "4.00"
    assert (await top.post(f"/v1/forecasts/{draft['id']}/submissions")).status_code == 201


async def test_an_adjustment_is_by_category_and_by_report(world: World) -> None:
    top, anna = await world.line(2)
    bo = await world.person(top)
    cycle = await world.cycle(top)
    for seller, amount in ((anna, "100.00"), (bo, "50.00")):
        await world.confirmed(seller, cycle, amount)
        await world.confirmed(seller, cycle, amount, category="pipeline")
        await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)

    await world.adjust(top, draft, "ratio", "0.5", report_id=bo.id)
    answer = await world.adjust(top, draft, "delta", "20.00", category="pipeline")

    assert figures(answer.json()) == ["0.00", "150.00", "-25.00", "125.00"]
    pipeline = answer.json()["by_category"][3]
    assert (pipeline["adjustment"], pipeline["result"]) == ("20.00", "170.00")
    replaced = await world.adjust(top, draft, "ratio", "0.8", report_id=bo.id)
    assert replaced.json()["adjustment"] == "-10.00"
    withdrawn = await top.done(
        "DELETE", f"/v1/forecasts/{draft['id']}/adjustments/{replaced.json()['adjustments'][1]['id']}"
    )
    assert len(withdrawn["adjustments"]) == 1


async def test_without_a_line_below_product_month_and_place_are_named(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    product = world.peers.add_product()
    await world.settle()
    await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)
    assert (await world.adjust(top, draft, "delta", "25.00")).json()["code"] == "no_line_below"
    line: Record = {"product_id": product["id"], "month": "2026-12-24", "place": "Basel", "quantity": "5"}
    half = await world.adjust(top, draft, "delta", "25.00", line=line | {"quantity": "2.5"})
    assert half.json()["code"] == "quantity_wrong"
    assert (await world.adjust(top, draft, "delta", "25.00", line=line)).json()["result"] == "25.00"
    submitted = await top.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    (cell,) = await world.lines(top, submitted)
    assert (cell["product_id"], cell["month"], cell["place"]) == (product["id"], "2026-12-01", "Basel")
    assert (cell["adjustment_quantity"], cell["adjustment_amount"]) == ("5", "25.00")


async def test_each_line_that_is_named_has_its_own_adjustment(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    product = world.peers.add_product()
    await world.settle()
    await world.submit(seller, cycle)
    draft = await world.gather(top, cycle)
    line: Record = {"product_id": product["id"], "month": "2026-12-24", "place": "Basel", "quantity": "5"}
    await world.adjust(top, draft, "delta", "25.00", line=line)
    elsewhere = line | {"place": "Ghent", "quantity": "2"}

    both = await world.adjust(top, draft, "delta", "10.00", line=elsewhere)
    assert (both.json()["result"], len(both.json()["adjustments"])) == ("35.00", 2)
    said_again = await world.adjust(top, draft, "delta", "30.00", line=line | {"quantity": "6"})
    assert (said_again.json()["result"], len(said_again.json()["adjustments"])) == ("40.00", 2)
    (first,) = [each for each in said_again.json()["adjustments"] if each["is_flagged"]]
    assert first["delta"] == "10.00", "the figure that it judged had the former one in it"
    await top.done("POST", f"/v1/forecasts/{draft['id']}/adjustments/{first['id']}/confirmations")

    submitted = await top.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    cells = {cell["place"]: cell for cell in await world.lines(top, submitted)}
    assert {place: cell["adjustment_amount"] for place, cell in cells.items()} == {"Basel": "30.00", "Ghent": "10.00"}
    assert {place: cell["adjustment_quantity"] for place, cell in cells.items()} == {"Basel": "6", "Ghent": "2"}


async def test_what_is_refused_of_adjustments(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    own = await world.gather(seller, cycle)
    assert (await world.adjust(seller, own, "delta", "1.00")).json()["code"] == "nothing_below"
    await world.submit(seller, cycle)
    draft = await world.gather(manager, cycle)
    assert (await world.adjust(manager, draft, "delta", "1.00", report_id=top.id)).json()["code"] == "not_a_report"
    assert (await world.adjust(manager, draft, "delta", "1.00", category="closed")).json()["code"] == "closed_is_fact"
    assert (await world.adjust(manager, draft, "delta", "0")).json()["code"] == "adjustment_value_wrong"
    assert (await world.adjust(manager, draft, "delta", "0.001")).json()["code"] == "adjustment_value_wrong"
    assert (await world.adjust(top, draft, "delta", "1.00")).json()["code"] == "not_your_forecast"
    assert (await world.adjust(seller, draft, "delta", "1.00")).status_code == 404
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    assert (await world.adjust(manager, draft, "delta", "1.00")).json()["code"] == "wrong_record_state"


async def test_a_returned_one_is_stale_above_up_to_the_top(world: World) -> None:
    top, director, manager, seller = await world.line(4)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    submitted = await world.submit(seller, cycle)
    for superior in (manager, director, top):
        await world.submit(superior, cycle)

    returned = await world.decide(manager, submitted, "returns")

    assert returned.json()["decisions"][0]["comment"] == "please look at November again"
    line = [top, director, manager, seller]
    assert states(await world.levels(top, cycle), line) == ["stale", "stale", "stale", "returned"]
    again = await world.submit(seller, cycle)
    assert again["revision"] == 2
    assert states(await world.levels(top, cycle), line) == ["stale", "stale", "stale", "submitted"]
    for superior in (manager, director, top):
        assert (await world.submit(superior, cycle))["result"] == "100.00"
    assert states(await world.levels(top, cycle), line) == ["submitted"] * 4


async def test_what_is_stale_goes_no_further(world: World) -> None:
    top, manager, seller = await world.line(3)
    operations = await world.operations()
    cycle = await world.cycle(top)
    opportunity = await world.confirmed(seller, cycle)
    await world.submit(seller, cycle)
    await world.submit(manager, cycle)
    draft = await world.gather(top, cycle)
    world.peers.change(opportunity, "lost", state="lost", decided_on="2026-11-01")
    await world.settle()

    levels = await world.levels(top, cycle)
    assert states(levels, [top, manager, seller]) == ["stale"] * 3
    assert levels[seller.id]["stale_reason"] == "an opportunity was lost or moved"
    assert (await top.post(f"/v1/forecasts/{draft['id']}/submissions")).json()["code"] == "stale_record"
    assert (await world.adjust(top, draft, "delta", "1.00")).json()["code"] == "stale_record"
    approved = await world.decide(top, {"id": levels[manager.id]["forecast_id"]}, "approvals")
    assert approved.json()["code"] == "stale_record"
    regathered = await world.gather(top, cycle)
    assert (regathered["gathered"], regathered["missing"]) == ("0.00", 1)
    refused = await operations.post(f"/v1/forecast-cycles/{cycle['id']}/demand-plans")
    assert refused.json()["code"] == "tops_not_approved"


async def test_the_direct_superior_approves_and_nobody_their_own(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer, operations = await world.person(manager), await world.operations()
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    submitted = await world.submit(seller, cycle)
    assert (await world.decide(seller, submitted, "approvals")).json()["code"] == "own_matter"
    assert (await world.decide(top, submitted, "approvals")).json()["code"] == "not_direct_superior"
    assert (await world.decide(operations, submitted, "approvals")).json()["code"] == "not_direct_superior"
    assert (await world.decide(peer, submitted, "approvals")).status_code == 404
    approved = await world.decide(manager, submitted, "approvals")
    assert (approved.status_code, approved.json()["state"]) == (201, "approved")
    again = await seller.post(f"/v1/forecast-cycles/{cycle['id']}/forecasts")
    assert again.json()["code"] == "wrong_record_state"

    await world.submit(manager, cycle)
    whole = await world.submit(top, cycle)
    assert (await world.decide(top, whole, "approvals")).json()["code"] == "own_matter"
    assert (await world.decide(manager, whole, "approvals")).status_code == 404
    assert (await world.decide(operations, whole, "approvals")).status_code == 201


async def test_a_top_is_approved_by_the_head_of_its_unit(world: World) -> None:
    head, nobody = await world.person(), await world.person()
    unit = {"id": new_id(), "name": "Boots", "parent_id": None, "head_id": head.person_id}
    world.peers.units.append(unit)
    top = await world.person(None, unit_id=unit["id"])  # type: ignore[arg-type]
    seller = await world.person(top)
    cycle = await world.cycle(top)
    below = await world.submit(seller, cycle)
    whole = await world.submit(top, cycle)
    assert (await world.decide(nobody, whole, "approvals")).status_code == 404
    assert (await world.decide(head, below, "approvals")).status_code == 404
    assert set(await world.levels(head, cycle)) == {top.id}
    assert (await world.decide(head, whole, "approvals")).json()["state"] == "approved"


async def test_a_head_who_is_the_top_does_not_approve_it(world: World) -> None:
    unit = {"id": new_id(), "name": "Shoes", "parent_id": None, "head_id": None}
    world.peers.units.append(unit)
    top = await world.person(None, unit_id=unit["id"])  # type: ignore[arg-type]
    unit["head_id"] = top.person_id
    await world.person(top)
    cycle = await world.cycle(top)
    whole = await world.submit(top, cycle)
    assert (await world.decide(top, whole, "approvals")).json()["code"] == "own_matter"


async def test_a_stand_in_submits_for_whom_they_stand_in_and_never_decides_on_their_own(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    world.peers.stand_ins.append(
        {
            "id": str(new_id()),
            "person_id": manager.person_id,
            "stand_in_id": seller.person_id,
            "from_date": "2020-01-01",
            "until_date": "2999-01-01",
        }
    )
    world.peers.chart_version += 1
    await world.settle()
    submitted = await world.submit(seller, cycle)
    behalf = {"on-behalf-of": manager.id}
    path = f"/v1/forecasts/{submitted['id']}/approvals"
    assert (await seller.post(path, headers=behalf)).json()["code"] == "own_matter"
    drafted = await seller.post(f"/v1/forecast-cycles/{cycle['id']}/forecasts", headers=behalf)
    assert (drafted.status_code, drafted.json()["person_id"]) == (201, manager.id)


async def test_everybody_finds_the_revisions_they_may_see(world: World) -> None:
    top, manager, seller = await world.line(3)
    peer = await world.person(manager)
    cycle = await world.cycle(top)
    first = await world.submit(seller, cycle)
    second = await world.submit(seller, cycle)
    path = f"/v1/forecasts?cycle_id={cycle['id']}&sort=-revision"
    found = await top.done("GET", f"{path}&person_id={seller.id}")
    assert [(each["id"], each["state"]) for each in found["items"]] == [
        (second["id"], "submitted"),
        (first["id"], "superseded"),
    ]
    assert (await peer.done("GET", path))["items"] == []
    for stranger in (peer, await world.person()):
        assert (await stranger.get(f"/v1/forecasts/{first['id']}")).status_code == 404
        assert (await stranger.get(f"/v1/forecasts/{first['id']}/lines")).status_code == 404


async def test_a_superseded_submission_reads_as_it_was(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "40.00")
    first = await world.submit(seller, cycle)
    lines = await world.lines(top, first)
    await world.gather(seller, cycle)
    await world.confirmed(seller, cycle, "2.00")
    await world.submit(seller, cycle)
    assert (await top.done("GET", f"/v1/forecasts/{first['id']}"))["result"] == "40.00"
    assert await world.lines(top, first) == lines
