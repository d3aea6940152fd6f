"""What counts once sales operations have chosen calibrated probabilities, in opportunities, lists and totals."""

from datetime import timedelta
from typing import Any

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.calibration.test_calibrations import calibrated, decided_after
from tests.opportunity.flow.paths import KEYS, LOST, WON
from tests.opportunity.histories import batch, item


async def choose(operations: Client, source: str) -> dict[str, Any]:
    body = {"source": source, "reason": "Enough is decided."}
    made: dict[str, Any] = await operations.done("POST", "/v1/probability-choices", body)
    return made


async def read(client: Client, opportunity: dict[str, Any]) -> tuple[str, str, str | None]:
    found = await client.done("GET", f"/v1/opportunities/{opportunity['id']}")
    return found["probability"], found["probability_source"], found["calibrated_since"]


async def weighted(client: Client, query: str = "") -> tuple[str, str | None]:
    found = await client.done("GET", f"/v1/funnel?scope=person{query}")
    return found["weighted"], found["calibration_id"]


async def test_calibrated_probabilities_count_once_they_are_chosen(empty_house: House) -> None:
    make, operations = Make(empty_house), await empty_house.import_client()
    seller, other = await make.seller(), await make.seller()
    for outcome, count in ((WON, 14), (LOST, 6)):
        histories = decided_after(empty_house, 20, outcome, count=count)
        await batch(operations, *(item(other, history) for history in histories))
    opportunity = await make.opportunity(seller, amount="1000.00")
    made = await calibrated(operations)
    assert await read(seller, opportunity) == ("0.05", "stage", None)
    assert await weighted(seller) == ("50.00", None)

    chosen = await choose(operations, "calibrated")

    since = chosen["decided_at"]
    assert await read(seller, opportunity) == ("0.6818", "calibrated", since)
    assert await weighted(seller) == ("681.80", made["id"])
    yesterday = empty_house.clock().date() - timedelta(days=1)
    assert (await weighted(seller, f"&as_of={yesterday}"))[1] is None
    listed = await seller.done("GET", "/v1/opportunities")
    assert [one["probability_source"] for one in listed["items"]] == ["calibrated"]
    assert (await make.opportunity(seller, amount=None))["probability_source"] == "calibrated"

    path = f"/v1/opportunities/{opportunity['id']}"
    said = await seller.done("POST", f"{path}/probability-changes", {"probability": "0", "reason": "They said no."})
    assert (said["probability"], said["probability_source"], said["calibrated_since"]) == ("0.0000", "manual", None)
    await seller.done("POST", f"{path}/probability-changes", {"probability": None, "reason": "They said yes."})
    await seller.done("PUT", f"{path}/criteria/contact_named", {})
    moved = await seller.done("POST", f"{path}/stage-changes", {"to_stage": KEYS[2]})
    assert (moved["probability"], moved["probability_source"]) == ("0.6818", "calibrated")
    await seller.done("PUT", f"{path}/criteria/budget_known", {})
    beyond = await seller.done("POST", f"{path}/stage-changes", {"to_stage": KEYS[3]})
    assert (beyond["probability"], beyond["probability_source"]) == ("0.20", "stage")  # 14 decided ones reached it

    await choose(operations, "stage")

    assert await read(seller, opportunity) == ("0.20", "stage", None)
    assert (await weighted(seller))[1] is None
    choices = await seller.done("GET", "/v1/probability-choices")
    assert [one["source"] for one in choices["items"]] == ["stage", "calibrated"]
