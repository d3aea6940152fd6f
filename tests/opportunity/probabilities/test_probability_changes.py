"""A person may say how likely a win is: since when, by whom and why stays readable, and the stage's counts after it."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.house import Client, House
from tests.make import Make

READY = ["contact_named", "budget_known"]


async def say(by: Client, path: str, ratio: str | None, **given: Any) -> dict[str, Any]:
    body = {"probability": ratio, "reason": "The sponsor told us.", **given}
    answer: dict[str, Any] = await by.done("POST", f"{path}/probability-changes", body)
    return answer


async def said(by: Client, path: str) -> list[tuple[str | None, str]]:
    found = await by.done("GET", f"{path}/probability-changes")
    return [(one["probability"], one["cause"]) for one in found["items"]]


async def test_an_opportunity_says_where_its_probability_comes_from(make: Make) -> None:
    manager, seller = await make.line(2)
    made = await make.opportunity(seller)
    assert (made["probability"], made["probability_source"]) == ("0.05", "stage")
    assert made["manual_probability_by"] is made["manual_probability_since"] is None
    path = f"/v1/opportunities/{made['id']}"

    told = await say(manager, path, "0.6")
    assert (told["probability"], told["probability_source"]) == ("0.6000", "manual")
    assert (told["manual_probability_by"], told["version"]) == (manager.id, made["version"] + 1)
    assert told == await seller.done("GET", path)

    nothing = await say(seller, path, "0")  # 0 is a value
    assert (nothing["probability"], nothing["probability_source"]) == ("0.0000", "manual")
    assert nothing["manual_probability_by"] == seller.id
    ended = await say(seller, path, None)
    assert (ended["probability"], ended["probability_source"]) == ("0.05", "stage")
    assert ended["manual_probability"] is None

    history = (await seller.done("GET", f"{path}/probability-changes"))["items"]
    assert [one["probability"] for one in history] == ["0.6000", "0.0000", None]
    assert [one["actor_id"] for one in history] == [manager.id, seller.id, seller.id]
    assert {one["reason"] for one in history} == {"The sponsor told us."}


async def test_a_stage_change_ends_a_manual_one_only_if_it_says_so(make: Make) -> None:
    seller = await make.seller()
    made = await make.opportunity(seller, criteria=READY)
    path = f"/v1/opportunities/{made['id']}"
    await say(seller, path, "0.6")

    kept = await seller.done("POST", f"{path}/stage-changes", {"to_stage": "shortlist"})
    assert (kept["probability"], kept["probability_source"]) == ("0.6000", "manual")
    ended = await seller.done(
        "POST", f"{path}/stage-changes", {"to_stage": "selected", "ends_manual_probability": True}
    )
    assert (ended["probability"], ended["probability_source"]) == ("0.75", "stage")
    assert ended["version"] == kept["version"] + 1
    without = {"to_stage": "negotiate", "ends_manual_probability": True}
    assert (await seller.done("POST", f"{path}/stage-changes", without))["manual_probability"] is None
    assert await said(seller, path) == [("0.6000", "decision"), (None, "stage_change")]


async def test_an_outcome_makes_it_irrelevant_and_a_reopening_lets_it_hold_again(make: Make) -> None:
    seller = await make.seller()
    made = await make.opportunity(seller, criteria=READY)
    path = f"/v1/opportunities/{made['id']}"
    await say(seller, path, "0.6")

    lost = await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    assert (lost["probability"], lost["probability_source"], lost["manual_probability"]) == ("0", "outcome", "0.6000")
    refused = await seller.post(f"{path}/probability-changes", {"probability": "0.1", "reason": "late"})
    assert (refused.status_code, refused.json()["code"]) == (409, "opportunity_closed")
    opened = await seller.done("POST", f"{path}/reopenings", {"to_stage": "find_contact", "reason": "New round."})
    assert (opened["probability"], opened["probability_source"]) == ("0.6000", "manual")
    won = await seller.done("POST", f"{path}/outcomes", {"outcome": "won", "ends_manual_probability": True})
    assert (won["probability"], won["probability_source"], won["manual_probability"]) == ("1", "outcome", None)
    again = {"to_stage": "negotiate", "reason": "Not signed.", "ends_manual_probability": True}
    assert (await seller.done("POST", f"{path}/reopenings", again))["probability_source"] == "stage"
    assert await said(seller, path) == [("0.6000", "decision"), (None, "outcome")]


@pytest.mark.parametrize(
    ("ratio", "status", "code"),
    [("1.0001", 400, "malformed"), ("-0.1", 400, "malformed"), ("0.12345", 400, "malformed"), ("x", 400, "malformed")],
)
async def test_a_probability_is_a_ratio(make: Make, ratio: str, status: int, code: str) -> None:
    seller = await make.seller()
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}/probability-changes"
    refused = await seller.post(path, {"probability": ratio, "reason": "sure"})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["errors"][0]["pointer"].startswith("/probability")


async def test_what_changes_nothing_is_refused_and_a_missing_ratio_is_not_zero(make: Make) -> None:
    seller = await make.seller()
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}/probability-changes"
    none = await seller.post(path, {"probability": None, "reason": "none"})
    assert (none.status_code, none.json()["code"]) == (409, "probability_unchanged")
    assert (await seller.post(path, {"reason": "forgotten"})).status_code == 400
    assert (await seller.post(path, {"probability": "0.5"})).status_code == 400
    assert (await seller.post(path, {"probability": "0.5", "reason": "sure"})).status_code == 201
    same = await seller.post(path, {"probability": "0.50", "reason": "sure"})
    assert (same.status_code, same.json()["code"]) == (409, "probability_unchanged")
    assert "0.5" in same.json()["detail"]


async def test_who_may_say_it(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, helper, elsewhere = await make.seller(manager), await make.seller(), await make.person()
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}"
    await seller.done("POST", f"{path}/sales-team", {"person_id": helper.id, "role": "presales"})
    body = {"probability": "0.4", "reason": "a feeling"}
    for stranger in (peer, elsewhere):
        assert (await stranger.post(f"{path}/probability-changes", body)).status_code == 404
        assert (await stranger.get(f"{path}/probability-changes")).status_code == 404
    assert (await helper.post(f"{path}/probability-changes", body)).status_code == 403
    assert (await helper.get(f"{path}/probability-changes")).status_code == 200
    day = (house.service("opportunity").database.clock() - timedelta(days=3)).isoformat()
    dated = await seller.post(f"{path}/probability-changes", body | {"at": day})
    assert (dated.status_code, dated.json()["code"]) == (403, "not_from_the_past")
    assert await said(seller, path) == []


async def test_sales_operations_dates_it_back_though_not_before_what_was_said_last(make: Make, house: House) -> None:
    seller, operations = await make.seller(), await make.person(roles=["sales_operations"])
    now = house.service("opportunity").database.clock()
    item = {
        "name": "Soles",
        "principal_id": seller.id,
        "currency": "USD",
        "external_reference": {"system": "crm", "id": seller.id},
        "history": [{"at": (now - timedelta(days=30)).isoformat(), "to_stage": "find_contact"}],
    }
    done = await (await house.import_client()).done("POST", "/v1/opportunities/batches", {"items": [item]})
    path = f"/v1/opportunities/{done['items'][0]['id']}"
    at = (now - timedelta(days=10)).isoformat()
    told = await say(operations, path, "0.3", at=at)
    assert told["manual_probability_since"][:19] == at[:19]
    early = {"probability": "0.2", "reason": "x", "at": (now - timedelta(days=11)).isoformat()}
    for refused in (
        await operations.post(f"{path}/probability-changes", early),
        await operations.post(f"{path}/probability-changes", early | {"at": (now + timedelta(days=1)).isoformat()}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "instant_not_possible")
        assert refused.json()["errors"][0]["pointer"] == "/at"


async def test_many_at_once_make_one_history(make: Make) -> None:
    manager, seller = await make.line(2)
    made = await make.opportunity(seller, criteria=READY)
    path = f"/v1/opportunities/{made['id']}"
    asked = [{"probability": f"0.{place}", "reason": "at once"} for place in range(1, 7)]
    moves = [{"to_stage": stage, "ends_manual_probability": True, "reason": "x"} for stage in ("shortlist", "selected")]
    answers = await asyncio.gather(
        *((seller, manager)[place % 2].post(f"{path}/probability-changes", body) for place, body in enumerate(asked)),
        *(seller.post(f"{path}/stage-changes", body) for body in moves),
    )
    assert {answer.status_code for answer in answers} == {201}
    history = await said(seller, path)
    present = await seller.done("GET", path)
    assert len([cause for _, cause in history if cause == "decision"]) == len(asked)
    assert history[-1][0] == present["manual_probability"]
    assert present["version"] == made["version"] + len(answers)


async def test_nobody_alters_what_was_said(make: Make, house: House) -> None:
    seller = await make.seller()
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}"
    await say(seller, path, "0.6")
    connection = await asyncpg.connect(house.urls["opportunity"].owner)
    try:
        for statement in ("UPDATE probability_change SET probability = 1", "DELETE FROM probability_change"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_events_carry_it(make: Make, house: House) -> None:
    seller = await make.seller()
    made = await make.opportunity(seller)
    await say(seller, f"/v1/opportunities/{made['id']}", "0.6")
    await house.settle()
    pool = house.service("opportunity").database.pool
    kept = "SELECT data ->> 'probability', data ->> 'probability_source' FROM feed WHERE aggregate_id = $1"
    rows = await pool.fetch(f"{kept} ORDER BY position", made["id"])
    assert [tuple(row) for row in rows] == [("0.05", "stage"), ("0.6000", "manual")]
