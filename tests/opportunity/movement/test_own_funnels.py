from tests.house import House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish


async def test_steps_and_stages_are_told_in_the_present_funnel(empty_house: House) -> None:
    """What changed its stage within what is one stage by now has gone nowhere; a new version moves nobody."""
    make, clock = Make(empty_house), empty_house.clock
    seller, admin = await make.seller(), await empty_house.admin()
    criteria = ["contact_named", "budget_known"]
    await make.opportunity(seller, amount="1.00", criteria=criteria, stage="shortlist")
    within = await make.opportunity(seller, amount="10.00", criteria=criteria, stage="shortlist")
    further = await make.opportunity(seller, amount="100.00", criteria=criteria)
    start = clock().date()
    clock.move(days=2)
    for one, stage in ((within, "negotiate"), (further, "set_target")):
        await seller.done("POST", f"/v1/opportunities/{one['id']}/stage-changes", {"to_stage": stage})
    window = f"/v1/funnel/movement?scope=person&from_date={start}&by=stage"
    before = await seller.done("GET", window)
    assert before["advanced"]["count"] == 2
    await publish(admin)

    found = await seller.done("GET", window)

    assert (found["advanced"]["count"], found["advanced"]["amount"], found["slipped"]["count"]) == (1, "100.00", 0)
    assert [(line["stage"], line["closing"]["amount"]) for line in found["stages"]] == [
        ("talk", "0.00"),
        ("offer", "111.00"),
    ]
    assert [line["shifted"]["amount"] for line in found["stages"]] == ["-100.00", "100.00"]
