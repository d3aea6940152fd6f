"""The base divided, its largest customers, its white spaces, how well it is known: each as far as one sees it."""

from dataclasses import dataclass
from typing import Any

import pytest

from services.customer.base.store import figures
from tests.house import Client, House
from tests.make import Make, word

BASE = "/v1/customer-base"


@dataclass
class Company:
    """Two sellers below a manager, with customers in an industry that nobody else is in."""

    house: House
    manager: Client
    seller: Client
    other: Client
    industry: str
    customers: dict[str, dict[str, Any]]
    line: str
    above: str


async def sell(company: Company, by: Client, customer: str, amount: str | None, **given: Any) -> dict[str, Any]:
    """Win an opportunity, unless it stays open."""
    stays_open = given.pop("stays_open", False)
    given = {"customer_id": company.customers[customer]["id"], "amount": amount, **given}
    made = await Make(company.house).opportunity(by, **given)
    if not stays_open:
        outcome = {"outcome": "won", "override_reason": "signed at the fair"}
        await company.manager.done("POST", f"/v1/opportunities/{made['id']}/outcomes", outcome)
    return made


@pytest.fixture(scope="module")
async def company(house: House) -> Company:
    make, operations, industry = Make(house), await house.import_client(), word()
    manager, seller = await make.line(2)
    other = await make.seller(manager)
    given = {"industry": industry, "phone": "1", "website": "w.example"}
    customers = {
        name: await make.customer(by, legal_name=f"{name} {word()}", **given, **more)
        for name, by, more in (
            ("big", seller, {}),
            ("small", seller, {"country": "CN", "city": "Beijing"}),
            ("quiet", seller, {"employees": 5}),
            ("theirs", other, {}),
        )
    }
    rate = {"from_currency": "EUR", "to_currency": "USD", "date": "2026-01-05", "rate": "1.1"}
    await operations.done("POST", "/v1/exchange-rates", rate)
    above = await operations.done("POST", "/v1/product-lines", {"name": f"Above {word()}"})
    line = await operations.done("POST", "/v1/product-lines", {"name": f"Below {word()}", "parent_id": above["id"]})
    made = Company(house, manager, seller, other, industry, customers, line["id"], above["id"])
    product = await make.product(product_line_id=line["id"])
    lines = [{"product_id": product["id"], "quantity": "1", "unit_price": "70.00"}]
    await sell(made, seller, "big", "70.00", lines=lines)
    await sell(made, seller, "small", "10.00", currency="EUR")
    await sell(made, other, "theirs", "19.00")
    await sell(made, other, "theirs", None)
    await sell(made, seller, "big", "500.00", stays_open=True)
    tier = {"tier": "key", "reason": "by far the largest"}
    await manager.done("POST", f"/v1/customers/{customers['big']['id']}/tier-changes", tier)
    await house.settle()
    return made


