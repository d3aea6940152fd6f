from tests.house import House
from tests.make import Make, word
from tests.opportunity.histories import codes


async def test_the_catalogue_is_imported_by_reference_and_again_unchanged(make: Make, house: House) -> None:
    machine = await house.import_client()
    lines = [{"external_reference": {"system": "erp", "id": word()}, "name": f"Line {word()}"} for _ in range(3)]
    done = (await machine.done("POST", "/v1/product-lines/batches", {"items": lines}))["items"]
    assert codes(done) == ["created"] * 3
    below = lines[2] | {"parent_id": done[0]["id"]}
    again = (await machine.done("POST", "/v1/product-lines/batches", {"items": [*lines[:2], below]}))["items"]
    assert codes(again) == ["unchanged", "unchanged", "updated"]
    product = {
        "external_reference": {"system": "erp", "id": word()},
        "code": word(),
        "name": "Sole",
        "product_line_id": done[0]["id"],
        "unit": "pair",
        "unit_is_whole": True,
        "list_price": {"amount": "12.50", "currency": "USD"},
    }
    same_code = product | {"external_reference": {"system": "erp", "id": word()}}
    astray = product | {"external_reference": {"system": "erp", "id": word()}, "product_line_id": str(house.clock())}
    nowhere = same_code | {"code": word(), "product_line_id": "01890000-0000-7000-8000-000000000000"}
    items = [product, product, same_code, astray, nowhere]
    outcomes = (await machine.done("POST", "/v1/products/batches", {"items": items}))["items"]
    assert codes(outcomes) == ["created", "unchanged", "product_code_taken", "item_malformed", "unknown_product_line"]
    found = await machine.done(
        "GET", f"/v1/products?external_system=erp&external_id={product['external_reference']['id']}"
    )
    assert [one["id"] for one in found["items"]] == [outcomes[0]["id"]]
    assert found["items"][0]["list_price"] == {"amount": "12.50", "currency": "USD"}
    patched = await machine.patch(f"/v1/products/{outcomes[0]['id']}", {"list_price": None}, if_match=1)
    assert (patched.status_code, patched.json()["list_price"]) == (200, None)


async def test_only_sales_operations_keep_the_catalogue_and_rates(make: Make) -> None:
    seller = await make.seller()
    assert (await seller.post("/v1/product-lines", {"name": "Mine"})).status_code == 403
    assert (await seller.post("/v1/products/batches", {"items": [{}]})).status_code == 403
    rate = {"from_currency": "EUR", "to_currency": "USD", "date": "2026-01-01", "rate": "1.1"}
    assert (await seller.post("/v1/exchange-rates", rate)).status_code == 403
    assert (await seller.get("/v1/products")).status_code == 200


async def test_rates_are_known_by_currencies_and_date_and_can_be_corrected(make: Make, house: House) -> None:
    machine = await house.import_client()
    rate = {"from_currency": "NOK", "to_currency": "USD", "date": "2026-01-01", "rate": "0.1"}
    items = [
        rate,
        rate | {"date": "2026-01-02"},
        rate | {"rate": "0"},
        rate | {"to_currency": "NOK"},
        rate | {"from_currency": "XQQ"},
        rate | {"rate": "much"},
    ]
    outcomes = (await machine.done("POST", "/v1/exchange-rates/batches", {"items": items}))["items"]
    assert codes(outcomes[:4]) == ["created", "created", "rate_not_positive", "rate_of_itself"]
    assert [one["problem"]["status"] for one in outcomes[4:]] == [400, 400]
    again = [rate, rate | {"date": "2026-01-02", "rate": "0.2"}]
    outcomes = (await machine.done("POST", "/v1/exchange-rates/batches", {"items": again}))["items"]
    assert codes(outcomes) == ["unchanged", "updated"]
    found = await machine.done("GET", "/v1/exchange-rates?from_currency=NOK&sort=-date&limit=1")
    assert found["items"][0]["rate"] == "0.2"
    assert found["next"] is not None
