"""A contract is a won opportunity with its last day: told with the win, corrected later, gone when it is reopened."""

from datetime import timedelta
from typing import Any

from tests.house import Client, House
from tests.make import Make, word


async def won(make: Make, seller: Client, **given: Any) -> dict[str, Any]:
    made = await make.opportunity(seller, stage="negotiate", criteria=["contact_named", "budget_known"])
    path = f"/v1/opportunities/{made['id']}/outcomes"
    done: dict[str, Any] = await seller.done("POST", path, {"outcome": "won", **given})
    return done


def day(house: House, days: int = 0) -> str:
    return str(house.service("opportunity").today() + timedelta(days=days))


async def test_a_win_may_tell_its_contract_which_is_corrected_and_goes_with_the_win(house: House, make: Make) -> None:
    seller = await make.seller()
    plain = await won(make, seller)
    assert plain["contract_until"] is None
    told = await won(make, seller, contract_until=day(house, 300))
    assert told["contract_until"] == day(house, 300)
    path = f"/v1/opportunities/{told['id']}"
    longer = await seller.done("POST", f"{path}/contract-changes", {"contract_until": day(house, 400)})
    assert (longer["contract_until"], longer["version"]) == (day(house, 400), told["version"] + 1)
    again = await seller.done("POST", f"{path}/contract-changes", {"contract_until": day(house, 400)})
    assert again["version"] == longer["version"]
    opened = await seller.done("POST", f"{path}/reopenings", {"to_stage": "negotiate", "reason": "not signed"})
    assert opened["contract_until"] is None


async def test_what_is_not_won_has_no_contract(house: House, make: Make) -> None:
    seller, stranger = await make.seller(), await make.seller()
    made = await make.opportunity(seller)
    path = f"/v1/opportunities/{made['id']}"
    lost = {"outcome": "lost", "loss_reason": "price", "contract_until": day(house, 5)}
    for refused in (
        await seller.post(f"{path}/outcomes", lost),
        await seller.post(f"{path}/contract-changes", {"contract_until": day(house, 5)}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "contract_without_win")
    done = await won(make, seller)
    past = await seller.post(f"/v1/opportunities/{done['id']}/contract-changes", {"contract_until": day(house, -1)})
    assert (past.status_code, past.json()["code"]) == (422, "contract_ends_too_soon")
    body = {"contract_until": day(house, 5)}
    assert (await stranger.post(f"/v1/opportunities/{done['id']}/contract-changes", body)).status_code == 404


async def test_imports_tell_contracts_too(house: House, make: Make) -> None:
    seller, machine = await make.seller(), await house.import_client()
    item = {
        "name": "Soles",
        "principal_id": seller.id,
        "currency": "USD",
        "external_reference": {"system": "crm", "id": word()},
        "history": [{"at": day(house, -90), "to_stage": "find_contact"}, {"at": day(house, -30), "outcome": "won"}],
    }

    async def imported(**given: Any) -> dict[str, Any]:
        answer = await machine.done("POST", "/v1/opportunities/batches", {"items": [item | given]})
        found: dict[str, Any] = answer["items"][0]
        return found

    made = await imported(contract_until=day(house, 10))
    path = f"/v1/opportunities/{made['id']}"
    assert (await seller.done("GET", path))["contract_until"] == day(house, 10)
    assert (await imported(contract_until=day(house, 20)))["outcome"] == "updated"
    assert (await imported())["outcome"] == "unchanged"
    assert (await seller.done("GET", path))["contract_until"] == day(house, 20)
    assert (await imported(contract_until=day(house, -60)))["problem"]["code"] == "contract_ends_too_soon"
    await house.settle()
    facts = house.service("customer").database.pool
    kept = await facts.fetchval("SELECT contract_until FROM opportunity_fact WHERE opportunity_id = $1", made["id"])
    assert str(kept) == day(house, 20)
