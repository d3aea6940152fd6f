"""Customers are evaluated, superiors decide, tiers follow, and nothing is ever changed."""

import asyncio
from typing import Any

from tests.house import Client, House
from tests.make import Make

BEST = {
    "purchase_volume": 5,
    "growth_potential": 5,
    "financial_strength": 5,
    "strategic_value": 5,
    "relationship": 5,
    "payment_record": 5,
}


def evaluation(scheme: int = 1, *, confirm: bool = False, **values: int | None) -> dict[str, Any]:
    """Return a request: the best values, but for those given."""
    return {
        "scheme_number": scheme,
        "values": [{"criterion": key, "value": value} for key, value in (BEST | values).items()],
        "note": "after the visit",
        "confirm": confirm,
    }


async def evaluate(client: Client, customer: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Evaluate a customer."""
    found: dict[str, Any] = await client.done(
        "POST", f"/v1/customers/{customer['id']}/evaluations", evaluation(**given)
    )
    return found


async def decide(client: Client, made: dict[str, Any], **ruling: Any) -> Any:
    """Decide on an evaluation."""
    path = f"/v1/customers/{made['customer_id']}/evaluations/{made['id']}/decisions"
    return await client.post(path, {"decision": "confirmed"} | ruling)


async def tier_of(client: Client, customer: dict[str, Any]) -> str | None:
    """Return the customer's tier."""
    tier: str | None = (await client.done("GET", f"/v1/customers/{customer['id']}"))["tier"]
    return tier


async def test_the_account_manager_proposes_and_the_superior_confirms(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    made = await evaluate(seller, customer, relationship=3)
    assert (made["score"], made["tier"], made["state"]) == ("95.00", "strategic", "proposed")
    assert (made["scheme_number"], made["evaluated_by"], made["decided_tier"]) == (1, seller.id, None)
    assert await tier_of(seller, customer) is None
    refused = await decide(seller, made)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")
    decided = (await decide(manager, made)).json()
    assert (decided["state"], decided["decided_tier"], decided["decided_by"]) == ("confirmed", "strategic", manager.id)
    assert await tier_of(seller, customer) == "strategic"
    (change,) = (await seller.done("GET", f"/v1/customers/{customer['id']}/tier-changes"))["items"]
    assert change["reason"] == "Evaluation 1 by scheme 1, score 95.00."
    again = await decide(manager, made)
    assert (again.status_code, again.json()["code"]) == (409, "evaluation_decided")
    await house.settle()
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    assert opportunity["unclassified"] is False


async def test_who_may_decide_does_so_at_once_and_who_may_not_is_refused_whole(make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    refused = await seller.post(f"/v1/customers/{customer['id']}/evaluations", evaluation(confirm=True))
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")
    assert (await seller.done("GET", f"/v1/customers/{customer['id']}/evaluations"))["items"] == []
    made = await evaluate(manager, customer, confirm=True, payment_record=1)
    assert (made["state"], made["decided_tier"]) == ("confirmed", "strategic")


async def test_strangers_neither_read_nor_evaluate_and_who_takes_part_only_reads(make: Make, house: House) -> None:
    seller, stranger, member = await make.seller(), await make.seller(), await make.seller()
    customer = await make.customer(seller)
    made = await evaluate(seller, customer)
    path = f"/v1/customers/{customer['id']}/evaluations"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(path, evaluation())).status_code == 404
    assert (await decide(stranger, made)).status_code == 404
    await make.opportunity(member, customer_id=None)
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    joining = {"person_id": member.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", joining)
    await house.settle()
    assert len((await member.done("GET", path))["items"]) == 1
    refused = await member.post(path, evaluation())
    assert (refused.status_code, refused.json()["code"]) == (403, "change_not_allowed")
    assert (await decide(member, made)).json()["code"] == "classification_not_allowed"


async def test_what_is_not_known_is_told_apart_and_needs_an_override_with_a_reason(make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    made = await evaluate(seller, customer, growth_potential=None, strategic_value=None)
    assert (made["score"], made["lowest_score"], made["highest_score"]) == (None, "60.00", "100.00")
    assert made["tier"] is None
    assert (await decide(manager, made)).json()["code"] == "tier_undecided"
    incomplete = await decide(manager, made, decision="overridden", tier="key")
    assert (incomplete.status_code, incomplete.json()["errors"][0]["pointer"]) == (422, "/reason")
    decided = (await decide(manager, made, decision="overridden", tier="key", reason="as good as known")).json()
    assert (decided["state"], decided["decided_tier"], decided["reason"]) == ("overridden", "key", "as good as known")
    assert await tier_of(manager, customer) == "key"


async def test_a_later_evaluation_supersedes_and_the_earlier_stays_as_it_was(make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    first = await evaluate(seller, customer)
    returned = (await decide(manager, first, decision="returned", reason="ask their bank")).json()
    assert (returned["state"], await tier_of(seller, customer)) == ("returned", None)
    second = await evaluate(seller, customer, financial_strength=1)
    third = await evaluate(seller, customer, financial_strength=2)
    assert (await decide(manager, second)).json()["code"] == "evaluation_superseded"
    assert (await decide(manager, third)).json()["decided_tier"] == "strategic"
    listed = (await seller.done("GET", f"/v1/customers/{customer['id']}/evaluations"))["items"]
    assert [(one["sequence"], one["state"]) for one in listed] == [
        (3, "confirmed"),
        (2, "superseded"),
        (1, "returned"),
    ]
    assert listed[2] == returned


async def test_a_tier_that_stands_already_is_confirmed_without_a_change_of_it(make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    await evaluate(manager, customer, confirm=True)
    await evaluate(manager, customer, confirm=True)
    changes = (await seller.done("GET", f"/v1/customers/{customer['id']}/tier-changes"))["items"]
    assert len(changes) == 1


async def test_values_outside_the_scheme_are_named(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}/evaluations"
    wrong = [
        ([{"criterion": "fame", "value": 1}], "criterion_not_in_scheme", "/values/0/criterion"),
        ([{"criterion": "relationship", "value": 6}], "value_outside_scale", "/values/0/value"),
        ([{"criterion": "relationship", "value": 1}] * 2, "criterion_twice", "/values/1/criterion"),
        ([{"criterion": "relationship", "value": None}], "nothing_evaluated", "/values"),
    ]
    for values, code, pointer in wrong:
        answer = await seller.post(path, {"scheme_number": 1, "values": values})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == pointer
    answer = await seller.post(path, evaluation(scheme=99))
    assert (answer.status_code, answer.json()["code"], answer.json()["in_force"]) == (409, "scheme_not_in_force", 1)


async def test_many_evaluate_and_decide_at_once(make: Make) -> None:
    manager, seller = await make.line(2)
    customer = await make.customer(seller)
    made = await asyncio.gather(*(evaluate(seller, customer, relationship=1 + each % 5) for each in range(8)))
    assert sorted(one["sequence"] for one in made) == list(range(1, 9))
    last = max(made, key=lambda one: one["sequence"])
    answers = await asyncio.gather(*(decide(manager, one) for one in made + [last] * 4))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    listed = (await seller.done("GET", f"/v1/customers/{customer['id']}/evaluations"))["items"]
    assert [one["state"] for one in listed] == ["confirmed"] + ["superseded"] * 7
    assert len((await seller.done("GET", f"/v1/customers/{customer['id']}/tier-changes"))["items"]) == 1


async def test_the_same_request_again_is_one_evaluation(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}/evaluations"
    first = await seller.post(path, evaluation(), key="evaluated-once")
    again = await seller.post(path, evaluation(), key="evaluated-once")
    assert first.json() == again.json()
    assert len((await seller.done("GET", path))["items"]) == 1
