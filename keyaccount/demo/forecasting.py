"""One forecast of the demo, walked through the public API as its people would: confirmed, submitted, judged, approved.

Each step looks first at what is done already, so that a walk that was cut off goes on where it stopped.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from keyaccount.api_client import ApiClient
from keyaccount.demo.sign_ins import Person
from keyaccount.demo.simulation import quarter_start

STAGES = ("set_target", "shortlist", "selected", "negotiate")
"""Which stages the demo's cycle takes."""
_CATEGORIES = {"negotiate": "commit", "selected": "commit", "shortlist": "best_case"}
_HANDED_IN = frozenset({"submitted", "approved"})
_AT_ONCE = 3

Progress = Callable[[], None]


@dataclass
class Walk:
    """A cycle on its way up."""

    operations: ApiClient
    persons: Mapping[str, Person]
    progress: Progress

    async def through(self, loading_day: date, head_id: str) -> None:
        """Walk the forecast of the quarter of `loading_day`, of everybody below `head_id`."""
        cycle = await self._cycle(loading_day, head_id)
        levels = await self._levels(cycle)
        for level in sorted({seat["level"] for seat in levels}):
            await self._walk_level(cycle, [seat for seat in levels if seat["level"] == level])
        for top in await self._levels(cycle):
            if top["superior_seat_id"] is None and top["state"] == "submitted":
                comment = {"comment": "Approved for production planning."}
                await self.operations.post(f"/v1/forecasts/{top['forecast_id']}/approvals", comment)
        plans = await self.operations.get("/v1/demand-plans", {"cycle_id": cycle["id"]})
        if not plans["items"]:
            await self.operations.post(f"/v1/forecast-cycles/{cycle['id']}/demand-plans")

    async def _cycle(self, loading_day: date, head_id: str) -> dict[str, Any]:
        start = quarter_start(loading_day)
        name = f"{start.year} Q{(start.month + 2) // 3}"
        found = await self.operations.get("/v1/forecast-cycles", {"period_start": start.isoformat()})
        cycle: dict[str, Any] | None = next((each for each in found["items"] if each["name"] == name), None)
        if cycle is None:
            cycle = await self.operations.post(
                "/v1/forecast-cycles",
                {
                    "name": name,
                    "period": {"kind": "quarter", "start": start.isoformat()},
                    "currency": "USD",
                    "confirmable_stages": STAGES,
                    "head_ids": [head_id],
                },
            )
        if cycle["state"] == "draft":
            cycle = await self.operations.post(f"/v1/forecast-cycles/{cycle['id']}/openings")
        return cycle

    async def _levels(self, cycle: Mapping[str, Any]) -> list[dict[str, Any]]:
        answer = await self.operations.get(f"/v1/forecast-cycles/{cycle['id']}/roll-up")
        levels: list[dict[str, Any]] = answer["levels"]
        return levels

    async def _walk_level(self, cycle: Mapping[str, Any], seats: Sequence[Mapping[str, Any]]) -> None:
        free = asyncio.Semaphore(_AT_ONCE)

        async def walk(number: int, seat: Mapping[str, Any]) -> None:
            async with free:
                if seat["state"] not in _HANDED_IN:
                    async with self.operations.another(self.persons[seat["person_id"]].sign_in) as client:
                        await _Seat(client, cycle, seat, number).walk()
                self.progress()

        await asyncio.gather(*(walk(number, seat) for number, seat in enumerate(seats)))


@dataclass
class _Seat:
    """What one person does in the cycle."""

    client: ApiClient
    cycle: Mapping[str, Any]
    seat: Mapping[str, Any]
    number: int

    @property
    def _path(self) -> str:
        return f"/v1/forecast-cycles/{self.cycle['id']}"

    async def walk(self) -> None:
        if self.seat["forecast_id"] is None:
            await self._confirm()
        record = await self.client.post(f"{self._path}/forecasts")
        if self.seat["level"] > 1 and not record["adjustments"]:
            await self._judge(record)
        await self.client.post(f"/v1/forecasts/{record['id']}/submissions")

    async def _confirm(self) -> None:
        async for candidate in self.client.pages(f"{self._path}/candidates"):
            if candidate["state"] == "open" and candidate["said"] is None and candidate["stage"] in STAGES:
                await self.client.post(
                    f"{self._path}/confirmations",
                    {
                        "opportunity_id": candidate["id"],
                        "opportunity_version": candidate["version"],
                        "category": _CATEGORIES.get(candidate["stage"], "pipeline"),
                    },
                )

    async def _judge(self, record: Mapping[str, Any]) -> None:
        """Revise what came from below, in one of the three modes; nothing committed leaves nothing to judge."""
        by_category = {each["category"]: each for each in record["by_category"]}
        committed = Decimal(by_category["commit"]["gathered"])
        if committed <= 0:
            return
        mode, value, reason = _JUDGEMENTS[(self.number + self.seat["level"]) % len(_JUDGEMENTS)]
        await self.client.post(
            f"/v1/forecasts/{record['id']}/adjustments",
            {"mode": mode, "value": value(committed), "category": "commit", "reason": reason},
        )


def _share(part: str) -> Callable[[Decimal], str]:
    return lambda committed: str((committed * Decimal(part)).quantize(Decimal(1), ROUND_DOWN))


_JUDGEMENTS: tuple[tuple[str, Callable[[Decimal], str], str], ...] = (
    ("ratio", lambda _: "0.95", "Commitments of the last quarters came in at about 95 %."),
    ("delta", _share("0.02"), "A framework order is about to be called off earlier."),
    ("absolute", _share("0.97"), "One of the larger deals may slip into the next quarter."),
)
