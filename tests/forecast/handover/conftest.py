"""A world of its own: every program with the scope is told of every plan of the house."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from servicekit.values.dates import quarter_of
from services.forecast.handover import telling
from tests.conftest import Template
from tests.forecast.demand_plan.plans import approved, ordered, publish
from tests.forecast.world import Record, World, open_world
from tests.house import Client

TAKING = ("demand_plans:read", "demand_plans:acknowledge")


@dataclass
class Story:
    """A cycle with a published plan, and those who look at how it is handed over."""

    world: World
    top: Client
    seller: Client
    planner: Client
    cycle: Record
    plans: list[Record] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where the latest version is read."""
        return f"/v1/demand-plans/{self.plans[-1]['id']}"

    @property
    def line_ids(self) -> list[str]:
        """The lines of the latest version."""
        return [line["id"] for line in self.plans[-1]["lines"]]

    async def publish(self, *quantities: str) -> Record:
        """Publish a version in which so much more of new products is sold."""
        if self.plans:
            await self.world.gather(self.seller, self.cycle)
        day = self.cycle["period_start"]
        for quantity in quantities:
            boot = self.world.peers.add_product()
            lines = [ordered(boot, quantity, "10", "Ghent") | {"delivery_date": day}]
            await self.world.confirmed(self.seller, self.cycle, f"{quantity}0.00", lines=lines, expected_close=day)
        await approved(self.world, self.cycle, self.seller, self.top)
        self.plans.append(await publish(self.world, self.cycle))
        await self.look()
        return self.plans[-1]

    async def erp(self, *scopes: str) -> Client:
        """Add an ERP that takes plans in."""
        erp = await self.world.machine(*(scopes or TAKING))
        await self.world.house.settle()
        return erp

    async def look(self) -> int:
        """Let the service look at all hand-overs; return how many ERPs it has told again."""
        await self.world.house.settle()
        return await telling.look(self.world.house.service("forecast"))

    async def answer(self, erp: Client, *answers: Record) -> Record:
        """Answer lines of the latest version."""
        taken: Record = await erp.done("POST", f"{self.path}/line-answers", {"answers": list(answers)})
        return taken

    async def handover(self, erp: Client, version: int = 0) -> Record:
        """Return how an ERP stands to a version, the latest if none is named, as the planner sees it."""
        plan = self.plans[version - 1]
        query = f"receiver_id={erp.id}&plan_id={plan['id']}"
        (found,) = (await self.planner.done("GET", f"/v1/demand-plan-handovers?{query}"))["items"]
        one: Record = found
        return one

    async def events(self, erp: Client | None = None) -> list[dict[str, Any]]:
        """Return what was told of the cycle's plans, to an ERP if one is named."""
        await self.world.house.settle()
        reader = await self.world.machine("forecast:events:read")
        found: list[dict[str, Any]] = []
        after = 0
        while items := (page := await reader.done("GET", f"/v1/forecast/events?limit=1000&after={after}"))["items"]:
            found += items
            after = page["next_after"]
        told = [each for each in found if each["data"].get("cycle_id") == self.cycle["id"]]
        of_plans = [each for each in told if each["type"].startswith("demand_plan.")]
        return [each for each in of_plans if erp is None or each["data"].get("receiver_id") == erp.id]


@pytest.fixture(scope="module")
async def handing_over(template: Template) -> AsyncIterator[World]:
    _, urls = await template.clone()
    async with open_world(urls, template.secrets) as opened:
        yield opened


@pytest.fixture
async def story(handing_over: World) -> Story:
    top, seller = await handing_over.line(2)
    planner = await handing_over.person(None, "production_planner")
    begins = quarter_of(handing_over.house.clock().date()).end
    cycle = await handing_over.cycle(top, period={"kind": "quarter", "start": begins.isoformat()})
    return Story(handing_over, top, seller, planner, cycle)
