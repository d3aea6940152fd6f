"""How far off the forecast of each product was from what ERP systems have confirmed, month by month in quantity.

Orders are everybody's: each test has a product, and a unit where units are told, of its own.
"""

from typing import Any

from servicekit.values.ids import new_id
from tests.forecast.accuracy.past import QUARTER, accuracy, forecast, past_cycle, ratios
from tests.forecast.world import Record, World
from tests.house import Client

MAY, JUNE = "2026-05-15", "2026-06-15"
MONTH = {"kind": "month", "start": "2026-05-01"}


def line(product: Record, quantity: str, delivered: str = MAY) -> Record:
    return {"product_id": product["id"], "quantity": quantity, "unit_price": "10", "delivery_date": delivered}


async def order(by: Client, product: Record, quantity: str, due_on: str = MAY, **given: Any) -> Record:
    """Let an ERP system confirm an order of 10 a piece, unless it says none."""
    told = {
        "external_reference": {"system": "erp", "id": new_id().hex},
        "order_number": "SO-7",
        "product_id": product["id"],
        "due_on": due_on,
        "quantity": quantity,
        "amount": {"amount": f"{10 * float(quantity):.2f}", "currency": "USD"},
    } | given
    made: Record = await by.done("POST", "/v1/confirmed-orders", {key: told[key] for key in told if told[key]})
    return made


async def by_orders(by: Client, cycle: Record, product: Record, **query: str) -> Record | None:
    asked = "&".join(f"{name}={value}" for name, value in ({"product_id": product["id"]} | query).items())
    page = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/accuracy/products?actuals=orders&{asked}")
    return next(iter(page["items"]), None)


async def test_orders_of_the_product_and_month_count_and_no_others(world: World) -> None:
    (seller,) = await world.line(1)
    unit = f"crate-{new_id().hex[-6:]}"
    box, other = world.peers.add_product(unit), world.peers.add_product(unit)
    operations, cycle = await world.operations(), await past_cycle(world, seller)
    await forecast(world, seller, cycle, "200.00", lines=[line(box, "10"), line(box, "10", JUNE)])
    await order(operations, box, "5")
    await order(operations, box, "3", "2026-05-31", state="delivered")
    await order(operations, box, "12", JUNE)
    await order(operations, box, "40", state="cancelled")
    withdrawn = await order(operations, box, "50", JUNE)
    for due_on in ("2026-03-31", "2026-07-01"):
        await order(operations, box, "60", due_on)
    await operations.done(
        "PATCH", f"/v1/confirmed-orders/{withdrawn['id']}", {"state": "cancelled"}, headers={"if-match": '"1"'}
    )

    found = await by_orders(operations, cycle, box)

    assert found is not None
    assert [
        (each["month"], each["forecast_quantity"], each["actual_quantity"], each["actual"]) for each in found["months"]
    ] == [("2026-05-01", "10", "8", "80.00"), ("2026-06-01", "10", "12", "120.00")]
    assert (*ratios(found), found["total_wape"], found["error_quantity"]) == ("0.2000", "0.0000", "0.0000", "4")
    assert (found["actuals"], found["actual"], found["error"], found["reason"]) == ("orders", "200.00", "40.00", None)
    assert await by_orders(operations, cycle, other) is None, "an order of one product is none of another"
    await order(operations, other, "20")
    unforeseen = await by_orders(operations, cycle, other)
    assert unforeseen is not None
    assert (unforeseen["forecast_quantity"], *ratios(unforeseen)) == ("0", "1.0000", "-1.0000")
    whole = await accuracy(operations, cycle, actuals="orders")
    (of_unit,) = [each for each in whole["ordered"] if each["unit"] == unit]
    assert (of_unit["count"], of_unit["forecast_quantity"], of_unit["actual_quantity"]) == (3, "20", "40")
    assert (*ratios(of_unit), of_unit["total_wape"]) == ("0.6000", "-0.5000", "0.5000")
    assert (await accuracy(operations, cycle))["ordered"] is None
    assert whole["products"] == (await accuracy(operations, cycle))["products"], "that is by what was won"


