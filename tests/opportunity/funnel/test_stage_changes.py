import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from tests.house import Client, House
from tests.make import Make


async def ready(make: Make, seller: Client, **given: Any) -> str:
    """Return the path of an opportunity whose criteria are all met."""
    opportunity = await make.opportunity(seller, criteria=["contact_named", "budget_known"], **given)
    return f"/v1/opportunities/{opportunity['id']}"


async def test_skipping_a_stage_names_every_criterion_skipped(make: Make) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    await seller.done("PUT", f"{path}/criteria/contact_named", {})

    answer = await seller.post(f"{path}/stage-changes", {"to_stage": "map_organisation"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "exit_criteria_unmet"
    assert answer.json()["missing"] == ["budget_known"]
    to_do = {
        "criterion": "budget_known",
        "stage": "confirm_need",
        "title": "The budget is known",
        "kind": "task",
        "operation": "mark_criterion",
        "method": "PUT",
        "path": f"{path}/criteria/budget_known",
    }
    assert answer.json()["criteria"] == [to_do]


async def test_a_superior_overrides_and_the_principal_cannot(make: Make) -> None:
    manager, seller = await make.line(2)
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    asked = {"to_stage": "shortlist", "override_reason": "The customer called for bids at once."}

    own = await seller.post(f"{path}/stage-changes", asked)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    assert (await manager.post(f"{path}/stage-changes", asked)).status_code == 201

    last = (await seller.done("GET", f"{path}/history"))["items"][-1]
    assert (last["override_reason"], last["actor_id"]) == (asked["override_reason"], manager.id)
    assert last["passed_over"] == ["contact_named", "budget_known"]
    won = {"outcome": "won", "override_reason": "Nothing is missing."}
    await manager.done("POST", f"{path}/outcomes", won)
    last = (await seller.done("GET", f"{path}/history"))["items"][-1]
    assert (last["override_reason"], last["passed_over"]) == (won["override_reason"], [])


async def test_an_override_says_only_what_was_not_done(make: Make) -> None:
    manager, seller = await make.line(2)
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}"
    await seller.done("PUT", f"{path}/criteria/budget_known", {})
    await manager.done("POST", f"{path}/outcomes", {"outcome": "won", "override_reason": "Signed at the fair."})
    history = (await seller.done("GET", f"{path}/history"))["items"]
    assert [one["passed_over"] for one in history] == [[], ["contact_named"]]


async def test_who_is_not_above_overrides_nothing_and_the_attempt_is_remembered(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, helper, elsewhere = await make.seller(manager), await make.seller(manager), await make.person()
    operations = await make.person(roles=["sales_operations"])
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    await seller.done("POST", f"{path}/sales-team", {"person_id": helper.id, "role": "co_seller"})
    today = house.service("team").today()
    for stand_in in (seller, helper):
        span = {"from_date": str(today), "until_date": str(today + timedelta(days=5))}
        await manager.done("POST", "/v1/stand-ins", {"person_id": manager.id, "stand_in_id": stand_in.id, **span})
    behalf = {"on-behalf-of": manager.id}
    asked = {"to_stage": "shortlist", "override_reason": "I say so."}

    for nobody in (peer, elsewhere):
        assert (await nobody.post(f"{path}/stage-changes", asked)).status_code == 404
    refused = [
        await seller.post(f"{path}/stage-changes", asked),
        await seller.post(f"{path}/stage-changes", asked, headers=behalf),
        await seller.post(f"{path}/outcomes", {"outcome": "won", "override_reason": "Mine."}, headers=behalf),
        await helper.post(f"{path}/stage-changes", asked),
        await operations.post(f"{path}/stage-changes", asked),
    ]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        *[(403, "own_matter")] * 3,
        *[(403, "override_not_allowed")] * 2,
    ]
    assert (await seller.done("GET", path))["stage"] == "find_contact"
    pool = house.service("opportunity").database.pool
    kept = "SELECT count(*) FROM audit WHERE aggregate_id = $1 AND operation = 'refused'"
    assert await pool.fetchval(kept, made["id"]) == len(refused)
    assert (await helper.post(f"{path}/stage-changes", asked, headers=behalf)).status_code == 201


async def test_overrides_at_once_pass_over_each_criterion_once(make: Make) -> None:
    head, manager, seller = await make.line(3)
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}"
    stages = ["confirm_need", "map_organisation", "set_target", "shortlist"] * 2
    answers = await asyncio.gather(
        *(
            (head, manager)[place % 2].post(
                f"{path}/stage-changes", {"to_stage": stage, "reason": "at once", "override_reason": "bids"}
            )
            for place, stage in enumerate(stages)
        ),
        seller.put(f"{path}/criteria/budget_known", {}),
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    history = (await seller.done("GET", f"{path}/history"))["items"]
    assert history[1]["passed_over"][:1] == ["contact_named"]
    for before, after in pairwise(history):
        assert after["from_stage"] == before["to_stage"]
        assert not after["passed_over"] or stages.index(after["to_stage"]) > 0 or before["to_stage"] == "find_contact"


async def test_the_history_tells_every_move_and_an_edit_that_moves_nothing_writes_none(make: Make) -> None:
    seller = await make.seller()
    path = await ready(make, seller)
    await seller.done("POST", f"{path}/stage-changes", {"to_stage": "set_target"})
    assert (await seller.post(f"{path}/stage-changes", {"to_stage": "set_target"})).status_code == 409
    back = {"to_stage": "confirm_need", "reason": "The sponsor has left."}
    await seller.done("POST", f"{path}/stage-changes", back)
    won = await seller.done("POST", f"{path}/outcomes", {"outcome": "won", "win_reason": "Best price."})
    assert (won["stage"], won["state"], won["probability"]) == ("close", "won", "1")
    assert (await seller.post(f"{path}/stage-changes", {"to_stage": "shortlist"})).status_code == 409
    reopening = {"to_stage": "negotiate", "reason": "The board asks for another round."}
    await seller.done("POST", f"{path}/reopenings", reopening)
    lost = await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    assert (lost["stage"], lost["state"], lost["loss_reason"]) == ("negotiate", "lost", "price")

    history = await seller.done("GET", f"{path}/history")

    assert [(one["to_stage"], one["to_state"]) for one in history["items"]] == [
        ("find_contact", "open"),
        ("set_target", "open"),
        ("confirm_need", "open"),
        ("close", "won"),
        ("negotiate", "open"),
        ("negotiate", "lost"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"outcome": "lost"}, 422, "reason_missing"),
        ({"outcome": "lost", "loss_reason": "not_recorded"}, 422, "reason_not_fitting"),
        ({"outcome": "lost", "loss_reason": "bad luck"}, 400, "malformed"),
        ({"outcome": "won", "loss_reason": "price"}, 422, "reason_not_fitting"),
        ({"outcome": "won", "decided_at": "2020-01-01T00:00:00Z"}, 403, "not_from_the_past"),
        ({"outcome": "won", "why": "x"}, 400, "malformed"),
    ],
)
async def test_outcomes_that_cannot_be(make: Make, body: dict[str, Any], status: int, code: str) -> None:
    seller = await make.seller()
    answer = await seller.post(f"{await ready(make, seller)}/outcomes", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_closed_opportunity_keeps_its_terms(make: Make) -> None:
    seller = await make.seller()
    path = await ready(make, seller)
    won = await seller.done("POST", f"{path}/outcomes", {"outcome": "won"})
    answer = await seller.patch(path, {"amount": "1.00"}, if_match=won["version"])
    assert answer.status_code == 409
    renamed = await seller.patch(path, {"name": "Another name"}, if_match=won["version"])
    assert renamed.json()["name"] == "Another name"


async def test_a_retry_answers_again_and_moves_once(make: Make) -> None:
    seller = await make.seller()
    path = await ready(make, seller)
    first = await seller.post(f"{path}/stage-changes", {"to_stage": "shortlist"}, key=path)
    again = await seller.post(f"{path}/stage-changes", {"to_stage": "shortlist"}, key=path)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert len((await seller.done("GET", f"{path}/history"))["items"]) == 2


async def test_many_at_once_make_one_chain_of_moves(make: Make) -> None:
    manager, seller = await make.line(2)
    path = await ready(make, seller)
    stages = ["confirm_need", "map_organisation", "set_target", "shortlist", "selected", "negotiate"]
    asked = [{"to_stage": stage, "reason": "at once"} for stage in stages] * 2
    answers = await asyncio.gather(
        *((seller, manager)[place % 2].post(f"{path}/stage-changes", body) for place, body in enumerate(asked))
    )
    moved = sum(answer.status_code == 201 for answer in answers)
    assert {answer.status_code for answer in answers} <= {201, 409}

    history = (await seller.done("GET", f"{path}/history"))["items"]
    present = await seller.done("GET", path)

    assert len(history) == moved + 1
    assert present["version"] == moved + 1
    assert all(after["from_stage"] == before["to_stage"] for before, after in pairwise(history))
    assert history[-1]["to_stage"] == present["stage"]


async def test_nobody_alters_what_happened(make: Make, house: House) -> None:
    path = await ready(make, await make.seller())
    for url in (house.urls["opportunity"].login, house.urls["opportunity"].owner):
        connection = await asyncpg.connect(url)
        try:
            for table in ("stage_change", "terms_change"):
                for statement in (f"UPDATE {table} SET amount = 1", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                        await connection.execute(statement)
            for statement in (
                "DELETE FROM principal_history",
                "UPDATE principal_history SET principal_id = gen_random_uuid()",
                "UPDATE opportunity SET principal_id = gen_random_uuid()",
            ):
                with pytest.raises(asyncpg.PostgresError):
                    await connection.execute(f"SET keyaccount.actor = 'service:test'; {statement}")
        finally:
            await connection.close()
    assert path


async def test_the_checklist_says_what_is_required_and_done(make: Make) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}/criteria"
    await seller.done("PUT", f"{path}/contact_named", {"note": "Ms. Li"})
    found = {one["criterion"]: one for one in (await seller.done("GET", path))["items"]}
    assert found["contact_named"]["done"]
    assert found["contact_named"]["note"] == "Ms. Li"
    assert found["budget_known"] | {"required": True, "done": False} == found["budget_known"]
    await seller.done("DELETE", f"{path}/contact_named")
    assert not (await seller.done("GET", path))["items"][0]["done"]
    assert (await seller.put(f"{path}/coffee_drunk", {})).json()["code"] == "unknown_criterion"
