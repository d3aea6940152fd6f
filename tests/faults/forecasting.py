"""A forecast cycle under way: sellers confirm and submit, superiors gather, adjust and submit, up to the head."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from servicekit.values.dates import utc_now
from tests.faults.calling import Ask, Caller
from tests.faults.company import Person
from tests.faults.history import Call, Outcome
from tests.faults.traffic import quarter_end

CONFIRMED_AT_ONCE = 5


async def open_cycle(caller: Caller) -> str:
    """Define a cycle of this quarter for both heads, and open it."""
    line, operations = caller.line(), caller.company.operations
    end = quarter_end(utc_now().date())
    body = {
        "name": "This quarter",
        "period": {"kind": "quarter", "start": str(end.replace(month=end.month - 2, day=1))},
        "currency": "USD",
        "head_ids": [head.id for head in caller.company.levels["head"]],
    }
    made = await caller.post(line, operations, Ask("create_cycle", "/v1/forecast-cycles", body, "cycle"))
    cycle = str(made.answer["id"])
    opening = Ask("open_cycle", f"/v1/forecast-cycles/{cycle}/openings", None, "opening", cycle)
    await caller.post(line, operations, opening)
    line.close()
    return cycle


class Forecaster:
    """Works through one head's line again and again, from below."""

    def __init__(self, caller: Caller, head: Person, cycle: str, rng: random.Random) -> None:
        self._caller = caller
        self._head = head
        self._cycle = f"/v1/forecast-cycles/{cycle}"
        self._rng = rng
        self._line = caller.line()

    async def run(self, going: Callable[[], bool], pause: float) -> None:
        """Go round as long as it goes on."""
        while going():
            for manager in self._caller.company.below(self._head):
                for seller in self._caller.company.below(manager):
                    if not going():
                        break
                    await self._confirm(seller)
                    await self._hand_in(seller)
                    await asyncio.sleep(pause)
                await self._hand_in(manager, adjust=True)
            await self._hand_in(self._head)
        self._line.close()

    async def _confirm(self, seller: Person) -> None:
        answer, _, _ = await self._caller.read(self._line, seller, f"{self._cycle}/candidates?limit=20")
        if answer is None or answer.status != 200:
            return
        items = answer.json()["items"]
        for item in self._rng.sample(items, min(len(items), CONFIRMED_AT_ONCE)):
            body = {"opportunity_id": item["id"], "opportunity_version": item["version"]}
            body["category"] = self._rng.choice(("commit", "best_case", "omitted"))
            await self._post(seller, "confirm", f"{self._cycle}/confirmations", body)

    async def _hand_in(self, person: Person, *, adjust: bool = False) -> None:
        draft = await self._post(person, "gather", f"{self._cycle}/forecasts")
        if draft.outcome is not Outcome.ACKNOWLEDGED:
            return
        path = f"/v1/forecasts/{draft.answer['id']}"
        if adjust:
            body = {"mode": "delta", "value": f"{self._rng.randrange(1, 10**5) / 100:.2f}"}
            await self._post(person, "adjust", f"{path}/adjustments", body)
        await self._post(person, "submit", f"{path}/submissions")

    async def _post(self, person: Person, operation: str, path: str, body: Any = None) -> Call:
        mark = f"{self._rng.getrandbits(48):012x}"
        if operation == "adjust":
            body = body | {"reason": mark}
        return await self._caller.post(self._line, person, Ask(operation, path, body, mark))
