"""The ranking by potential: reckoned from facts, with its reasons, over what the viewer looks after."""

from decimal import Decimal

from services.customer.potential.reckoning import Reckoning
from tests.house import House
from tests.make import Make, word


async def test_customers_are_ranked_with_reasons(house: House, make: Make) -> None:
    top, superior, seller = await make.line(3)
    industry = f"Shoes {word()}"
    line = (await make.product())["product_line_id"]
    product = await make.product(product_line_id=line)
    lines = [{"product_id": product["id"], "quantity": "10", "unit_price": "10.00"}]
    large = await make.customer(seller, industry=industry, employees=50_000)
    buyers = [await make.customer(seller, industry=industry.upper(), employees=10) for _ in range(2)]
    for buyer in buyers:
        await make.opportunity(seller, customer_id=buyer["id"], amount="100.00", lines=lines)
    await make.customer(seller, kind="channel")
    await house.settle()
    await Reckoning(house.service("customer")).reckon_due()
    ranked = (await seller.done("GET", "/v1/customer-potentials"))["items"]
    assert ranked[0]["customer_id"] == large["id"]
    assert {one["customer_id"] for one in ranked} == {large["id"], *(buyer["id"] for buyer in buyers)}
    for one in ranked:
        assert sum(Decimal(part["points"]) for part in one["parts"]) == Decimal(one["score"])
    reasons = {part["name"]: part["reason"] for part in ranked[0]["parts"]}
    assert reasons["size"] == "It has 50000 employees."
    assert reasons["whitespace"] == "It buys 0 of 1 product lines that its industry buys."
    one = await superior.done("GET", f"/v1/customers/{large['id']}/potential")
    assert one == ranked[0]
    assert len((await top.done("GET", "/v1/customer-potentials?limit=2"))["items"]) == 2
    above = await seller.done("GET", f"/v1/customer-potentials?score_gte={one['score']}")
    assert [each["customer_id"] for each in above["items"]] == [large["id"]]


async def test_it_is_reckoned_once_a_day(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    path = f"/v1/customers/{customer['id']}/potential"
    assert (await seller.get(path)).status_code == 404
    await Reckoning(house.service("customer")).reckon_due()
    before = await seller.done("GET", path)
    assert await Reckoning(house.service("customer")).reckon_due() == 0
    visit = {"customer_id": customer["id"], "kind": "visit", "subject": "Plant", "done_on": before["reckoned_on"]}
    await seller.done("POST", "/v1/activities", visit)
    house.clock.move(days=1)
    await Reckoning(house.service("customer")).reckon_due()
    after = await seller.done("GET", path)
    assert after["reckoned_on"] > before["reckoned_on"]
    assert Decimal(after["score"]) < Decimal(before["score"])


async def test_only_those_who_look_after_the_customer_see_it(house: House, make: Make) -> None:
    seller, helper, stranger = await make.seller(), await make.seller(), await make.seller()
    customer = await make.customer(seller)
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    member = {"person_id": helper.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await house.settle()
    await Reckoning(house.service("customer")).reckon_due()
    path = f"/v1/customers/{customer['id']}/potential"
    assert (await stranger.get(path)).status_code == 404
    refused = await helper.get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_looked_after")
    for person in (helper, stranger):
        assert (await person.done("GET", "/v1/customer-potentials"))["items"] == []
