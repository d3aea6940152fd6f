"""Another process of the service has brought the copy of the org chart up to date; this one still holds the former."""

from orgchart.chart import Chart
from tests.house import Client, House
from tests.make import Make


async def move(house: House, person: Client, superior: Client) -> None:
    """Let somebody report to somebody else, and the copies in the databases say so, but no process that runs here."""
    admin = await house.admin()
    change = {"superior_id": superior.id, "reason": "the lines are made anew"}
    present = house.chart_version
    await admin.done("POST", f"/v1/people/{person.id}/superior-changes", change)
    house.chart_version = present
    for name in ("opportunity", "customer"):
        await Chart(house.service(name)).refresh()


async def test_who_moves_keeps_sight_of_their_own(make: Make, house: House) -> None:
    (former, manager, seller), new = await make.line(3), await make.person()
    mine, theirs = await make.opportunity(manager), await make.opportunity(seller)
    customer = await make.customer(seller)
    await house.settle()

    await move(house, manager, new)

    for each in (mine, theirs):
        assert (await manager.get(f"/v1/opportunities/{each['id']}")).status_code == 200
    listed = await manager.done("GET", "/v1/opportunities?total=true")
    assert (len(listed["items"]), listed["total"]) == (2, "2")
    moved = await manager.post(f"/v1/opportunities/{theirs['id']}/stage-changes", {"to_stage": "selected"})
    assert moved.json()["code"] == "exit_criteria_unmet"
    entered = await manager.post("/v1/opportunities", {"name": "New", "currency": "USD", "principal_id": seller.id})
    assert entered.status_code == 201
    assert (await manager.get(f"/v1/customers/{customer['id']}")).status_code == 200
    assert (await former.get(f"/v1/opportunities/{mine['id']}")).status_code in {200, 404}
