"""Steps up to a published plan."""

from tests.forecast.world import Record, World
from tests.house import Client


async def approved(world: World, cycle: Record, *people: Client) -> None:
    """Let everybody submit, the lowest first, and have the last one approved."""
    *_, whole = [await world.submit(person, cycle) for person in people]
    answer = await world.decide(await world.operations(), whole, "approvals")
    assert answer.status_code == 201, answer.text


async def publish(world: World, cycle: Record) -> Record:
    plan: Record = await (await world.operations()).done("POST", f"/v1/forecast-cycles/{cycle['id']}/demand-plans")
    return plan


def ordered(product: Record, quantity: str, price: str, place: str | None = None) -> Record:
    return {
        "product_id": product["id"],
        "quantity": quantity,
        "unit_price": price,
        "delivery_date": "2026-12-05",
        "place": place,
    }
