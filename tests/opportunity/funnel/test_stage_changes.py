from tests.make import Make


async def test_skipping_a_stage_names_every_criterion_skipped(make: Make) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    await seller.done("PUT", f"{path}/criteria/contact_named", {})

    answer = await seller.post(f"{path}/stage-changes", {"to_stage": "map_organisation"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "exit_criteria_unmet"
    assert answer.json()["missing"] == ["budget_known"]
