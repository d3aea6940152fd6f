"""What the base knows of opportunities: always the newest, whatever comes again, and what came before it was kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from servicekit.data.transactions import reading, writing
from servicekit.values.ids import new_id
from services.customer.opportunity_facts import store
from services.customer.opportunity_facts.store import ToldOpportunity
from services.customer.recalling import recall_facts, recall_step
from tests.house import House
from tests.make import Make

TOLD_AT = datetime(2026, 3, 1, tzinfo=UTC)


async def fact_of(house: House, opportunity_id: str | UUID) -> dict[str, Any]:
    """Return what the base knows of an opportunity."""
    question = "SELECT * FROM opportunity_fact WHERE opportunity_id = $1"
    row = await house.service("customer").database.pool.fetchrow(question, UUID(str(opportunity_id)))
    return dict(row) if row else {}


def told(opportunity_id: UUID, version: int, **more: Any) -> ToldOpportunity:
    """Return what an event of a version tells; the amount is the version."""
    values: dict[str, Any] = {
        "name": "Outsoles",
        "customer_id": new_id(),
        "principal_id": new_id(),
        "state": "open",
        "stage": "find_contact",
        "stage_since": None,
        "amount": Decimal(version),
        "currency": "CNY",
        "probability": Decimal("0.05"),
        "opened_at": None,
        "expected_close": None,
        "decided_on": None,
        "contract_until": None,
        "is_simulated": False,
        "product_ids": [],
    }
    return ToldOpportunity(opportunity_id=opportunity_id, version=version, **(values | more))


async def test_a_fact_follows_its_opportunity(house: House, make: Make) -> None:
    manager, seller = await make.line(2)
    customer, product = await make.customer(seller), await make.product()
    lines = [{"product_id": product["id"], "quantity": "8", "unit_price": "125.00"}]
    made = await make.opportunity(seller, customer_id=customer["id"], lines=lines, expected_close="2030-02-01")
    await house.settle()
    fact = await fact_of(house, made["id"])
    assert (str(fact["customer_id"]), str(fact["principal_id"])) == (customer["id"], seller.id)
    assert (fact["state"], fact["stage"], fact["amount"]) == ("open", "find_contact", Decimal(1000))
    assert [str(each) for each in fact["product_line_ids"]] == [product["product_line_id"]]
    assert fact["opened_at"] == datetime.fromisoformat(made["opened_at"])
    outcome = {"outcome": "won", "override_reason": "signed at the fair"}
    await manager.done("POST", f"/v1/opportunities/{made['id']}/outcomes", outcome)
    await house.settle()
    fact = await fact_of(house, made["id"])
    assert (fact["state"], fact["stage"], fact["probability"]) == ("won", "close", Decimal(1))
    assert fact["decided_on"] == house.service("opportunity").today()


async def test_in_whatever_order_and_however_often_it_is_told_the_newest_stays(house: House) -> None:
    opportunity_id, random = new_id(), Random(5)  # noqa: S311 (an order to try)
    versions = [*range(1, 9), *range(1, 9)]
    random.shuffle(versions)
    for version in versions:
        async with writing(house.service("customer").database) as tx:
            await store.keep_opportunity(tx, told(opportunity_id, version), TOLD_AT)
    fact = await fact_of(house, opportunity_id)
    assert (fact["version"], fact["amount"]) == (8, Decimal(8))


async def test_where_no_event_told_when_it_was_opened_the_first_one_heard_counts(house: House) -> None:
    opportunity_id = new_id()
    for version in (1, 2):
        async with writing(house.service("customer").database) as tx:
            await store.keep_opportunity(tx, told(opportunity_id, version), TOLD_AT + timedelta(days=version))
    assert (await fact_of(house, opportunity_id))["opened_at"] == TOLD_AT + timedelta(days=1)
    opened = TOLD_AT - timedelta(days=400)
    async with writing(house.service("customer").database) as tx:
        await store.keep_opportunity(tx, told(opportunity_id, 3, opened_at=opened), TOLD_AT)
    assert (await fact_of(house, opportunity_id))["opened_at"] == opened


async def test_opportunities_follow_a_product_into_another_line(house: House, make: Make) -> None:
    operations = await house.import_client()
    moved, stays = await make.product(), await make.product()
    lines = [{"product_id": product["id"], "quantity": "1"} for product in (moved, stays)]
    made = await make.opportunity(await make.seller(), lines=lines)
    other = await operations.done("POST", "/v1/product-lines", {"name": "Where it goes"})
    await house.settle()
    change = {"product_line_id": other["id"]}
    await operations.done("PATCH", f"/v1/products/{moved['id']}", change, if_match=moved["version"])
    await house.settle()
    fact = await fact_of(house, made["id"])
    assert {str(each) for each in fact["product_line_ids"]} == {other["id"], stays["product_line_id"]}


async def test_a_corrected_rate_is_in_force_at_once(house: House) -> None:
    operations = await house.import_client()
    for rate in ("0.010", "0.011"):
        given = {"from_currency": "ISK", "to_currency": "FJD", "date": "2026-01-05", "rate": rate}
        await operations.done("POST", "/v1/exchange-rates", given)
    await house.settle()
    async with reading(house.service("customer").database) as tx:
        found = await store.rates_into(tx, "FJD", date(2026, 1, 6))
        before = await store.rates_into(tx, "FJD", date(2026, 1, 4))
    assert (found["ISK"].factor, found["ISK"].date) == (Decimal("0.011"), date(2026, 1, 5))
    assert set(before) == {"FJD"}


async def test_a_base_that_is_older_than_its_facts_reads_the_feed_again(empty_house: House) -> None:
    house, make = empty_house, Make(empty_house)
    operations = await house.import_client()
    product = await make.product()
    given = {"from_currency": "EUR", "to_currency": "USD", "date": "2026-01-05", "rate": "1.10"}
    await operations.done("POST", "/v1/exchange-rates", given)
    seller = await make.seller()
    lines = [{"product_id": product["id"], "quantity": "1"}]
    made = [await make.opportunity(seller, lines=lines) for _ in range(3)]
    await house.settle()
    service = house.service("customer")
    facts = [await fact_of(house, each["id"]) for each in made]
    for table in ("opportunity_fact", "product_copy", "product_line_copy", "exchange_rate_copy"):
        await service.database.pool.execute(f"DELETE FROM {table}")
    await service.database.pool.execute("INSERT INTO fact_recall VALUES (1, 0, false)")
    later = await make.opportunity(seller)
    await house.settle()
    await recall_facts(service)
    assert [await fact_of(house, each["id"]) for each in made] == facts
    assert await fact_of(house, later["id"])
    async with reading(service.database) as tx:
        assert (await store.rates_into(tx, "USD", date(2026, 1, 6)))["EUR"].factor == Decimal("1.1")
    assert await recall_step(service) is False


async def test_a_new_base_has_nothing_to_read_again(house: House) -> None:
    assert await recall_step(house.service("customer")) is False
