"""What is counted by customer counts the records of both once, with the survivor, until an undoing."""

from servicekit.values.ids import new_id
from services.customer.potential.reckoning import Reckoning
from tests.customer.merging.companies import Line, line_of, merge, undo
from tests.house import House
from tests.make import Make


async def plans_listed(line: Line, year: int) -> dict[str, str | None]:
    """Return the plan of each customer of the head's people, as the list of standings has them."""
    found = await line.head.done("GET", f"/v1/account-plan-standings?year={year}&limit=500")
    return {each["customer_id"]: each["plan_id"] for each in found["items"]}


async def test_a_customer_has_one_plan_of_a_year_among_the_standings(make: Make) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    made = {}
    for name, customer, year in (("ours", ours, 2041), ("theirs", theirs, 2041), ("alone", theirs, 2042)):
        plan = await line.head.done("POST", "/v1/account-plans", {"customer_id": customer["id"], "year": year})
        made[name] = plan["id"]

    merged = await merge(line.head, ours["id"], theirs["id"])
    assert await plans_listed(line, 2041) == {ours["id"]: made["ours"]}
    assert await plans_listed(line, 2042) == {ours["id"]: made["alone"]}
    counted = await line.head.done("GET", "/v1/account-plan-standings/counts?year=2041")
    assert counted["draft"] == 1
    again = await line.head.post("/v1/account-plans", {"customer_id": ours["id"], "year": 2042})
    assert (again.status_code, again.json()["code"]) == (409, "plan_exists")

    await undo(line.head, ours["id"], merged["id"])
    assert await plans_listed(line, 2041) == {ours["id"]: made["ours"], theirs["id"]: made["theirs"]}
    assert await plans_listed(line, 2042) == {theirs["id"]: made["alone"]}


async def test_a_potential_is_reckoned_from_what_both_bring(make: Make, house: House) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    for customer, seller, amount in ((ours, line.first, "100.00"), (theirs, line.second, "5000.00")):
        await make.opportunity(seller, customer_id=customer["id"], amount=amount)
    await house.settle()
    merged = await merge(line.head, ours["id"], theirs["id"])

    async def pipeline() -> int:
        await Reckoning(house.service("customer")).reckon_due()
        parts = (await line.head.done("GET", f"/v1/customers/{ours['id']}/potential"))["parts"]
        reason = next(each["reason"] for each in parts if each["name"] == "pipeline")
        return int(reason.removeprefix("The weighted open pipeline is ").removesuffix("."))

    together = await pipeline()
    ranked = (await line.head.done("GET", "/v1/customer-potentials"))["items"]
    assert [each["customer_id"] for each in ranked] == [ours["id"]]
    await undo(line.head, ours["id"], merged["id"])
    house.clock.move(days=1)
    assert 0 < await pipeline() * 51 == together
    ranked = (await line.head.done("GET", "/v1/customer-potentials"))["items"]
    assert {each["customer_id"] for each in ranked} == {ours["id"], theirs["id"]}


async def test_targets_and_proposals_of_one_customer_are_made_once(make: Make) -> None:
    line = await line_of(make)
    ours, theirs = [await make.customer(each, industry="Shoes") for each in (line.first, line.second)]
    told = {"source": {"kind": "visit"}, "industry": "Boots"}
    await line.second.done("POST", f"/v1/customers/{theirs['id']}/supplements", told)
    chosen = {"period": "2041", "why": "large"}
    await line.second.done("POST", f"/v1/customers/{theirs['id']}/targets", chosen)
    merged = await merge(line.head, ours["id"], theirs["id"])

    twice = await line.first.post(f"/v1/customers/{ours['id']}/targets", chosen)
    assert twice.json()["code"] == "already_target"
    again = await line.first.done("POST", f"/v1/customers/{ours['id']}/supplements", told)
    assert again["proposed"] == [], "it is proposed already"
    await undo(line.head, ours["id"], merged["id"])
    await line.first.done("POST", f"/v1/customers/{ours['id']}/targets", chosen)
    again = await line.first.done("POST", f"/v1/customers/{ours['id']}/supplements", told)
    assert len(again["proposed"]) == 1


async def test_who_does_not_see_the_survivor_gets_nothing_by_the_merged_id(make: Make) -> None:
    line, elsewhere = await line_of(make), await make.seller()
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    lead = {"customer_id": theirs["id"], "heard": "Heard", "source": "referral"}
    made = await line.second.done("POST", "/v1/leads", lead)
    await merge(line.head, ours["id"], theirs["id"])

    for path in ("potential", "need-assessments", "competitive-strategies", "summary", "evaluations"):
        for asking in (elsewhere, line.second):
            assert (await asking.get(f"/v1/customers/{theirs['id']}/{path}")).status_code == 404, path
    for listed in ("leads", "customer-targets", "account-plans", "proposed-changes"):
        assert (await elsewhere.done("GET", f"/v1/{listed}?customer_id={theirs['id']}"))["items"] == []
    assert [
        each["id"] for each in (await line.first.done("GET", f"/v1/leads?customer_id={theirs['id']}"))["items"]
    ] == [made["id"]], "who looks after the survivor sees what came with the duplicate"
    nobody = await line.first.done("GET", f"/v1/leads?customer_id={new_id()}")
    assert nobody["items"] == []
