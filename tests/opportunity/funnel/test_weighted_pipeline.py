from typing import Any

from tests.house import Client
from tests.make import Make

EARLY = ["contact_named", "budget_known"]


async def funnel(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", "/v1/funnel?scope=person")
    return found


async def lost(make: Make, seller: Client, amount: str) -> None:
    one = await make.opportunity(seller, amount=amount, criteria=EARLY, stage="negotiate")
    body = {"outcome": "lost", "loss_reason": "price"}
    await seller.done("POST", f"/v1/opportunities/{one['id']}/outcomes", body)


async def test_the_case_of_the_definition_is_rounded_once(make: Make) -> None:
    seller = await make.seller()
    for _ in range(2):
        await make.opportunity(seller, amount="100.01", criteria=EARLY, stage="set_target")
    assert (await funnel(seller))["weighted"] == "70.01"

    await lost(make, seller, "1000.00")
    await make.opportunity(seller, amount=None, criteria=EARLY, stage="set_target")
    found = await funnel(seller)

    assert (found["weighted"], found["lost"]["amount"]) == ("70.01", "1000.00")
    assert (found["open"]["count"], found["open"]["unknown_amount"]) == (3, 1)
    stages = {line["stage"]: line["weighted"] for line in found["stages"]}
    assert (stages["set_target"], stages["negotiate"], stages["close"]) == ("70.01", "0.00", None)


async def test_a_probability_said_by_hand_counts_0_too_and_a_missing_one_is_the_stages(make: Make) -> None:
    seller = await make.seller()
    made = [await make.opportunity(seller, amount="100.00", criteria=EARLY, stage="shortlist") for _ in range(3)]
    for one, probability in zip(made, ("0.8", "0"), strict=False):
        body = {"probability": probability, "reason": "I know them."}
        await seller.done("POST", f"/v1/opportunities/{one['id']}/probability-changes", body)
    assert (await funnel(seller))["weighted"] == "130.00"  # 80 said, 0 said, 50 by the stage

    ended = {"probability": None, "reason": "The stage will do."}
    await seller.done("POST", f"/v1/opportunities/{made[1]['id']}/probability-changes", ended)
    assert (await funnel(seller))["weighted"] == "180.00"
