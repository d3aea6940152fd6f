"""SPEC 1.1 as a user walks it: intake, uniqueness, review, supplement, assignment, classification.

At each step a second person tries what they may not.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.customer.queueing import assign_step
from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make, word

Record = dict[str, Any]
CRITERIA = (
    *("purchase_volume", "growth_potential", "financial_strength"),
    *("strategic_value", "relationship", "payment_record"),
)


@pytest.fixture
async def walked(template: Template) -> AsyncIterator[House]:
    """Return a house of its own: assignment rules concern everybody."""
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield opened


async def refused(by: Client, path: str, body: Record, status: int) -> None:
    answer = await by.post(path, body)
    assert answer.status_code == status, answer.text


async def rule_for(house: House, seller: Client) -> None:
    """Let a rule give customers of Germany to a seller from today."""
    operations = await house.import_client()
    rule = {"name": "Germany", "person_ids": [seller.id], "countries": ["DE"]}
    drafted = await operations.done("POST", "/v1/assignment-rules", {"rules": [rule]})
    day = str(house.service("team").today())
    start = {"from_date": day, "reason": "a new share-out"}
    await operations.done("POST", f"/v1/assignment-rules/{drafted['id']}/activations", start)


def heard(name: str, source: str, **company: Any) -> Record:
    return {"source": source, "company": {"legal_name": name, "country": "DE", "city": "Köln", **company}}


async def test_from_the_first_word_of_a_company_to_its_tier(walked: House) -> None:
    make, name = Make(walked), f"{word().capitalize()} Schuhfabrik"
    head, seller = await make.line(2)
    second, marketer = await make.person(head), await make.person()
    await rule_for(walked, seller)
    await walked.settle()

    # 1 and 2: a fair, then a web form with another spelling: one customer
    first = await marketer.done("POST", "/v1/intakes", heard(f"{name} GmbH", "marketing_activity", employees=200))
    again = await marketer.done("POST", "/v1/intakes", heard(f"{name.upper()} G.m.b.H.", "web_form"))
    assert (first["outcome"], again["outcome"]) == ("new", "matched")
    assert again["customer_id"] == first["customer_id"]
    path = f"/v1/customers/{first['customer_id']}"
    assert (await second.get(f"/v1/intakes/{first['id']}")).status_code == 404

    # 4: nobody looks after it until the rules are asked
    assert (await marketer.done("GET", path))["account_manager_id"] is None
    while await assign_step(walked.service("customer")):
        pass
    assert (await seller.done("GET", path))["account_manager_id"] == seller.id
    await refused(seller, f"{path}/assignments", {"account_manager_id": second.id, "reason": "mine no more"}, 403)
    await refused(second, f"{path}/assignments", {"account_manager_id": second.id, "reason": "mine"}, 404)

    # 2: a number that contradicts the name is a question; whoever entered it does not decide
    await seller.done("POST", f"{path}/identifiers", {"scheme": "lei", "value": "5493001KJTIIGC8Y1R12"})
    asked = await second.done(
        "POST",
        "/v1/intakes",
        heard(
            f"{name} GmbH",
            "purchased_list",
            phone="+49 221 99",
            identifiers=[{"scheme": "lei", "value": "969500TXZ3CVVK2RPA22"}],
        ),
    )
    assert asked["outcome"] == "review"
    assert asked["candidates"][0]["customer"] == {
        "id": None,
        "legal_name": f"{name} GmbH",
        "tier": None,
        "account_manager_id": seller.id,
    }
    verdict = {"decision": "same", "candidate_id": asked["candidates"][0]["id"], "reason": "they moved"}
    await refused(second, f"/v1/intakes/{asked['id']}/decisions", verdict, 403)
    await refused(marketer, f"/v1/intakes/{asked['id']}/decisions", verdict, 404)
    decided = await head.done("POST", f"/v1/intakes/{asked['id']}/decisions", verdict)
    assert (decided["outcome"], decided["customer_id"]) == ("matched", first["customer_id"])

    # 3: what was not known is added, what contradicts is proposed to the account manager
    known = await seller.done("GET", path)
    assert (known["phone"], known["employees"]) == ("+49 221 99", 200)
    (proposal,) = (await seller.done("GET", "/v1/proposed-changes?state=open"))["items"]
    assert (proposal["field"], proposal["source_id"]) == ("identifiers.lei", asked["id"])
    rejecting = {"decision": "reject", "reason": "the old one is right"}
    await refused(second, f"/v1/proposed-changes/{proposal['id']}/decisions", rejecting, 404)
    await seller.done("POST", f"/v1/proposed-changes/{proposal['id']}/decisions", rejecting)
    history = await seller.done("GET", f"{path}/history?field=phone&sort=-sequence")
    assert (history["items"][0]["source"], history["items"][0]["source_id"]) == ("intake", asked["id"])

    # 5: the account manager evaluates, the superior decides, the tier follows
    values = [{"criterion": each, "value": 5} for each in CRITERIA]
    body = {"scheme_number": 1, "values": values, "note": "after the visit", "confirm": False}
    await refused(second, f"{path}/evaluations", body, 404)
    made = await seller.done("POST", f"{path}/evaluations", body)
    await refused(seller, f"{path}/evaluations/{made['id']}/decisions", {"decision": "confirmed"}, 403)
    await head.done("POST", f"{path}/evaluations/{made['id']}/decisions", {"decision": "confirmed"})
    assert (await seller.done("GET", path))["tier"] == "strategic"
