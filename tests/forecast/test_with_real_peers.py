"""The whole chain with the real peers: what they answer and tell is what `forecast` expects of them."""

from decimal import Decimal

from tests.forecast.world import Record
from tests.house import Client, House
from tests.make import Make


async def handed_in(person: Client, cycle: Record) -> Record:
    """Let somebody gather and submit."""
    draft = await person.done("POST", f"/v1/forecast-cycles/{cycle['id']}/forecasts")
    submitted: Record = await person.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    return submitted


async def test_from_the_opportunity_to_the_demand_plan(house: House, make: Make) -> None:
    operations = await house.import_client()
    top, manager, seller = await make.line(3)
    product = await make.product()
    customer = await make.customer(
        seller,
        addresses=[{"kind": "delivery", "line_1": "Quai 1", "city": "Ghent", "postal_code": "9000", "country": "BE"}],
    )
    day = {"from_currency": "EUR", "to_currency": "USD", "date": "2020-01-01", "rate": "1.25"}
    await operations.post("/v1/exchange-rates", day)
    lines = [{"product_id": product["id"], "quantity": "8", "unit_price": "100.00"}]
    today = house.clock().date()
    given = {"customer_id": customer["id"], "lines": lines, "expected_close": today.isoformat()}
    opportunity = await make.opportunity(seller, currency="EUR", amount="800.00", **given)
    await house.settle()
    period = {"kind": "month", "start": today.replace(day=1).isoformat()}
    body = {"name": "Chain", "period": period, "currency": "USD", "head_ids": [top.id]}
    body["confirmable_stages"] = [opportunity["stage"]]
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    path = f"/v1/forecast-cycles/{cycle['id']}"
    await operations.done("POST", f"{path}/openings")

    (candidate,) = (await seller.done("GET", f"{path}/candidates"))["items"]
    said = {"opportunity_id": candidate["id"], "opportunity_version": candidate["version"], "category": "commit"}
    confirmed = await seller.done("POST", f"{path}/confirmations", said)
    assert (candidate["id"], confirmed["amount"]) == (opportunity["id"], "1000.00")
    *_, whole = [await handed_in(person, cycle) for person in (seller, manager, top)]
    assert whole["result"] == "1000.00"
    await operations.done("POST", f"/v1/forecasts/{whole['id']}/approvals")
    plan = await operations.done("POST", f"{path}/demand-plans")

    (line,) = plan["lines"]
    assert (line["product_code"], line["quantity"], line["amount"]) == (product["code"], "8", "1000.00")
    assert line["place"] == "Ghent, BE"
    assert sum(Decimal(each["amount"]) for each in plan["lines"]) == Decimal(plan["total"])


async def test_a_principal_change_withdraws_and_a_win_closes(house: House, make: Make) -> None:
    operations = await house.import_client()
    top, manager, anna = await make.line(3)
    bo = await make.person(manager)
    today = house.clock().date()
    opportunity = await make.opportunity(anna, expected_close=today.isoformat())
    await house.settle()
    period = {"kind": "month", "start": today.replace(day=1).isoformat()}
    body = {"name": "Chain", "period": period, "currency": "USD", "head_ids": [top.id]}
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    path = f"/v1/forecast-cycles/{cycle['id']}"
    await operations.done("POST", f"{path}/openings")
    said = {"opportunity_id": opportunity["id"], "opportunity_version": opportunity["version"], "category": "commit"}
    await anna.done("POST", f"{path}/confirmations", said)
    for person in (anna, manager, top):
        await handed_in(person, cycle)

    change = {"principal_id": bo.id, "reason": "Anna leaves"}
    await manager.done("POST", f"/v1/opportunities/{opportunity['id']}/principal-changes", change)
    await house.settle()

    levels = {each["person_id"]: each for each in (await top.done("GET", f"{path}/roll-up"))["levels"]}
    assert [levels[each.id]["state"] for each in (top, manager, anna, bo)] == ["stale", "stale", "stale", "missing"]
    outcome = {"outcome": "won", "override_reason": "signed at the fair"}
    await manager.done("POST", f"/v1/opportunities/{opportunity['id']}/outcomes", outcome)
    await house.settle()
    draft = await bo.done("POST", f"{path}/forecasts")
    assert draft["by_category"][0]["result"] == "1000.00"
