"""What a group adds up to, for whoever looks after it; who was merged counts once."""

from datetime import date

from tests.customer.merging.companies import line_of, merge
from tests.house import House
from tests.make import Make


async def test_a_group_adds_up_at_any_depth_as_far_as_one_looks_after_it(make: Make, house: House) -> None:
    line, operations = await line_of(make), await house.import_client()
    rate = {"from_currency": "SEK", "to_currency": "USD", "date": "2020-01-01", "rate": "0.5"}
    await operations.post("/v1/exchange-rates", rate)
    group = await make.customer(line.first)
    company = await make.customer(line.first, parent_id=group["id"])
    site = await make.customer(line.first, parent_id=company["id"])
    duplicate, hidden = await make.customer(line.second), await make.customer(line.second)
    await operations.done("POST", f"/v1/customers/{hidden['id']}/parent-changes", {"parent_id": site["id"]})
    given = (
        (line.first, group, {"amount": "100.00"}),
        (line.first, company, {"amount": "10.00", "currency": "SEK"}),
        (line.first, site, {"amount": None}),
        (line.second, duplicate, {"amount": "1.00"}),
        (line.second, hidden, {"amount": "1000.00"}),
    )
    made = [await make.opportunity(by, customer_id=of["id"], **terms) for by, of, terms in given]
    won = {"outcome": "won", "win_reason": "price", "override_reason": "agreed"}
    await line.head.done("POST", f"/v1/opportunities/{made[0]['id']}/outcomes", won)
    await merge(line.head, site["id"], duplicate["id"])
    await house.settle()
    path = f"/v1/customers/{group['id']}/group-figures"

    mine = await line.first.done("GET", path)

    assert mine["own"] == {
        "open": {"count": 0, "amount": "0.00", "unknown_amount": 0},
        "won": {"count": 1, "amount": "100.00", "unknown_amount": 0},
    }
    assert mine["whole"]["open"] == {"count": 3, "amount": "6.00", "unknown_amount": 1}
    assert mine["whole"]["won"] == mine["own"]["won"]
    assert (mine["companies"], mine["left_out"]) == (4, 1)
    assert [(one["from_currency"], one["date"]) for one in mine["rates"]] == [("SEK", date(2020, 1, 1).isoformat())]
    whole = await line.head.done("GET", path)
    assert (whole["whole"]["open"]["amount"], whole["left_out"]) == ("1006.00", 0)
    below = await line.head.done("GET", f"/v1/customers/{duplicate['id']}/group-figures")
    assert below["customer_id"] == site["id"], "a merged id stands for its survivor here too"
    assert below["own"]["open"] == {"count": 2, "amount": "1.00", "unknown_amount": 1}
    unknown = await line.first.done("GET", f"{path}?currency=CHF")
    assert unknown["whole"]["won"]["amount"] == "0.00"
    assert unknown["unconverted"] == {"SEK": "10.0000", "USD": "101.0000"}
    assert (await (await make.person()).get(path)).status_code == 404
