"""How far off the forecast of each product was, month by month."""

from typing import Any

from tests.forecast.accuracy.past import QUARTER, accuracy, forecast, past_cycle, ratios
from tests.forecast.world import Record, World
from tests.house import Client


def line(product: Record, quantity: str, price: str, delivered: str | None = None) -> Record:
    return {"product_id": product["id"], "quantity": quantity, "unit_price": price, "delivery_date": delivered}


async def products_of(by: Client, cycle: Record, **query: Any) -> dict[str | None, Record]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    page = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/accuracy/products?{asked}")
    return {each["product_id"]: each for each in page["items"]}


async def win(world: World, opportunity: Record, amount: str, *lines: Record) -> None:
    world.peers.win(opportunity, "2026-06-10", amount=amount, lines=list(lines))
    await world.settle()


async def test_by_product_and_month_errors_do_not_cancel(world: World) -> None:
    """Boots a month and a year later than forecast, as many in all: each month is off, the total is not."""
    (seller,) = await world.line(1)
    boot, glue = world.peers.add_product(), world.peers.add_product("kg", is_whole=False)
    cycle = await past_cycle(world, seller)
    may, year_later = "2026-05-15", "2027-05-15"
    opportunity = await forecast(
        world, seller, cycle, "150.00", lines=[line(boot, "10", "10", may), line(glue, "2.5", "20", may)]
    )
    await win(world, opportunity, "160.00", line(boot, "10", "10", year_later), line(glue, "3", "20", may))

    found, whole = await products_of(seller, cycle), await accuracy(seller, cycle)

    boots, kilos = found[boot["id"]], found[glue["id"]]
    assert (*ratios(boots), boots["total_wape"]) == ("2.0000", "0.0000", "0.0000")
    assert [(each["month"], each["forecast"], each["actual"]) for each in boots["months"]] == [
        ("2026-05-01", "100.00", "0.00"),
        ("2027-05-01", "0.00", "100.00"),
    ]
    assert ratios(kilos) == ("0.1667", "-0.1667")
    assert (kilos["forecast_quantity"], kilos["actual_quantity"], kilos["unit"]) == ("2.5", "3", "kg")
    assert (kilos["product_code"], kilos["error"]) == (glue["code"], "10.00")
    assert list(found) == [boot["id"], glue["id"]], "the furthest off first"
    assert (ratios(whole["products"]), whole["products"]["total_wape"]) == (("1.3125", "-0.0625"), "0.0625")
    assert whole["products"]["forecast"] == whole["total"]["forecast"]


async def test_the_highest_seat_in_time_speaks_for_all_below(world: World) -> None:
    top, seller = await world.line(2)
    boot = world.peers.add_product()
    cycle = await past_cycle(world, top)
    opportunity = await forecast(world, seller, cycle, "100.00", lines=[line(boot, "10", "10", "2026-06-20")])
    await win(world, opportunity, "80.00", line(boot, "8", "10", "2026-06-20"))
    assert await products_of(top, cycle) == {}, "the top has submitted nothing"
    assert (await accuracy(top, cycle))["products"]["reason"] == "nothing_submitted"
    draft = await world.gather(top, cycle)
    assert (await world.adjust(top, draft, "ratio", "0.9")).status_code == 201
    await top.done("POST", f"/v1/forecasts/{draft['id']}/submissions")

    by_top, by_seller = await products_of(top, cycle), await products_of(seller, cycle)

    assert ratios(by_top[boot["id"]]) == ("0.1250", "0.1250"), "a tenth less than the seller said"
    assert ratios(by_seller[boot["id"]]) == ("0.2500", "0.2500")


async def test_a_cycle_by_product_line_is_measured_by_product_line(world: World) -> None:
    (seller,) = await world.line(1)
    one = world.peers.add_product()
    other = world.peers.add_product()
    other["product_line_id"] = one["product_line_id"]
    world.peers.tell("opportunity", "product.changed", other | {"version": 2})
    cycle = await past_cycle(world, seller, granularity="product_line")
    opportunity = await forecast(world, seller, cycle, "100.00", lines=[line(one, "10", "10")])
    await win(world, opportunity, "100.00", line(other, "10", "10", "2026-05-20"))

    found = await products_of(seller, cycle, product_line_id=one["product_line_id"])

    assert set(found) == {None}
    assert ratios(found[None]) == ("0.0000", "0.0000")
    assert found[None]["product_line_id"] == one["product_line_id"]


async def test_products_are_paged_and_of_an_earlier_version_too(world: World) -> None:
    (seller,) = await world.line(1)
    products = [world.peers.add_product() for _ in range(3)]
    before = await past_cycle(world, seller, period=QUARTER)
    lines = [line(product, "1", f"{10 * place}") for place, product in enumerate(products, 1)]
    opportunity = await forecast(world, seller, before, "60.00", lines=lines)
    cycle = await past_cycle(world, seller, period={"kind": "month", "start": "2026-05-01"})
    await win(world, opportunity, "60.00")
    path = f"/v1/forecast-cycles/{cycle['id']}/accuracy/products?version=one_before&limit=2&sort=-forecast&total=true"

    page = await seller.done("GET", path)
    rest = await seller.done("GET", f"{path}&cursor={page['next']}")

    assert [each["forecast"] for each in [*page["items"], *rest["items"]]] == ["30.00", "20.00", "10.00"]
    assert (page["total"], rest["next"]) == ("3", None)
    assert (await seller.get(path.replace("one_before", "two_before"))).status_code == 409
