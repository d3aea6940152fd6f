"""Assessing opportunities through the API."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.assessment.answering import DIMENSIONS, QUESTIONS, answers, assess
from tests.opportunity.histories import ago, batch, item


async def path_of(make: Make, seller: Client, **given: Any) -> str:
    opportunity = await make.opportunity(seller, **given)
    return f"/v1/opportunities/{opportunity['id']}"


async def test_an_assessment_says_what_was_answered_and_what_it_comes_to(make: Make) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    assert opportunity["assessment"] is None
    path = f"/v1/opportunities/{opportunity['id']}"
    told = answers(9, 8) | {"strategic": "unanswered"}
    body = {
        "answers": told,
        "notes": {"profit_known": "From the annual report."},
        "evidence": {"profit_known": "Page 12"},
        "links": {"profit_known": "https://reports.test/2026.pdf"},
        "note": "With Ms. Li.",
    }

    made = await seller.done("POST", f"{path}/assessments", body)

    assert (made["score"], made["score_most"], made["unanswered"], made["value"]) == (9, 12, 3, "undecided")
    assert (made["model"], made["threshold"], made["most"]) == (1, 10, 20)
    assert (made["assessed_by"], made["recorded_by"], made["note"]) == (seller.id, seller.id, "With Ms. Li.")
    assert (made["supersedes_id"], made["is_current"], made["outdated"], made["sequence"]) == (None, True, False, 1)
    asked = {one["key"]: [each["key"] for each in one["questions"]] for one in made["dimensions"]}
    assert asked == {key: list(keys) for key, keys in DIMENSIONS.items()}
    assert [one["score"] for one in made["dimensions"]] == [5, 4, 0, 0]
    assert [one["score_most"] for one in made["dimensions"]] == [5, 4, 0, 3]
    said = {each["key"]: each for one in made["dimensions"] for each in one["questions"]}
    assert {key: each["answer"] for key, each in said.items()} == {
        key: told.get(key, "unanswered") for key in QUESTIONS
    }
    assert said["profit_known"]["note"] == "From the annual report."
    assert (said["profit_known"]["evidence"], said["profit_known"]["link"]) == (
        "Page 12",
        "https://reports.test/2026.pdf",
    )
    assert said["budget_ready"]["note"] is None
    now = await seller.done("GET", path)
    assert now["version"] == opportunity["version"] + 1
    assert now["assessment"] == {
        "id": made["id"],
        "assessed_at": made["assessed_at"],
        "score": 9,
        "score_most": 12,
        "value": "undecided",
        "outdated": False,
        "outdated_because": [],
        "opportunity_exists": 5,
        "we_can_compete": 4,
        "we_can_win": 0,
        "worth_winning": 0,
    }


@pytest.mark.parametrize(
    ("yes", "no", "value"), [(10, 10, "not_high"), (11, 9, "high"), (10, 9, "undecided"), (0, 0, "undecided")]
)
async def test_more_than_ten_of_twenty_are_high_and_ten_are_not(make: Make, yes: int, no: int, value: str) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    made = await assess(seller, opportunity["id"], yes, no)
    assert (made["score"], made["score_most"], made["value"]) == (yes, 20 - no, value)


async def test_one_supersedes_the_other_and_both_stay(make: Make) -> None:
    manager, seller = await make.line(2)
    path = await path_of(make, seller)
    opportunity_id = path.rpartition("/")[2]
    first = await assess(seller, opportunity_id, 5)
    second = await assess(manager, opportunity_id, 15)

    history = (await seller.done("GET", f"{path}/assessments"))["items"]
    again = await seller.done("GET", f"{path}/assessments/{first['id']}")
    current = await seller.done("GET", f"{path}/assessments/current")

    assert [(one["id"], one["score"], one["assessed_by"], one["is_current"]) for one in history] == [
        (second["id"], 15, manager.id, True),
        (first["id"], 5, seller.id, False),
    ]
    assert second["supersedes_id"] == first["id"]
    assert again == first | {"is_current": False}
    assert current == second
    page = await seller.done("GET", f"{path}/assessments?limit=1&sort=sequence")
    assert [one["id"] for one in page["items"]] == [first["id"]]
    rest = await seller.done("GET", f"{path}/assessments?limit=1&sort=sequence&cursor={page['next']}")
    assert [one["id"] for one in rest["items"]] == [second["id"]]


async def test_many_at_once_make_one_chain_with_one_in_force(make: Make) -> None:
    manager, seller = await make.line(2)
    path = await path_of(make, seller)
    bodies = [{"answers": answers(place, 20 - place)} for place in range(12)]

    made = await asyncio.gather(
        *((seller, manager)[place % 2].post(f"{path}/assessments", body) for place, body in enumerate(bodies))
    )

    assert {answer.status_code for answer in made} == {201}
    history = (await seller.done("GET", f"{path}/assessments?sort=sequence"))["items"]
    whole = [await seller.done("GET", f"{path}/assessments/{one['id']}") for one in history]
    assert sorted(one["score"] for one in history) == list(range(12))
    assert [one["sequence"] for one in history] == list(range(1, 13))
    assert [after["supersedes_id"] for after in whole] == [None, *(before["id"] for before in whole[:-1])]
    assert all(before["assessed_at"] <= after["assessed_at"] for before, after in pairwise(history))
    assert [one["is_current"] for one in history] == [False] * 11 + [True]
    now = await seller.done("GET", path)
    assert (now["assessment"]["id"], now["assessment"]["score"]) == (history[-1]["id"], history[-1]["score"])
    assert now["version"] == 13


async def test_a_retry_answers_again_and_assesses_once(make: Make) -> None:
    seller = await make.seller()
    path = await path_of(make, seller)
    first = await seller.post(f"{path}/assessments", {"answers": answers(3)}, key=path)
    again = await seller.post(f"{path}/assessments", {"answers": answers(3)}, key=path)
    assert again.content == first.content
    assert len((await seller.done("GET", f"{path}/assessments"))["items"]) == 1


async def test_nobody_alters_an_assessment_or_a_model(make: Make, house: House) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    await assess(seller, opportunity["id"], 1)
    for url in (house.urls["opportunity"].login, house.urls["opportunity"].owner):
        connection = await asyncpg.connect(url)
        try:
            for table, change in (
                ("assessment", "score = 20"),
                ("assessment_model", "threshold = 0"),
                ("assessment_model_publication", "model_number = 1"),
            ):
                for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                        await connection.execute(statement)
        finally:
            await connection.close()


async def test_the_trail_and_the_feed_tell_of_it(make: Make, house: House) -> None:
    seller = await make.seller()
    admin = await house.admin()
    opportunity = await make.opportunity(seller)
    made = await assess(seller, opportunity["id"], 12, 3)
    await house.settle()
    trail = f"/v1/opportunity/audit?aggregate=opportunity&aggregate_id={opportunity['id']}"
    rows = (await admin.done("GET", trail))["items"]
    machine, _ = await make.machine(["opportunity:events:read"])
    after, told = 0, []
    while found := (await machine.done("GET", f"/v1/opportunity/events?after={after}&limit=500"))["items"]:
        told += [one for one in found if one["subject"] == opportunity["id"]]
        after = found[-1]["position"]
    assert any(row["after"] and row["after"].get("id") == made["id"] for row in rows)
    assert told[-1]["type"].endswith("opportunity.assessed")
    assert (told[-1]["data"]["score"], told[-1]["data"]["score_most"]) == (12, 17)
    assert (told[-1]["data"]["assessed_value"], told[-1]["data"]["assessment_id"]) == ("high", made["id"])
    assert told[-1]["data"]["version"] == 2


async def test_who_may_look_on_may_not_assess_and_strangers_see_nothing(make: Make) -> None:
    manager, seller = await make.line(2)
    presales, stranger = await make.seller(), await make.seller()
    path = await path_of(make, seller)
    await manager.done("POST", f"{path}/sales-team", {"person_id": presales.id, "role": "presales"})
    made = await assess(seller, path.rpartition("/")[2], 3)
    for below in ("", f"/{made['id']}", "/current"):
        assert (await presales.get(f"{path}/assessments{below}")).status_code == 200
        assert (await stranger.get(f"{path}/assessments{below}")).status_code == 404
    body = {"answers": answers(4)}
    assert (await presales.post(f"{path}/assessments", body)).status_code == 403
    assert (await stranger.post(f"{path}/assessments", body)).status_code == 404
    other = await path_of(make, stranger)
    assert (await stranger.get(f"{other}/assessments/{made['id']}")).status_code == 404
    assert (await stranger.get(f"{other}/assessments/current")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "malformed", "/answers"),
        ({"answers": {"budget_ready": "maybe"}}, 400, "malformed", "/answers/budget_ready"),
        ({"answers": {"coffee_good": "yes"}}, 422, "unknown_question", "/answers/coffee_good"),
        ({"answers": {}, "links": {"budget_ready": "javascript:x"}}, 400, "malformed", "/links/budget_ready"),
        ({"answers": {}, "model": 99}, 422, "assessment_model_not_published", "/model"),
        ({"answers": {}, "assessed_at": "2020-01-01T00:00:00Z"}, 403, "assessment_not_from_the_past", None),
    ],
)
async def test_assessments_that_cannot_be(
    make: Make, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    seller = await make.seller()
    answer = await seller.post(f"{await path_of(make, seller)}/assessments", body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    if field:
        assert field in [one["pointer"] for one in problem["errors"]]


async def test_operations_date_back_in_order_and_nobody_assesses_after_the_decision(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    history = [
        {"at": ago(house, days=300), "to_stage": "find_contact"},
        {"at": ago(house, days=200), "outcome": "lost", "loss_reason": "price"},
    ]
    (made,) = await batch(operations, item(seller, history))
    path = f"/v1/opportunities/{made['id']}/assessments"

    async def asked(by: Client, **span: float) -> tuple[int, str | None]:
        answer = await by.post(path, {"answers": answers(3), "assessed_at": ago(house, **span)})
        return answer.status_code, answer.json().get("code")

    assert await asked(operations, days=250) == (201, None)
    assert await asked(operations, days=260) == (422, "assessment_out_of_order")
    assert await asked(operations, days=-1) == (422, "assessment_in_future")
    assert await asked(operations, days=100) == (409, "assessed_after_decision")
    assert (await seller.post(path, {"answers": {}})).json()["code"] == "assessed_after_decision"
    assert await asked(operations, days=220) == (201, None)
    now = await seller.done("GET", f"/v1/opportunities/{made['id']}")
    assert now["assessment"]["outdated_because"] == ["age", "stage_changed"]


async def test_a_stage_change_and_ninety_days_outdate_an_assessment(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    opened = {"at": ago(house, days=100), "to_stage": "find_contact"}
    (made,) = await batch(operations, item(seller, [opened]))
    path = f"/v1/opportunities/{made['id']}"
    midnight = house.clock().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=90)

    async def reasons(at: datetime) -> list[str]:
        body = {"answers": answers(3), "assessed_at": at.isoformat()}
        told = await operations.done("POST", f"{path}/assessments", body)
        present = await seller.done("GET", path)
        assert present["assessment"]["outdated_because"] == told["outdated_because"]
        assert present["assessment"]["outdated"] == told["outdated"] == bool(told["outdated_because"])
        found: list[str] = told["outdated_because"]
        return found

    assert await reasons(midnight - timedelta(seconds=1)) == ["age"]
    assert await reasons(midnight) == []
    await seller.done("PUT", f"{path}/criteria/contact_named", {})
    moved = await seller.done("POST", f"{path}/stage-changes", {"to_stage": "confirm_need"})
    assert moved["assessment"]["outdated_because"] == ["stage_changed"]
    assert (await seller.done("GET", f"{path}/assessments/current"))["outdated_because"] == ["stage_changed"]
    await assess(seller, made["id"], 4)
    assert not (await seller.done("GET", path))["assessment"]["outdated"]
