"""A business unit in a world: its head, a line of its people, its catalogue, and the sources that forecast for it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from servicekit.values.ids import new_id
from tests.forecast.world import Record, World
from tests.house import Client

NOVEMBER, DECEMBER = "2026-11-01", "2026-12-01"


@dataclass
class Market:
    """A unit whose top and seller forecast in a cycle, and marketing, who looks at what others forecast."""

    world: World
    unit_id: UUID
    head: Client
    top: Client
    seller: Client
    marketing: Client
    cycle: Record
    products: list[Record] = field(default_factory=list)

    @classmethod
    async def open(cls, world: World, **cycle: Any) -> "Market":
        """Found a unit and open a cycle for it."""
        unit_id = new_id()
        head = await world.person()
        world.peers.units.append({"id": unit_id, "name": "Outdoor", "parent_id": None, "head_id": head.person_id})
        top = await world.person(unit_id=unit_id)
        seller = await world.person(top)
        marketing = await world.person(None, "marketing")
        opened = await world.cycle(top, **cycle)
        return cls(world, unit_id, head, top, seller, marketing, opened)

    async def product(self, unit: str = "pair", *, is_whole: bool = True) -> Record:
        """Add a product with a line of its own."""
        product = self.world.peers.add_product(unit, is_whole=is_whole)
        await self.world.settle()
        self.products.append(product)
        return product

    async def source(self, name: str = "Nordic Sports", kind: str = "distributor", **given: Any) -> Record:
        """Name a source of the unit."""
        body = {"business_unit_id": str(self.unit_id), "name": name, "kind": kind, **given}
        source: Record = await self.marketing.done("POST", "/v1/forecast-sources", body)
        return source

    async def say(self, source: Record, *lines: Record, by: Client | None = None, **given: Any) -> httpx.Response:
        """Enter what a source forecasts."""
        body = {"source_id": source["id"], "cycle_id": self.cycle["id"], "lines": list(lines), **given}
        return await (by or self.marketing).post("/v1/channel-forecasts", body)

    async def said(self, source: Record, *lines: Record, **given: Any) -> Record:
        """Enter what a source forecasts, which is taken."""
        answer = await self.say(source, *lines, **given)
        assert answer.status_code == 201, answer.text
        made: Record = answer.json()
        return made


def figure(product: Record, amount: str | None = None, quantity: str | None = None, **given: Any) -> Record:
    """Return a line of a source's forecast about a product's line, in November unless another month is given."""
    line = {"product_line_id": product["product_line_id"], "month": NOVEMBER, **given}
    line |= {} if amount is None else {"amount": amount, "currency": given.get("currency", "USD")}
    return line if quantity is None else line | {"quantity": quantity}
