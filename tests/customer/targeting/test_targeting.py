"""Targets, needs, and the key customers that they propose."""

import asyncio
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make

TARGET = {"period": "2027", "why": "They look for a second supplier."}
WHY = {"reason": "They have chosen another."}


@pytest.fixture
async def people(make: Make) -> list[Client]:
    return await make.line(3)


@pytest.fixture
async def customer(make: Make, people: list[Client]) -> dict[str, Any]:
    return await make.customer(people[-1])


def need(house: House, **given: Any) -> dict[str, Any]:
    """Return a need that proposes a key customer, if the customer is a target."""
    today = house.clock().date()
    return {
        "assessed_on": today.isoformat(),
        "what": "Outsoles",
        "quantity": "12000",
        "unit": "pair",
        "worth": {"amount": "90000.00", "currency": "USD"},
        "needed_by": today.replace(year=today.year + 1, day=1).isoformat(),
        "fit": 5,
        "fit_reason": "We make them.",
        **given,
    }


async def test_a_target_is_chosen_once_and_its_history_is_kept(people: list[Client], customer: dict[str, Any]) -> None:
    *_, seller = people
    path = f"/v1/customers/{customer['id']}/targets"
    answers = await asyncio.gather(*(seller.post(path, TARGET) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (chosen,) = [answer.json() for answer in answers if answer.is_success]
    ended = await seller.done("POST", f"{path}/{chosen['id']}/endings", WHY)
    assert ended["end_reason"] == WHY["reason"]
    assert (await seller.post(f"{path}/{chosen['id']}/endings", WHY)).json()["code"] == "target_ended"
    again = await seller.done("POST", path, TARGET)
    listed = await seller.done("GET", "/v1/customer-targets?period=2027")
    assert [one["id"] for one in listed["items"]] == [again["id"], chosen["id"]]
    present = await people[0].done("GET", "/v1/customer-targets?ended=false")
    assert [one["id"] for one in present["items"]] == [again["id"]]
    assert (await seller.post(path, TARGET | {"period": "2027-Q5"})).status_code == 400


async def test_a_good_need_of_a_target_proposes_a_key_customer(
    house: House, people: list[Client], customer: dict[str, Any]
) -> None:
    top, superior, seller = people
    path = f"/v1/customers/{customer['id']}"
    assert (await seller.done("POST", f"{path}/need-assessments", need(house)))["key_proposal_id"] is None
    await seller.done("POST", f"{path}/targets", TARGET)
    poor = await seller.done("POST", f"{path}/need-assessments", need(house, fit=3))
    assert poor["key_proposal_id"] is None
    good = await seller.done("POST", f"{path}/need-assessments", need(house))
    assert (await seller.done("POST", f"{path}/need-assessments", need(house)))["key_proposal_id"] is None
    (proposal,) = (await superior.done("GET", "/v1/key-proposals?state=proposed"))["items"]
    assert proposal["id"] == good["key_proposal_id"]
    assert "It needs Outsoles: 12000 pair, 90000.00 USD." in proposal["reasons"]
    decision = {"accept": True, "reason": "A large need that we serve."}
    decide = f"/v1/key-proposals/{proposal['id']}/decisions"
    own = await seller.post(decide, decision)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    answers = await asyncio.gather(superior.post(decide, decision), top.post(decide, decision | {"accept": False}))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    decided = next(answer.json() for answer in answers if answer.is_success)
    tier = (await seller.done("GET", path))["tier"]
    assert (decided["state"], tier) in {("accepted", "key"), ("rejected", None)}
    needs = (await seller.done("GET", f"{path}/need-assessments"))["items"]
    assert len(needs) == 4


async def test_whoever_proposes_does_not_decide(house: House, people: list[Client], customer: dict[str, Any]) -> None:
    top, superior, _ = people
    path = f"/v1/customers/{customer['id']}"
    await superior.done("POST", f"{path}/targets", TARGET)
    made = await superior.done("POST", f"{path}/need-assessments", need(house))
    decide, decision = f"/v1/key-proposals/{made['key_proposal_id']}/decisions", {"accept": False, "reason": "Not yet."}
    refused = await superior.post(decide, decision)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")
    assert (await top.done("POST", decide, decision))["state"] == "rejected"
    assert (await top.post(decide, decision)).json()["code"] == "proposal_decided"
    assert (await superior.done("GET", path))["tier"] is None


async def test_who_may_not(house: House, make: Make, people: list[Client], customer: dict[str, Any]) -> None:
    seller, helper, stranger = people[-1], await make.seller(), await make.seller()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    member = {"person_id": helper.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await house.settle()
    path = f"/v1/customers/{customer['id']}"
    for name, body in (("targets", TARGET), ("need-assessments", need(house))):
        assert (await stranger.post(f"{path}/{name}", body)).status_code == 404
        refused = await helper.post(f"{path}/{name}", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "change_not_allowed")
    assert (await helper.get(f"{path}/need-assessments")).json()["code"] == "not_looked_after"
    await seller.done("POST", f"{path}/targets", TARGET)
    made = await seller.done("POST", f"{path}/need-assessments", need(house))
    decision = {"accept": True, "reason": "Mine."}
    for person in (helper, stranger):
        assert (await person.done("GET", "/v1/customer-targets"))["items"] == []
        assert (await person.done("GET", "/v1/key-proposals"))["items"] == []
        answer = await person.post(f"/v1/key-proposals/{made['key_proposal_id']}/decisions", decision)
        assert answer.status_code == 404


async def test_what_cannot_be(house: House, make: Make, people: list[Client], customer: dict[str, Any]) -> None:
    *_, seller = people
    competitor = await make.customer(seller, kind="competitor")
    refused = await seller.post(f"/v1/customers/{competitor['id']}/targets", TARGET)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_customer")
    path = f"/v1/customers/{customer['id']}"
    ahead = await seller.post(f"{path}/need-assessments", need(house, assessed_on="2100-01-01"))
    assert (ahead.status_code, ahead.json()["code"]) == (422, "assessed_ahead")
    worth = {"amount": "-1.00", "currency": "USD"}
    below = await seller.post(f"{path}/need-assessments", need(house, worth=worth))
    assert (below.status_code, below.json()["code"]) == (422, "negative_worth")
    for given in ({"fit": 6}, {"quantity": "0"}, {"what": ""}):
        assert (await seller.post(f"{path}/need-assessments", need(house, **given))).status_code == 400
    assert (await seller.post(f"{path}/targets/{new_id()}/endings", WHY)).status_code == 404
