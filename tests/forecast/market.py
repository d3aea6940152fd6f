"""A business unit in a world: its head, a line of its people, its catalogue, and the sources that forecast for it."""

from dataclasses import dataclass, field
from decimal import Decimal
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

    async def sells(
        self, product: Record, quantity: str, price: str, place: str | None = None, day: str = "2026-11-20"
    ) -> Record:
        """Confirm an opportunity of the seller's for a product, delivered on a day at a place."""
        line = {"product_id": product["id"], "quantity": quantity, "unit_price": price, "delivery_date": day}
        amount = f"{Decimal(quantity) * Decimal(price):.2f}"
        lines = [line | {"place": place}]
        return await self.world.confirmed(self.seller, self.cycle, amount, lines=lines)

    async def hand_in(self) -> None:
        """Submit up to the top, and have that approved."""
        await self.world.submit(self.seller, self.cycle)
        top = await self.world.submit(self.top, self.cycle)
        approved = await self.head.post(f"/v1/forecasts/{top['id']}/approvals")
        assert approved.status_code == 201, approved.text

    async def gather(self, by: Client | None = None) -> httpx.Response:
        """Gather the unit's comparison."""
        body = {"cycle_id": self.cycle["id"], "business_unit_id": str(self.unit_id)}
        return await (by or self.marketing).post("/v1/forecast-comparisons", body)

    async def compared(self) -> Record:
        """Gather the unit's comparison, which can be."""
        answer = await self.gather()
        assert answer.status_code == 201, answer.text
        comparison: Record = answer.json()
        return comparison

    async def lines(self, comparison: Record, query: str = "") -> dict[tuple[str | None, str], Record]:
        """Return the lines of a comparison by product line and month."""
        page = await self.marketing.done("GET", f"/v1/forecast-comparisons/{comparison['id']}/lines?limit=500{query}")
        return {(line["product_line_id"], line["month"]): line for line in page["items"]}

    async def decide(self, comparison: Record, *decisions: Record, by: Client | None = None) -> httpx.Response:
        """Decide lines of a comparison as it was read."""
        body = {"version": comparison["version"], "decisions": list(decisions)}
        return await (by or self.marketing).post(f"/v1/forecast-comparisons/{comparison['id']}/decisions", body)

    async def publish(self) -> httpx.Response:
        """Publish the demand plan of the cycle."""
        return await self.marketing.post(f"/v1/forecast-cycles/{self.cycle['id']}/demand-plans")


def decision(product: Record, choice: str, month: str = NOVEMBER, **given: Any) -> Record:
    """Return a decision on a product's line."""
    about = {"product_line_id": product["product_line_id"], "month": month}
    return about | {"choice": choice, "reason": "seen at the fair", **given}


def figure(product: Record, amount: str | None = None, quantity: str | None = None, **given: Any) -> Record:
    """Return a line of a source's forecast about a product's line, in November unless another month is given."""
    line = {"product_line_id": product["product_line_id"], "month": NOVEMBER, **given}
    line |= {} if amount is None else {"amount": amount, "currency": given.get("currency", "USD")}
    return line if quantity is None else line | {"quantity": quantity}
