"""Reading what is loaded through the public API."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from keyaccount.api_client import ApiClient, Refused
from keyaccount.reporting.figures import Forecast, Level, Plan, PlanLine, Report, Stage, Total

T = TypeVar("T")
_DOWN = 503


@dataclass
class Reader:
    """Asks for the parts of a report; a service that is down leaves its part out and is named."""

    client: ApiClient
    unavailable: list[str] = field(default_factory=list)

    async def read(self, as_of: date | None) -> Report:
        """Return the report, as of a past date if one is given."""
        funnel = await self.client.get(
            "/v1/funnel", {"scope": "everything", "as_of": as_of.isoformat() if as_of else None}
        )
        customers = await self._if_up("customer", self._count("/v1/customers"))
        cycle = await self._if_up("forecast", self._latest_cycle())
        return Report(
            customers=customers or 0,
            currency=funnel["currency"],
            as_of=funnel["as_of"],
            rate_date=funnel["rate_date"],
            won=_total(funnel["won"]),
            lost=_total(funnel["lost"]),
            open=_total(funnel["open"]),
            stages=tuple(_stage(stage) for stage in funnel["stages"]),
            simulated=funnel["simulated_count"],
            unconverted=funnel["unconverted"],
            forecast=await self._forecast(cycle) if cycle else None,
            demand_plan=await self._plan(cycle) if cycle else None,
            unavailable=tuple(self.unavailable),
        )

    async def _if_up(self, service: str, question: Awaitable[T]) -> T | None:
        try:
            return await question
        except Refused as refused:
            if refused.status != _DOWN:
                raise
            self.unavailable.append(service)
            return None

    async def _count(self, path: str) -> int:
        total = (await self.client.get(path, {"limit": 1, "total": True}))["total"]
        if total.isdigit():
            return int(total)
        counted = 0
        async for _ in self.client.pages(path):  # above 10,000 only the whole list says how many
            counted += 1
        return counted

    async def _latest_cycle(self) -> dict[str, Any] | None:
        page = await self.client.get("/v1/forecast-cycles", {"state": "open", "limit": 1})
        return page["items"][0] if page["items"] else None

    async def _forecast(self, cycle: dict[str, Any]) -> Forecast:
        roll_up = await self.client.get(f"/v1/forecast-cycles/{cycle['id']}/roll-up")
        return Forecast(_period(cycle), tuple(_level(level) for level in roll_up["levels"]))

    async def _plan(self, cycle: dict[str, Any]) -> Plan | None:
        page = await self.client.get("/v1/demand-plans", {"cycle_id": cycle["id"], "limit": 1})
        if not page["items"]:
            return None
        plan = page["items"][0]
        lines = [line async for line in self.client.pages(f"/v1/demand-plans/{plan['id']}/lines")]
        return Plan(plan["version"], tuple(_plan_line(line) for line in lines))


def _period(cycle: dict[str, Any]) -> str:
    start = date.fromisoformat(cycle["period_start"])
    return f"{start.year} Q{(start.month + 2) // 3}" if cycle["period_kind"] == "quarter" else f"{start:%Y-%m}"


def _total(answer: dict[str, Any]) -> Total:
    return Total(answer["count"], answer["amount"], answer["unknown_amount"])


def _stage(answer: dict[str, Any]) -> Stage:
    return Stage(answer["stage"], answer["count"], answer["amount"], answer["health"], answer["state"])


def _level(answer: dict[str, Any]) -> Level:
    own, from_below = answer["own"], answer["gathered"]
    gathered = None if own is None or from_below is None else str(Decimal(own) + Decimal(from_below))
    return Level(
        answer["name"], answer["level"], answer["state"], own, gathered, answer["adjustment"], answer["result"]
    )


def _plan_line(answer: dict[str, Any]) -> PlanLine:
    product = answer["product_name"] or answer["product_line_id"] or "unspecified"
    return PlanLine(product, answer["month"], answer["place"], answer["quantity"], answer["amount"])