async def test_what_orders_are_worth_may_not_be_known(world: World) -> None:
    (seller,) = await world.line(1)
    silent, foreign = world.peers.add_product(), world.peers.add_product()
    operations, cycle = await world.operations(), await past_cycle(world, seller)
    await forecast(world, seller, cycle, "200.00", lines=[line(silent, "10"), line(foreign, "10")])
    await order(operations, silent, "8")
    await order(operations, silent, "2", JUNE, amount=None)
    await order(operations, foreign, "8", amount={"amount": "72.00", "currency": "EUR"})

    for product, quantity, why in ((silent, "10", "order_without_amount"), (foreign, "8", "order_in_other_currency")):
        found = await by_orders(operations, cycle, product)
        assert found is not None
        assert (found["actual_quantity"], found["actual"], found["error"]) == (quantity, None, None)
        assert (found["no_actual"], found["reason"]) == (why, None)


async def test_all_tops_must_have_handed_in_and_only_the_period_counts(world: World) -> None:
    (one,), (two,) = await world.line(1), await world.line(1)
    boot = world.peers.add_product()
    operations, cycle = await world.operations(), await past_cycle(world, one, two)
    await forecast(world, one, cycle, "200.00", lines=[line(boot, "10"), line(boot, "10", "2027-05-15")])
    await order(operations, boot, "8")
    partly = await by_orders(operations, cycle, boot)
    assert partly is not None
    assert (*ratios(partly), partly["reason"]) == (None, None, "not_all_submitted")
    await world.submit(two, cycle)

    found = await by_orders(operations, cycle, boot)

    assert found is not None
    assert [each["month"] for each in found["months"]] == ["2026-05-01"], "what is due later is of later forecasts too"
    assert ratios(found) == ("0.2500", "0.2500")


async def test_an_earlier_version_and_a_cycle_by_product_line(world: World) -> None:
    (seller,) = await world.line(1)
    boot = world.peers.add_product()
    operations = await world.operations()
    before = await past_cycle(world, seller, period=QUARTER, granularity="product_line")
    await forecast(world, seller, before, "200.00", lines=[line(boot, "10"), line(boot, "10", JUNE)])
    cycle = await past_cycle(world, seller, period=MONTH, granularity="product_line")
    await order(operations, boot, "8")
    await order(operations, boot, "9", JUNE)
    path = f"/v1/forecast-cycles/{cycle['id']}/accuracy/products"
    asked = f"actuals=orders&version=one_before&product_line_id={boot['product_line_id']}"

    (found,) = (await operations.done("GET", f"{path}?{asked}"))["items"]

    assert (found["product_id"], found["unit"], found["actual_quantity"]) == (None, boot["unit"], "8")
    assert ratios(found) == ("0.2500", "0.2500")


async def test_who_may_measure_by_orders_and_of_what(world: World) -> None:
    top, _ = await world.line(2)
    cycle, operations = await past_cycle(world, top), await world.operations()
    finance, planner = await world.person(None, "finance"), await world.person(None, "production_planner")
    (seat, *_) = (await operations.done("GET", f"/v1/forecast-cycles/{cycle['id']}/accuracy/seats"))["items"]
    for part in ("", "/products"):
        path = f"/v1/forecast-cycles/{cycle['id']}/accuracy{part}?actuals=orders"
        for somebody in (top, finance, planner):
            answer = await somebody.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "may_not_measure_by_orders")
        answer = await operations.get(f"{path}&seat_id={seat['id']}")
        assert (answer.status_code, answer.json()["code"]) == (422, "orders_of_no_seat")
        assert (await (await world.person(None, "marketing")).get(path)).status_code == 200
    assert (await operations.get(f"/v1/forecast-cycles/{cycle['id']}/accuracy/seats?actuals=orders")).status_code == 400
