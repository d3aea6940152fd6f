"""The review queue: who decides what an intake is, and that it is decided once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.customer.intakes.test_intakes import about, arrive
from tests.house import Client
from tests.make import Make, word

Asked = Callable[..., Any]


@pytest.fixture
def asked(credit_code: Callable[[], str]) -> Asked:
    """Return a maker of an intake of the queue: its name is known in its place, under another credit code."""

    async def make(by: Client, owner: Client | None = None, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        name = word()
        known = about(name, identifiers=[{"scheme": "uscc", "value": credit_code()}])
        if owner is None:
            await arrive(by, known)
        else:
            await owner.done("POST", "/v1/customers", known["company"])
        code = {"scheme": "uscc", "value": credit_code()}
        intake = await arrive(by, about(name, identifiers=[code], **more))
        assert intake["outcome"] == "review"
        return intake, intake["candidates"][0]

    return make


async def decide(by: Client, intake: dict[str, Any], decision: str, **more: Any) -> Any:
    body = {"decision": decision, "reason": "I asked them", **more}
    return await by.post(f"/v1/intakes/{intake['id']}/decisions", body)


async def test_the_same_company_is_matched_and_the_decision_kept(make: Make, asked: Asked) -> None:
    superior, seller = await make.line(2)
    intake, candidate = await asked(seller)

    answer = await decide(superior, intake, "same", candidate_id=candidate["id"])

    assert (answer.status_code, answer.json()["outcome"]) == (201, "matched")
    assert answer.json()["customer_id"] == candidate["customer"]["id"]
    last = answer.json()["history"][-1]
    assert (last["decision"], last["reason"], last["decided_by"]) == ("same", "I asked them", superior.id)
    assert [one["outcome"] for one in answer.json()["history"]] == ["review", "matched"]
    assert (await decide(superior, intake, "not_a_company")).json()["code"] == "intake_decided"


async def test_a_company_of_the_same_name_in_the_same_place_gets_a_word_that_tells_it_apart(
    make: Make, asked: Asked
) -> None:
    superior, seller = await make.line(2)
    intake, candidate = await asked(seller)

    bare = await decide(superior, intake, "new")
    answer = await decide(superior, intake, "new", discriminator="north gate")

    assert (bare.status_code, bare.json()["code"]) == (422, "discriminator_needed")
    assert bare.json()["errors"][0]["pointer"] == "/discriminator"
    assert answer.json()["outcome"] == "new"
    assert answer.json()["customer_id"] not in {None, candidate["customer"]["id"]}
    customer = await seller.done("GET", f"/v1/customers/{answer.json()['customer_id']}")
    assert customer["legal_name"] == intake["legal_name"]


async def test_a_site_stands_below_the_candidate(make: Make, asked: Asked) -> None:
    superior, seller = await make.line(2)
    intake, candidate = await asked(seller)

    answer = await decide(superior, intake, "site", candidate_id=candidate["id"], discriminator="warehouse")

    made = await seller.done("GET", f"/v1/customers/{answer.json()['customer_id']}")
    assert made["parent_id"] == candidate["customer"]["id"]


async def test_what_is_no_company_is_dismissed_and_stays(make: Make, asked: Asked) -> None:
    superior, seller = await make.line(2)
    intake, _ = await asked(seller)

    answer = await decide(superior, intake, "not_a_company")

    assert (answer.json()["outcome"], answer.json()["customer_id"]) == ("dismissed", None)
    assert (await seller.done("GET", "/v1/intakes?outcome=review"))["items"] == []
    assert (await seller.done("GET", "/v1/intakes?outcome=dismissed"))["items"][0]["id"] == intake["id"]


async def test_others_do_not_decide(make: Make, asked: Asked, operations: Client) -> None:
    superior, seller = await make.line(2)
    peer, elsewhere = await make.person(superior), await make.person()
    auditor, clerk = await make.person(roles=["auditor"]), await make.person(roles=["sales_operations"])
    intake, candidate = await asked(seller)

    own = await decide(seller, intake, "same", candidate_id=candidate["id"])
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    for stranger in (peer, elsewhere):
        assert (await decide(stranger, intake, "same", candidate_id=candidate["id"])).status_code == 404
        assert (await stranger.post(f"/v1/intakes/{intake['id']}/checks")).status_code == 404
    for reader in (auditor, operations):  # a program does not decide
        answer = await decide(reader, intake, "same", candidate_id=candidate["id"])
        assert (answer.status_code, answer.json()["code"]) == (403, "review_not_allowed")
    assert (await decide(clerk, intake, "same", candidate_id=str(new_id()))).json()["code"] == "unknown_candidate"
    assert (await decide(clerk, intake, "same", candidate_id=candidate["id"])).status_code == 201


async def test_a_superior_decides_on_a_company_of_which_they_see_only_the_name(make: Make, asked: Asked) -> None:
    superior, seller = await make.line(2)
    owner = await make.seller()
    intake, candidate = await asked(seller, owner)

    site = await decide(superior, intake, "site", candidate_id=candidate["id"])
    same = await decide(superior, intake, "same", candidate_id=candidate["id"])

    assert candidate["customer"] == {
        "id": None,
        "legal_name": intake["legal_name"],
        "tier": None,
        "account_manager_id": owner.id,
    }
    assert (site.status_code, site.json()["code"]) == (403, "review_not_allowed")
    assert (same.status_code, same.json()["customer_id"]) == (201, None)


async def test_two_who_decide_at_once_give_one_decision(make: Make, asked: Asked) -> None:
    head, superior, seller = await make.line(3)
    clerk = await make.person(roles=["sales_operations"])
    intake, candidate = await asked(seller)

    answers = await asyncio.gather(
        *(decide(by, intake, "same", candidate_id=candidate["id"]) for by in (head, superior, clerk)),
        *(decide(by, intake, "new", discriminator="second") for by in (head, superior, clerk)),
        *(decide(by, intake, "not_a_company") for by in (head, superior, clerk)),
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 8}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"intake_decided", "busy"}
    kept = await head.done("GET", f"/v1/intakes/{intake['id']}")
    assert len(kept["history"]) == 2


async def test_what_has_changed_since_is_checked_again_before_it_is_decided(
    make: Make, asked: Asked, credit_code: Callable[[], str]
) -> None:
    superior, seller = await make.line(2)
    intake, candidate = await asked(seller)
    customer = await superior.done("GET", f"/v1/customers/{candidate['customer']['id']}")
    path = f"/v1/customers/{customer['id']}/identifiers"
    await superior.done("POST", f"{path}/{customer['identifiers'][0]['id']}/endings", {})

    stale = await decide(superior, intake, "same", candidate_id=candidate["id"])
    again = await superior.done("POST", f"/v1/intakes/{intake['id']}/checks")

    assert (stale.status_code, stale.json()["code"]) == (409, "candidates_changed")
    assert (again["outcome"], again["customer_id"]) == ("matched", customer["id"])
    assert [one["outcome"] for one in again["history"]] == ["review", "matched"]