@pytest.fixture(params=[figures.MOST_FEW, 0], ids=["looked_up", "passed_through"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Find what somebody sees in the way for few people, and in the one for thousands."""
    monkeypatch.setattr(figures, "MOST_FEW", request.param)


async def test_the_base_is_divided_and_its_parts_add_up(company: Company) -> None:
    found = await company.manager.done("GET", f"{BASE}/segmentation?by=tier&industry={company.industry}")
    assert (found["currency"], found["rate_date"], found["unconverted"]) == ("USD", "2026-01-05", {})
    by_key = {group["key"]: group for group in found["groups"]}
    assert (by_key[None]["customers"], by_key["key"]["customers"]) == (3, 1)
    assert (by_key["key"]["share"], by_key["key"]["open"]["amount"]) == ("0.250000", "500.00")
    assert by_key[None]["won"] == {"count": 3, "amount": "30.00", "unknown_amount": 1, "simulated_count": 0}
    assert found["whole"]["won"] == {"count": 4, "amount": "100.00", "unknown_amount": 1, "simulated_count": 0}
    path = f"{BASE}/segmentation?by=country&industry={company.industry}&limit=1"
    by_country = await company.manager.done("GET", path)
    assert [group["key"] for group in by_country["groups"]] == ["DE"]
    assert (by_country["others"]["customers"], by_country["others"]["won"]["amount"]) == (1, "11.00")
    earlier = f"{BASE}/segmentation?by=kind&industry={company.industry}&won_from=2020-01-01&won_until=2020-02-01"
    assert (await company.manager.done("GET", earlier))["whole"]["won"]["count"] == 0


@pytest.mark.usefixtures("form")
async def test_each_sees_their_own_part(company: Company, make: Make) -> None:
    path = f"{BASE}/segmentation?by=account_manager&industry={company.industry}"
    for person, customers, amount in ((company.seller, 3, "81.00"), (company.other, 1, "19.00")):
        found = await person.done("GET", path)
        assert [group["key"] for group in found["groups"]] == [person.id]
        assert (found["whole"]["customers"], found["whole"]["won"]["amount"]) == (customers, amount)
    stranger = await make.seller()
    nothing = await stranger.done("GET", path)
    assert (nothing["groups"], nothing["whole"]["share"], nothing["whole"]["customers"]) == ([], None, 0)
    operations = await company.house.import_client()
    assert (await operations.done("GET", path))["whole"]["won"]["amount"] == "100.00"


@pytest.mark.usefixtures("form")
async def test_who_takes_part_in_one_opportunity_learns_nothing_of_the_others(company: Company, make: Make) -> None:
    member = await make.seller()
    made = await sell(company, company.seller, "quiet", "3.00", stays_open=True)
    await sell(company, company.seller, "quiet", "4.00", stays_open=True)
    joining = {"person_id": member.id, "role": "presales"}
    await company.seller.done("POST", f"/v1/opportunities/{made['id']}/sales-team", joining)
    await company.house.settle()
    found = await member.done("GET", f"{BASE}/segmentation?by=kind&industry={company.industry}")
    assert (found["whole"]["customers"], found["whole"]["open"]["count"]) == (1, 1)
    assert found["whole"]["open"]["amount"] == "3.00"
    assert [group["customers"] for group in (await member.done("GET", f"{BASE}/completeness"))["groups"]] == [1]
    unsold = await member.done("GET", f"{BASE}/whitespace?product_line_id={company.above}")
    assert unsold["items"] == []


@pytest.mark.usefixtures("form")
async def test_concentration_says_on_whom_it_rests(company: Company) -> None:
    """70, 19 and 11 of 100: the largest has 70 %, two have 89 %; 0.49 + 0.0361 + 0.0121."""
    found = await company.manager.done("GET", f"{BASE}/concentration?industry={company.industry}&top=1")
    assert (found["customers"], found["won_amount"], found["unknown_amount"]) == (3, "100.00", 1)
    assert [float(found[name]) for name in ("top_share", "herfindahl")] == [0.7, 0.5382]
    assert found["four_fifths"] == 2
    assert [(point["customers"], float(point["share"])) for point in found["curve"]] == [(1, 0.7), (2, 0.89), (3, 1.0)]
    (largest,) = found["largest"]
    assert (largest["customer_id"], largest["amount"], largest["tier"]) == (
        company.customers["big"]["id"],
        "70.00",
        "key",
    )
    of_seller = await company.seller.done("GET", f"{BASE}/concentration?industry={company.industry}")
    assert (of_seller["customers"], of_seller["won_amount"]) == (2, "81.00")
    wrong = await company.manager.get(f"{BASE}/concentration?won_from=2026-02-01&won_until=2026-02-01")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "query:won_until")


async def test_whitespace_lists_whom_nobody_sells_to_and_what_was_never_bought(company: Company) -> None:
    ids = {name: customer["id"] for name, customer in company.customers.items()}
    path = f"{BASE}/whitespace?industry={company.industry}"
    found = (await company.manager.done("GET", f"{path}&total=true"))["items"]
    assert {ids["small"], ids["theirs"]} <= {one["id"] for one in found}
    assert ids["big"] not in {one["id"] for one in found}
    assert next(one for one in found if one["id"] == ids["small"])["last_won_on"] is not None
    for line in (company.line, company.above):
        never = (await company.manager.done("GET", f"{path}&product_line_id={line}"))["items"]
        assert {one["id"] for one in never} == {ids["small"], ids["quiet"], ids["theirs"]}
    assert [one["id"] for one in (await company.other.done("GET", path))["items"]] == [ids["theirs"]]
    nowhere = await company.manager.get(f"{path}&product_line_id={ids['big']}")
    assert nowhere.status_code == 404
    sold = await company.manager.done("GET", f"{BASE}/product-lines")
    lines = {one["product_line_id"]: (one["bought"], one["never_bought"]) for one in sold["lines"]}
    assert (sold["customers"], lines[company.line], lines[company.above]) == (4, (1, 3), (1, 3))


@pytest.mark.usefixtures("form")
async def test_completeness_counts_what_is_known_by_kind_and_source(company: Company, make: Make) -> None:
    seller = await make.seller()
    assert (await seller.done("GET", f"{BASE}/completeness"))["groups"] == []
    first = await make.customer(seller, website="https://one.example", industry="shoes", employees=7)
    await make.customer(seller, city=None)
    await make.customer(seller, kind="channel")
    await seller.done("POST", "/v1/contacts", {"customer_id": first["id"], "name": "Li Wei"})
    found = (await seller.done("GET", f"{BASE}/completeness"))["groups"]
    assert [(group["kind"], group["origin"], group["customers"]) for group in found] == [
        ("channel", "entered", 1),
        ("customer", "entered", 2),
    ]
    known = {field["field"]: field["known"] for field in found[1]["fields"]}
    assert known == {
        "city": 1,
        "phone": 0,
        "website": 1,
        "industry": 1,
        "annual_revenue": 0,
        "employees": 1,
        "identifier": 0,
        "contact": 1,
        "account_manager": 2,
        "tier": 0,
    }
    assert found[1]["completeness"] == "0.312500"
    assert found[1]["age"] == {"under_90_days": 2, "under_365_days": 0, "older": 0}


async def test_a_saved_segment_is_ones_own(company: Company) -> None:
    seller, other = company.seller, company.other
    body = {"name": "Big in shoes", "filters": {"industry": company.industry, "tier": "key"}}
    made = await seller.done("POST", f"{BASE}/segments", body)
    assert (made["name"], made["filters"]["tier"], made["filters"]["country"]) == ("Big in shoes", "key", None)
    assert (await seller.post(f"{BASE}/segments", body)).json()["code"] == "segment_name_taken"
    assert (await seller.done("GET", f"{BASE}/segments"))["items"] == [made]
    assert (await other.done("GET", f"{BASE}/segments"))["items"] == []
    path = f"{BASE}/segmentation?by=country&segment_id={made['id']}"
    assert (await seller.done("GET", path))["whole"]["customers"] == 1
    assert (await other.get(path)).status_code == 404
    assert (await other.delete(f"{BASE}/segments/{made['id']}")).status_code == 404
    assert (await seller.delete(f"{BASE}/segments/{made['id']}")).status_code == 200
    assert (await seller.get(path)).status_code == 404
