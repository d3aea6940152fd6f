"""Counters, days, checkpoints and the log are what the histories say, whatever happens at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, reading, writing
from services.opportunity.funnel.store import rebuilding
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item

FIGURES = "count amount unknown_amount simulated manual_amount manual_weighted"
NOT_NOTHING = " OR ".join(f"{name} <> 0" for name in FIGURES.split())
CHANGED = (
    "principal_id funnel_version stage state decided_on currency amount expected_close customer_id manual_probability"
)
BEFORE = ", ".join(f"before_{name}" for name in CHANGED.split())
AFTER = ", ".join(f"after_{name}" for name in CHANGED.split())
COUNTED = {
    name: f"SELECT * FROM {name} WHERE {NOT_NOTHING}" for name in ("funnel_counter", "funnel_day", "funnel_checkpoint")
}
LOG = f"""
SELECT opportunity_id, at, day, simulated, {BEFORE}, {AFTER}
FROM (
    SELECT DISTINCT ON (opportunity_id, at) opportunity_id, at, day, simulated, {BEFORE}
    FROM funnel_change ORDER BY opportunity_id, at, id
) AS first JOIN (
    SELECT DISTINCT ON (opportunity_id, at) opportunity_id, at, {AFTER}
    FROM funnel_change ORDER BY opportunity_id, at, id DESC
) AS last USING (opportunity_id, at)
WHERE ({BEFORE}) IS DISTINCT FROM ({AFTER})
"""
"""What an instant changed: of those who waited for each other one may have come back to where another had begun."""
BROKEN = f"""
SELECT count(*) FROM (
    SELECT ({BEFORE}) IS DISTINCT FROM lag(({AFTER})) OVER in_order AS is_broken, row_number() OVER in_order AS place
    FROM funnel_change WINDOW in_order AS (PARTITION BY opportunity_id ORDER BY at, id)
) AS each WHERE is_broken AND place > 1
"""


async def counted(house: House) -> dict[str, set[Any]]:
    async with reading(house.service("opportunity").database) as tx:
        found = {name: await _rows(tx, sql) for name, sql in (COUNTED | {"log": LOG}).items()}
        assert await tx.value(prepared(text(BROKEN))) == 0
    return found


async def _rows(tx: Questions, sql: str) -> set[Any]:
    return {tuple(row.items()) for row in await tx.all(prepared(text(sql)))}


async def check(house: House) -> dict[str, set[Any]]:
    """Fold what is there, and compare with everything counted anew."""
    service = house.service("opportunity")
    await service.relay.fold()
    before = await counted(house)
    async with writing(service.database) as tx:
        await rebuilding.rebuild(tx)
    after = await counted(house)
    for name, rows in after.items():
        assert before[name] ^ rows == set(), f"{name} was not what the histories say"
    return after


class Storm:
    """People who change opportunities, all at once, while their superiors change and the relay folds."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.make = Make(house)
        self.draw = random.Random(seed)  # noqa: S311 (it keeps no secret)
        self.opportunities: list[tuple[dict[str, Any], Client]] = []
        self.told: list[dict[str, Any]] = []
        self.done = 0

    async def begin(self, sellers: int, opportunities: int) -> None:
        self.admin, self.operations = await self.house.admin(), await self.house.import_client()
        self.top = await self.make.person()
        self.managers = [await self.make.person(self.top) for _ in range(3)]
        self.sellers = [await self.make.person(self.managers[place % 3]) for place in range(sellers)]
        for place in range(opportunities):
            seller = self.sellers[place % sellers]
            criteria = ["contact_named", "budget_known"]
            self.opportunities.append((await self.make.opportunity(seller, amount="10.00", criteria=criteria), seller))
        await self.tell_history()

    async def rage(self, changes: int, at_once: int) -> None:
        """Let so many changes happen, the relay folding and people moving meanwhile."""
        share = [changes // at_once] * at_once
        working = asyncio.gather(*(self._work(count) for count in share))
        while not working.done():
            await self.house.service("opportunity").relay.fold()
            await self._reorganise()
            await asyncio.wait([working], timeout=0.02)
        await working

    async def _work(self, count: int) -> None:
        kinds: list[Callable[[], Awaitable[Any]]] = [
            *([self.move] * 5),
            self.move_late,
            self.decide,
            self.reopen,
            self.change_amount,
            self.hand_over,
            self.say,
            self.tell_history,
        ]
        for _ in range(count):
            await self.draw.choice(kinds)()
            self.done += 1

    async def _reorganise(self) -> None:
        one, manager = self.draw.choice(self.sellers), self.draw.choice(self.managers)
        since = self.house.clock().date() - timedelta(days=self.draw.choice([0, 100]))
        moved = {"superior_id": manager.id, "from_date": since.isoformat(), "reason": "reorganised"}
        await self.admin.post(f"/v1/people/{one.id}/superior-changes", moved)
        await self.house.settle()

    def _drawn(self) -> tuple[str, Client]:
        one, seller = self.draw.choice(self.opportunities)
        return f"/v1/opportunities/{one['id']}", seller

    async def _post(self, who: Client, path: str, body: dict[str, Any]) -> None:
        """Post what may be refused, by a rule or because too much happens at once; then nothing has happened."""
        answer = await who.post(path, body)
        assert answer.status_code in {201, 403, 404, 409, 422, 503}, answer.text

    async def move(self) -> None:
        path, _ = self._drawn()
        await self._post(self.operations, f"{path}/stage-changes", {"to_stage": self._stage(), "reason": "so it is"})

    async def move_late(self) -> None:
        path, _ = self._drawn()
        told = {"to_stage": self._stage(), "reason": "so it was", "at": ago(self.house, seconds=self.draw.random())}
        await self._post(self.operations, f"{path}/stage-changes", told)

    async def decide(self) -> None:
        path, _ = self._drawn()
        outcome = self.draw.choice([{"outcome": "won"}, {"outcome": "lost", "loss_reason": "price"}])
        await self._post(self.operations, f"{path}/outcomes", outcome)

    async def reopen(self) -> None:
        path, _ = self._drawn()
        await self._post(self.operations, f"{path}/reopenings", {"to_stage": self._stage(), "reason": "again"})

    async def say(self) -> None:
        path, _ = self._drawn()
        ratio = self.draw.choice(["0", "0.5", "0.7512", None])
        at = {"at": ago(self.house, seconds=self.draw.random())} if self.draw.random() < 0.5 else {}
        said = {"probability": ratio, "reason": "a feeling"} | at
        await self._post(self.operations, f"{path}/probability-changes", said)

    async def change_amount(self) -> None:
        path, _ = self._drawn()
        version = (await self.operations.done("GET", path))["version"]
        amount = self.draw.choice([None, "5.00", "77.77"])
        answer = await self.operations.patch(path, {"amount": amount, "currency": "EUR"}, if_match=version)
        assert answer.status_code in {200, 409, 412, 503}, answer.text

    async def hand_over(self) -> None:
        path, _ = self._drawn()
        change = {"principal_id": self.draw.choice(self.sellers).id, "reason": "moves on"}
        await self._post(self.top, f"{path}/principal-changes", change)

    async def tell_history(self) -> None:
        """A history that began long ago comes in, or goes on in a way that became known late."""
        begun = self.draw.randint(40, 500)
        history = [{"at": ago(self.house, days=begun), "to_stage": self._stage(), "amount": "12.34"}]
        if self.told and self.draw.random() < 0.5:
            told = self.draw.choice(self.told)
            more = {"at": ago(self.house, days=self.draw.randint(0, 30)), "to_stage": self._stage()}
            told["history"] = [*told["history"], more]
            await batch(self.operations, told)
            return
        told = item(self.draw.choice(self.sellers), history)
        self.told.append(told)
        await batch(self.operations, told)

    def _stage(self) -> str:
        return self.draw.choice(["find_contact", "confirm_need", "map_organisation", "shortlist", "negotiate"])


async def test_what_is_counted_after_a_storm_is_what_the_histories_say(empty_house: House) -> None:
    storm = Storm(empty_house, 1)
    await storm.begin(sellers=4, opportunities=12)
    await storm.rage(changes=400, at_once=8)
    found = await check(empty_house)
    assert len(found["log"]) > 100, "too little happened to be worth looking at"


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_what_is_counted_after_ten_thousand_changes_at_once(empty_house: House) -> None:
    storm = Storm(empty_house, 2)
    await storm.begin(sellers=12, opportunities=120)
    await storm.rage(changes=10_000, at_once=16)
    await check(empty_house)
