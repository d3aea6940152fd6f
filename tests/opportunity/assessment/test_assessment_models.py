"""Assessment models through the API."""

import asyncio
from typing import Any

from tests.house import House
from tests.make import Make, word
from tests.opportunity.assessment.answering import DIMENSIONS, answers, assess

GREEN = {
    "name": "Green",
    "dimensions": [
        {
            "key": "we_can_win",
            "name": "Can we win?",
            "questions": [
                {"key": "inside_support", "meaning": "support inside is strong"},
                {"key": "culture_compatible", "meaning": "cultures fit"},
            ],
        },
        {"key": "green", "name": "Is it green?", "questions": [{"key": "recycled", "meaning": "it is recycled"}]},
    ],
    "threshold": 1,
}


async def test_the_first_model_is_there_with_its_twenty_questions(make: Make) -> None:
    seller = await make.seller()
    first = await seller.done("GET", "/v1/assessment-models/1")
    assert {one["key"]: tuple(each["key"] for each in one["questions"]) for one in first["dimensions"]} == DIMENSIONS
    assert (first["threshold"], first["most"], first["state"]) == (10, 20, "published")
    assert first["number"] in [one["number"] for one in (await seller.done("GET", "/v1/assessment-models"))["items"]]
    assert (await seller.get("/v1/assessment-models/999")).status_code == 404


async def test_a_draft_is_published_and_assessments_keep_their_model(empty_house: House) -> None:
    make = Make(empty_house)
    operations, seller = await make.person(roles=["sales_operations"]), await make.seller()
    old, new = await make.opportunity(seller), await make.opportunity(seller)
    await assess(seller, old["id"], 11, 2)
    draft = await operations.done("POST", "/v1/assessment-models", GREEN)
    number = draft["number"]
    assert (draft["state"], draft["is_current"], draft["most"], draft["published_at"]) == ("draft", False, 3, None)
    path = f"/v1/opportunities/{new['id']}/assessments"
    too_soon = await seller.post(path, {"answers": {}, "model": number})
    assert (too_soon.status_code, too_soon.json()["code"]) == (422, "assessment_model_not_published")

    publications = f"/v1/assessment-models/{number}/publications"
    published = await operations.done("POST", publications, {"reason": "Sustainability counts."})

    assert (published["state"], published["is_current"]) == ("published", True)
    assert (await seller.done("GET", "/v1/assessment-models/current"))["number"] == number
    again = await operations.post(publications, {"reason": "Once more."})
    assert (again.status_code, again.json()["code"]) == (409, "assessment_model_current")
    made = await seller.done("POST", path, {"answers": {"recycled": "yes", "inside_support": "yes"}})
    assert (made["model"], made["score"], made["most"], made["value"]) == (number, 2, 3, "high")
    summary = (await seller.done("GET", f"/v1/opportunities/{new['id']}"))["assessment"]
    assert (summary["we_can_win"], summary["opportunity_exists"]) == (1, None)
    kept = await seller.done("GET", f"/v1/opportunities/{old['id']}/assessments/current")
    assert (kept["model"], kept["score"], kept["value"], len(kept["dimensions"])) == (1, 11, "high", 4)
    by_first = await seller.done("POST", path, {"answers": answers(3), "model": 1})
    assert (by_first["model"], by_first["most"]) == (1, 20)
    back = await operations.done("POST", "/v1/assessment-models/1/publications", {"reason": "It was better."})
    assert back["is_current"]
    listed = (await seller.done("GET", "/v1/assessment-models"))["items"]
    assert [(one["number"], one["is_current"]) for one in listed] == [(number, False), (1, True)]


async def test_two_published_at_once_leave_one_current(empty_house: House) -> None:
    make = Make(empty_house)
    operations = await make.person(roles=["sales_operations"])
    numbers = [
        (await operations.done("POST", "/v1/assessment-models", GREEN | {"name": word()}))["number"] for _ in range(6)
    ]
    published = await asyncio.gather(
        *(operations.post(f"/v1/assessment-models/{one}/publications", {"reason": "now"}) for one in numbers)
    )
    assert {one.status_code for one in published} <= {201, 409}
    assert 201 in {one.status_code for one in published}
    refused = {one.json()["code"] for one in published if one.status_code == 409}
    assert refused <= {"assessment_model_published_meanwhile"}
    listed = (await operations.done("GET", "/v1/assessment-models"))["items"]
    assert sum(one["is_current"] for one in listed) == 1


async def test_only_operations_keep_models_and_what_cannot_be_is_refused(make: Make, house: House) -> None:
    seller, operations = await make.seller(), await house.import_client()
    assert (await seller.post("/v1/assessment-models", GREEN)).status_code == 403
    assert (await seller.post("/v1/assessment-models/1/publications", {"reason": "x"})).status_code == 403
    wrong: dict[str, Any] = GREEN | {"threshold": 3}
    refused = await operations.post("/v1/assessment-models", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "assessment_model_malformed")
    assert (await operations.post("/v1/assessment-models/999/publications", {"reason": "x"})).status_code == 404
