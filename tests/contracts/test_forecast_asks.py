"""What `forecast` asks of `opportunity` and hears of it and `customer`, answered by these themselves."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from servicekit.peers.client import PeerRefused
from servicekit.values.ids import new_id
from services.forecast.clients.customer import told_of_customer
from services.forecast.clients.opportunity import Opportunities, told_of_opportunity, told_of_product
from services.forecast.cycles.store.definitions import FrozenRate
from tests.contracts.asking import in_the_name_of, peer_of, peer_of_another_instance, told
from tests.house import House
from tests.make import Make


async def test_a_newer_opportunity_is_found_as_its_events_tell_of_it(house: House, make: Make) -> None:
    seller = await make.seller()
    customer, product = await make.customer(seller), await make.product()
    lines = [{"product_id": product["id"], "quantity": "8", "unit_price": "125.00", "delivery_date": "2030-03-01"}]
    given = {"customer_id": customer["id"], "lines": lines, "expected_close": "2030-02-01", "amount": "1000.00"}
    opportunity = await make.opportunity(seller, **given)
    opportunities = Opportunities(peer_of(house, "forecast", "opportunity"))
    opportunity_id, version = UUID(opportunity["id"]), opportunity["version"]
    await house.settle()
    with in_the_name_of(seller):
        found = await opportunities.find_newer(opportunity_id, version, None)
        assert await opportunities.find_newer(opportunity_id, version, version) is None

    assert found is not None
    assert (str(found["id"]), found["version"], found["name"]) == (opportunity["id"], version, opportunity["name"])
    assert (str(found["principal_id"]), str(found["customer_id"])) == (seller.id, customer["id"])
    assert (found["amount"], found["currency"], found["expected_close"]) == (Decimal(1000), "USD", date(2030, 2, 1))
    assert (found["state"], found["decided_on"], found["is_simulated"]) == ("open", None, False)
    (line,) = found["lines"]
    assert (line["product_id"], line["delivery_date"]) == (product["id"], "2030-03-01")
    assert Decimal(line["quantity"]) == 8
    heard = told_of_opportunity((await told(house, "forecast", "opportunity", opportunity["id"]))[-1]["data"])
    (heard_line,) = heard.pop("lines")
    assert heard_line["product_id"] == line["product_id"]
    assert [Decimal(heard_line[each]) for each in ("quantity", "unit_price")] == [8, 125]
    assert heard == {name: value for name, value in found.items() if name != "lines"}


async def test_a_won_opportunity_says_when(house: House, make: Make) -> None:
    manager, seller = await make.line(2)
    opportunity = await make.opportunity(seller)
    outcome = {"outcome": "won", "override_reason": "signed at the fair"}
    await manager.done("POST", f"/v1/opportunities/{opportunity['id']}/outcomes", outcome)
    heard = told_of_opportunity((await told(house, "forecast", "opportunity", opportunity["id"]))[-1]["data"])
    assert (heard["state"], heard["decided_on"]) == ("won", house.service("opportunity").today())


async def test_an_opportunity_that_is_not_there_or_not_seen_is_not_found(house: House, make: Make) -> None:
    seller, other = await make.seller(), await make.seller()
    hers = await make.opportunity(other)
    opportunities = Opportunities(peer_of(house, "forecast", "opportunity"))
    with in_the_name_of(seller):
        assert await opportunities.find_newer(UUID(hers["id"]), 1, None) is None
        assert await opportunities.find_newer(new_id(), 1, None) is None


async def test_products_are_found_as_their_events_tell_of_them(house: House, make: Make) -> None:
    seller, product = await make.seller(), await make.product(unit="pair")
    with in_the_name_of(seller):
        asked = [UUID(product["id"]), new_id()]
        (found,) = await Opportunities(peer_of(house, "forecast", "opportunity")).products(asked)
    assert (found["code"], found["name"], found["unit"]) == (product["code"], product["name"], "pair")
    assert (str(found["product_line_id"]), found["unit_is_whole"]) == (product["product_line_id"], True)
    assert told_of_product((await told(house, "forecast", "opportunity", product["id"]))[-1]["data"]) == found


async def test_rates_are_the_latest_of_each_currency_turned_where_they_must_be(house: House, make: Make) -> None:
    operations, seller = await house.import_client(), await make.seller()
    quotes = [
        ("NOK", "SEK", "2019-05-01", "1.10"),
        ("NOK", "SEK", "2019-05-03", "1.20"),
        ("NOK", "SEK", "2019-05-09", "9.00"),
        ("SEK", "DKK", "2019-05-02", "0.80"),
    ]
    for come, go, day, rate in quotes:
        body = {"from_currency": come, "to_currency": go, "date": day, "rate": rate}
        await operations.done("POST", "/v1/exchange-rates", body)
    opportunities = Opportunities(peer_of(house, "forecast", "opportunity"))
    with in_the_name_of(seller):
        found = await opportunities.rates_into("SEK", ["NOK", "SEK"], date(2019, 5, 4))
        assert await opportunities.rates_into("SEK", ["NOK"], date(2019, 4, 1)) == []
    assert found == [
        FrozenRate("DKK", Decimal("1.25"), date(2019, 5, 2)),
        FrozenRate("NOK", Decimal("1.20"), date(2019, 5, 3)),
    ]


async def test_a_customer_is_told_of_with_where_it_is_delivered_to(house: House, make: Make) -> None:
    seller = await make.seller()
    address = {"kind": "delivery", "line_1": "Quai 1", "city": "Ghent", "postal_code": "9000", "country": "BE"}
    customer, other = await make.customer(seller, addresses=[address]), await make.customer(seller)
    heard = told_of_customer((await told(house, "forecast", "customer", customer["id"]))[-1]["data"])
    assert (str(heard["customer_id"]), heard["name"]) == (customer["id"], customer["legal_name"])
    assert (heard["place"], heard["version"]) == ("Ghent, BE", customer["version"])
    assert (
        told_of_customer((await told(house, "forecast", "customer", other["id"]))[-1]["data"])["place"] != "Ghent, BE"
    )


async def test_whom_another_instance_has_signed_for_is_told_nothing(house: House, make: Make) -> None:
    product = await make.product()
    stranger = Opportunities(peer_of_another_instance(house, "forecast", "opportunity"))
    with in_the_name_of(await make.seller()), pytest.raises(PeerRefused) as refused:
        await stranger.products([UUID(product["id"])])
    assert refused.value.status == 401
