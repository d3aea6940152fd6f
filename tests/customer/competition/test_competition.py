"""Competition at a customer: assessed, superseded, and what we make of it."""

import asyncio
from typing import Any

import pytest

from services.customer.competition.rules import strength
from tests.house import Client, House
from tests.make import Make


def assessment(competitor: dict[str, Any], **given: Any) -> dict[str, Any]:
    criteria = [
        {"criterion": "Price", "ours": 2, "theirs": 4, "evidence": "Their last offer."},
        {"criterion": "Samples", "ours": 5, "theirs": 2, "evidence": "Ours came in a week."},
    ]
    return {"competitor_id": competitor["id"], "assessed_on": "2026-11-01", "criteria": criteria, **given}


@pytest.fixture
async def seller(make: Make) -> Client:
    return (await make.line(2))[-1]


@pytest.mark.parametrize(("ours", "theirs", "position"), [(4, 3, "ahead"), (3, 3, "even"), (1, 5, "behind")])
def test_who_leads(ours: int, theirs: int, position: str) -> None:
    assert strength([{"ours": ours, "theirs": theirs}]).position == position


async def test_an_assessment_is_superseded_and_never_changed(make: Make, seller: Client) -> None:
    customer, rival = await make.customer(seller), await make.customer(await make.seller(), kind="competitor")
    path = f"/v1/customers/{customer['id']}/competitive-assessments"
    first = await seller.done("POST", path, assessment(rival))
    assert first["strength"] == {"ours": "3.50", "theirs": "3.00", "position": "ahead"}
    assert (first["competitor_name"], first["supersedes_id"]) == (rival["legal_name"], None)
    answers = await asyncio.gather(*(seller.post(path, assessment(rival)) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [201] * 3
    present = (await seller.done("GET", f"{path}?present=true"))["items"]
    every = (await seller.done("GET", f"{path}?competitor_id={rival['id']}"))["items"]
    assert (len(present), len(every), [one["superseded"] for one in every].count(True)) == (1, 4, 3)
    assert every[-1]["criteria"] == first["criteria"]


async def test_a_strategy_is_written_upon_the_present_version(make: Make, seller: Client) -> None:
    customer, rival = await make.customer(seller), await make.customer(seller, kind="competitor")
    path = f"/v1/customers/{customer['id']}/competitive-strategies"
    body = {"upon": 0, "stance": "attack", "strategy": "Through samples.", "competitor_ids": [rival["id"]]}
    answers = await asyncio.gather(*(seller.post(path, body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert next(answer.json()["present_version"] for answer in answers if not answer.is_success) == 1
    second = await seller.done("POST", path, body | {"upon": 1, "stance": "contain"})
    listed = (await seller.done("GET", path))["items"]
    assert [(one["number"], one["stance"]) for one in listed] == [(2, "contain"), (1, "attack")]
    assert second["competitor_ids"] == [rival["id"]]


async def test_what_cannot_be_compared(make: Make, seller: Client) -> None:
    customer, other = await make.customer(seller), await make.customer(seller)
    rival = await make.customer(seller, kind="competitor")
    path = f"/v1/customers/{customer['id']}/competitive-assessments"
    no_rival = await seller.post(path, assessment(other))
    assert (no_rival.status_code, no_rival.json()["code"]) == (422, "unknown_competitor")
    twice = [{"criterion": name, "ours": 1, "theirs": 1, "evidence": "x"} for name in ("Price", "price")]
    repeated = await seller.post(path, assessment(rival, criteria=twice))
    assert repeated.json()["errors"][0]["pointer"] == "/criteria/1/criterion"
    ahead = await seller.post(path, assessment(rival, assessed_on="2100-01-01"))
    assert (ahead.status_code, ahead.json()["code"]) == (422, "competition_assessed_ahead")
    grade = [{"criterion": "Price", "ours": 6, "theirs": 1, "evidence": "x"}]
    assert (await seller.post(path, assessment(rival, criteria=grade))).status_code == 400


async def test_who_may_not(house: House, make: Make, seller: Client) -> None:
    customer, rival = await make.customer(seller), await make.customer(seller, kind="competitor")
    helper, stranger = await make.seller(), await make.seller()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    member = {"person_id": helper.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await house.settle()
    for name in ("competitive-assessments", "competitive-strategies"):
        path = f"/v1/customers/{customer['id']}/{name}"
        body = assessment(rival) if "assess" in name else {"upon": 0, "stance": "attack", "strategy": "x"}
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(path, body)).status_code == 404
        assert (await helper.get(path)).json()["code"] == "not_looked_after"
        assert (await helper.post(path, body)).json()["code"] == "change_not_allowed"
