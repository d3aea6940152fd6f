"""What `customer` hears of `opportunity`, and asks it where events did not tell, answered by it itself."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.customer.clients.forecast import forecast_of
from services.customer.clients.opportunity import (
    exchange_rates,
    product_lines,
    told_of_opportunity,
    told_of_product,
    told_of_product_line,
    told_of_rate,
)
from tests.contracts.asking import in_the_name_of, peer_of, told
from tests.house import House
from tests.make import Make


async def test_an_opportunity_is_told_of_as_it_is(house: House, make: Make) -> None:
    seller = await make.seller()
    customer, product = await make.customer(seller), await make.product()
    lines = [{"product_id": product["id"], "quantity": "8", "unit_price": "125.00"}] * 2
    given = {"customer_id": customer["id"], "lines": lines, "expected_close": "2030-02-01", "amount": "2000.00"}
    opportunity = await make.opportunity(seller, **given)
    heard = told_of_opportunity((await told(house, "customer", "opportunity", opportunity["id"]))[-1]["data"])
    assert (str(heard.opportunity_id), heard.version) == (opportunity["id"], opportunity["version"])
    assert (heard.name, str(heard.customer_id)) == (opportunity["name"], customer["id"])
    assert (str(heard.principal_id), heard.state, heard.stage) == (seller.id, "open", "find_contact")
    assert (heard.amount, heard.currency, heard.probability) == (Decimal(2000), "USD", Decimal("0.05"))
    assert (heard.opened_at, heard.stage_since) == tuple(
        datetime.fromisoformat(opportunity[name]) for name in ("opened_at", "stage_since")
    )
    assert (heard.expected_close, heard.decided_on, heard.contract_until) == (date(2030, 2, 1), None, None)
    assert (heard.is_simulated, heard.product_ids) == (False, [UUID(product["id"])])
    product_heard = told_of_product((await told(house, "customer", "opportunity", product["id"]))[-1]["data"])
    assert product_heard["product_line_id"] == UUID(product["product_line_id"])


async def test_lines_and_rates_are_told_of_and_answered_alike(house: House) -> None:
    operations = await house.import_client()
    line = await operations.done("POST", "/v1/product-lines", {"name": "Asked for"})
    given = {"from_currency": "ISK", "to_currency": "XPF", "date": "2026-01-05", "rate": "0.85"}
    rate = await operations.done("POST", "/v1/exchange-rates", given)
    peer = peer_of(house, "customer", "opportunity")
    (line_event,) = await told(house, "customer", "opportunity", line["id"])
    assert told_of_product_line(line_event["data"]) in await product_lines(peer)
    (rate_event,) = await told(house, "customer", "opportunity", rate["id"])
    heard = told_of_rate(rate_event["data"])
    assert heard in await exchange_rates(peer)
    assert (heard["rate"], heard["date"]) == (Decimal("0.85"), date(2026, 1, 5))


async def test_a_customer_of_whom_nothing_is_confirmed_has_an_empty_forecast(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    with in_the_name_of(seller):
        assert await forecast_of(peer_of(house, "customer", "forecast"), UUID(customer["id"])) == []
