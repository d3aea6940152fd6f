"""The whole base as its people walk through it: a group, its evaluation, its place in the base, one call on a customer.

A second person, who sells elsewhere, tries at each step what they may not.
"""

from datetime import timedelta
from typing import Any

from tests.house import Client, House
from tests.make import Make, word

Record = dict[str, Any]


async def test_the_whole_base(house: House, make: Make) -> None:
    operations = await house.import_client()
    manager, seller = await make.line(2)
    stranger = await make.seller()
    industry = word()
    group, company, site = await _group(seller, stranger, make, industry)
    await _evaluate(manager, seller, stranger, company)
    opportunity = await _sell(house, manager, seller, stranger, company)
    await _divide(manager, stranger, industry, company)
    await _confirm(house, operations, manager, seller, opportunity)
    await _summarise(house, manager, seller, stranger, company)
    unsold = await manager.done("GET", f"/v1/customer-base/whitespace?industry={industry}")
    assert {one["id"] for one in unsold["items"]} == {group["id"], site["id"]}


async def _group(seller: Client, stranger: Client, make: Make, industry: str) -> tuple[Record, Record, Record]:
    """Put a site below its company, and that below its group; the group below its own site is refused."""
    made = [await make.customer(seller, legal_name=f"{each} {word()}", industry=industry) for each in "ABC"]
    group, company, site = made
    for below, above in ((company, group), (site, company)):
        await seller.done("POST", f"/v1/customers/{below['id']}/parent-changes", {"parent_id": above["id"]})
    circle = await seller.post(f"/v1/customers/{group['id']}/parent-changes", {"parent_id": site["id"]})
    assert circle.status_code in {409, 422}
    assert (await stranger.get(f"/v1/customers/{group['id']}/hierarchy")).status_code == 404
    standing = await seller.done("GET", f"/v1/customers/{group['id']}/hierarchy")
    assert [(one["id"], one["distance"]) for one in standing["below"]] == [(company["id"], 1), (site["id"], 2)]
    return group, company, site


async def _evaluate(manager: Client, seller: Client, stranger: Client, company: Record) -> None:
    """The account manager proposes by the scheme in force, the superior confirms: the customer has its tier."""
    path = f"/v1/customers/{company['id']}/evaluations"
    scheme = (await seller.done("GET", "/v1/classification-schemes/in-force"))["scheme"]
    values = [{"criterion": one["key"], "value": 4} for one in scheme["criteria"]]
    body = {"scheme_number": scheme["number"], "values": values}
    assert (await stranger.post(path, body)).status_code == 404
    made = await seller.done("POST", path, body)
    assert (made["score"], made["tier"]) == ("75.00", "key")
    decision = {"decision": "confirmed"}
    assert (await stranger.post(f"{path}/{made['id']}/decisions", decision)).status_code == 404
    assert (await seller.post(f"{path}/{made['id']}/decisions", decision)).json()["code"] == "own_matter"
    await manager.done("POST", f"{path}/{made['id']}/decisions", decision)
    gaps = await manager.done("GET", f"/v1/classification-gaps?account_manager_id={seller.id}")
    assert company["id"] not in {one["id"] for one in gaps["items"]}
    assert {tuple(one["gaps"]) for one in gaps["items"]} == {("never_evaluated",)}


async def _sell(house: House, manager: Client, seller: Client, stranger: Client, company: Record) -> Record:
    """Win one opportunity of the classified customer, and let another stay open."""
    await house.settle()
    make, given = Make(house), {"customer_id": company["id"], "currency": "USD"}
    named = await stranger.post("/v1/opportunities", given | {"name": "Not theirs"})
    assert (named.status_code, named.json()["code"]) == (422, "unknown_customer")
    won = await make.opportunity(seller, **given, amount="300.00")
    assert won["unclassified"] is False
    outcome = {"outcome": "won", "override_reason": "signed at the fair"}
    await manager.done("POST", f"/v1/opportunities/{won['id']}/outcomes", outcome)
    today = house.service("opportunity").today()
    open_one = await make.opportunity(
        seller,
        **given,
        amount="800.00",
        stage="shortlist",
        criteria=["contact_named", "budget_known"],
        expected_close=str(today + timedelta(days=1)),
    )
    await house.settle()
    return open_one


async def _divide(manager: Client, stranger: Client, industry: str, company: Record) -> None:
    """See the base by tier and on whom it rests; who sells elsewhere sees an empty one."""
    path = f"/v1/customer-base/segmentation?by=tier&industry={industry}"
    found = await manager.done("GET", path)
    tiers = {one["key"]: (one["customers"], one["open"]["amount"], one["won"]["amount"]) for one in found["groups"]}
    assert tiers == {None: (2, "0.00", "0.00"), "key": (1, "800.00", "300.00")}
    assert (await stranger.done("GET", path))["groups"] == []
    concentration = f"/v1/customer-base/concentration?industry={industry}"
    rests_on = await manager.done("GET", concentration)
    assert [one["customer_id"] for one in rests_on["largest"]] == [company["id"]]
    assert (rests_on["won_amount"], float(rests_on["top_share"])) == ("300.00", 1.0)
    assert (await stranger.done("GET", concentration))["largest"] == []
    draft = {
        "name": "Relationship alone",
        "criteria": [{"key": "relationship", "name": "Relationship", "weight": "1", "levels": ["cold", "warm"]}],
        "bands": [{"tier": "standard", "from_score": "0"}],
    }
    assert (await stranger.post("/v1/classification-schemes", draft)).status_code == 403


async def _confirm(house: House, operations: Client, manager: Client, seller: Client, opportunity: Record) -> None:
    """Confirm the open opportunity in a forecast cycle."""
    today = house.service("forecast").today()
    start = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    period = {"kind": "quarter", "start": str(start)}
    body = {"name": f"Cycle {word()}", "period": period, "currency": "USD", "head_ids": [manager.id]}
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    await operations.done("POST", f"/v1/forecast-cycles/{cycle['id']}/openings")
    asked = {"opportunity_id": opportunity["id"], "opportunity_version": opportunity["version"], "category": "commit"}
    await seller.done("POST", f"/v1/forecast-cycles/{cycle['id']}/confirmations", asked)


async def _summarise(house: House, manager: Client, seller: Client, stranger: Client, company: Record) -> None:
    """Everything of the customer in one call; a superior sees the forecast below, who sells elsewhere nothing."""
    path = f"/v1/customers/{company['id']}/summary"
    for person in (seller, manager):
        found = await person.done("GET", path)
        assert (found["customer"]["tier"], found["unavailable"]) == ("key", [])
        assert found["opportunities"]["open"]["amount"] == "800.00"
        standing = {(one["category"], one["amount"]["amount"]) for one in found["forecast"]}
        assert standing == {("closed", "300.00"), ("commit", "800.00")}
    assert (await stranger.get(path)).status_code == 404
    theirs = await stranger.done("GET", f"/v1/forecasts/by-customer/{company['id']}")
    assert theirs["items"] == []
