"""A random company at random work: confirm, omit, win, lose, hand over, gather, adjust, submit, return, approve, leave.

People join, seats pass to successors and superiors, what was handed in is sent back and handed in again, and plans are
published, one after the other or all at once.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from servicekit.data.violations import Busy
from tests.forecast.world import Record, World
from tests.house import Client

ADJUSTMENTS = [("delta", "-7.31"), ("delta", "11.00"), ("absolute", "123.45"), ("ratio", "0.83"), ("ratio", "1.17")]
EURO = {"from_currency": "EUR", "to_currency": "USD", "date": "2026-01-01", "rate": "1.0837"}
BRANCHING = 3
"""So many of those who came last get somebody below them, or anybody in a wide company."""


@dataclass
class Company:
    """A random reporting line of a depth, and what happens in it."""

    world: World
    chance: random.Random
    people: list[Client] = field(default_factory=list)
    """Who holds a seat of their own, the top first."""
    superior: dict[str, str] = field(default_factory=dict)
    depth_of: dict[str, int] = field(default_factory=dict)
    kept: list[tuple[Client, str]] = field(default_factory=list)
    """Who holds the seat of somebody who left, too."""
    opportunities: list[Record] = field(default_factory=list)
    products: list[Record] = field(default_factory=list)
    cycle: Record = field(default_factory=dict)
    operations: Client = field(init=False)
    leaving: set[str] = field(default_factory=set)
    """Who leaves, or could not."""
    former: dict[str, Client] = field(default_factory=dict)
    deepest: int = 8
    is_calm: bool = True
    hearing: asyncio.Lock = field(default_factory=asyncio.Lock)
    done: set[str] = field(default_factory=set)
    """What has been done, and not only tried."""

    async def found(self, people: int, *, is_wide: bool = False) -> None:
        """Hire a line as deep as it may be, then others below anybody (or below who came last), and open a cycle."""
        await self._hire(None)
        for number in range(1, people):
            if number < self.deepest:
                above = self.people[-1]
            else:
                able = [each for each in self.people if self.depth_of[each.id] < self.deepest]
                above = self.chance.choice(able if is_wide else able[-BRANCHING:])
            await self._hire(above)
        self.products = [self.world.peers.add_product(), self.world.peers.add_product("kg", is_whole=False)]
        self.operations = await self.world.operations()
        self.world.peers.rates.append(EURO)
        self.cycle = await self.world.cycle(self.people[0])
        self.world.peers.rates.remove(EURO)  # a cycle keeps the rates with which it opened

    async def _hire(self, above: Client | None) -> Client:
        person = await self.world.person(above)
        self._seat(person, above)
        return person

    def _seat(self, person: Client, above: Client | None) -> None:
        if above is not None:
            self.superior[person.id] = above.id
        self.depth_of[person.id] = 1 if above is None else self.depth_of[above.id] + 1
        self.people.append(person)

    @property
    def path(self) -> str:
        """Where the cycle is."""
        return f"/v1/forecast-cycles/{self.cycle['id']}"

    async def levels(self, by: Client) -> list[Record]:
        """Return every seat as somebody sees it, from the top down."""
        levels: list[Record] = (await by.done("GET", f"{self.path}/roll-up"))["levels"]
        return levels

    def somebody(self) -> Client:
        """Return anybody."""
        return self.chance.choice(self.people)

    def holder(self) -> tuple[Client, str | None]:
        """Return anybody with a seat to work in: their own, or one of somebody who left."""
        return self.chance.choice(self.kept) if self.kept and self.chance.random() < 0.2 else (self.somebody(), None)

    def client(self, person_id: str) -> Client:
        """Return somebody by id."""
        return next((each for each in self.people if each.id == person_id), None) or self.former[person_id]

    def expect(self, answer: httpx.Response, *statuses: int) -> bool:
        """Tell whether it was done; when many act at once it may also be too late for it, never a failure of ours."""
        expected = set(statuses) if self.is_calm else {200, 201, 403, 404, 409, 422}
        assert answer.status_code in expected, answer.text
        return answer.is_success

    async def step(self) -> None:
        """Do something that somebody would do."""
        often = [self.confirm, self.confirm, self.submit, self.submit]
        seldom = [self.change, self.gather, self.adjust, self.decide, self.leave, self.join, self.publish]
        chosen: Callable[[], Coroutine[Any, Any, bool]] = self.chance.choice([*often, *seldom])
        if await chosen():
            self.done.add(chosen.__name__)

    async def confirm(self) -> bool:
        """Confirm a new opportunity or one that there is."""
        if not self.opportunities or self.chance.random() < 0.5:
            self.opportunities.append(self.prospect())
        opportunity = self.chance.choice(self.opportunities)
        category = self.chance.choice(["commit", "commit", "best_case", "pipeline", "omitted"])
        principal = self.client(opportunity["principal_id"])
        return self.expect(await self.world.confirm(principal, self.cycle, dict(opportunity), category), 201, 409)

    def prospect(self) -> Record:
        """Return a new opportunity with two lines, in one of two currencies."""
        product, place = self.chance.choice(self.products), self.chance.choice(["Ghent", "Lyon", None])
        line = {"product_id": product["id"], "unit_price": "3.33", "delivery_date": None, "place": place}
        lines = [line | {"quantity": str(self.chance.randint(1, 40))} for _ in range(2)]
        amount, currency = f"{self.chance.randint(0, 20_000) / 100:.2f}", self.chance.choice(["USD", "EUR"])
        principal = self.somebody().person_id
        return self.world.peers.add_opportunity(principal, amount=amount, currency=currency, lines=lines)

    async def change(self) -> bool:
        """Win, lose, reopen or hand over an opportunity, and let the service hear of it."""
        if not self.opportunities:
            return False
        opportunity, peers = self.chance.choice(self.opportunities), self.world.peers
        if opportunity["state"] != "open":
            peers.change(opportunity, "reopened", state="open", stage="negotiate", decided_on=None)
        elif self.chance.random() < 0.3:
            peers.win(opportunity)
        elif self.chance.random() < 0.3:
            peers.change(opportunity, "lost", state="lost", decided_on="2026-11-01")
        else:
            peers.change(opportunity, "principal_changed", principal_id=self.somebody().id)
        await self.hear()
        return True

    async def hear(self) -> None:
        """Let the service hear of what happened, once at a time; who stands in another's way tries again."""
        async with self.hearing:
            with contextlib.suppress(*([] if self.is_calm else [Busy])):
                await self.world.settle()

    async def leave(self) -> bool:
        """Let somebody leave: seat and opportunities pass to somebody new, or to the superior."""
        leaver = self.chance.choice(self.people[1:])
        superior = self.client(self.superior[leaver.id])
        seat = (await self.world.levels(superior, self.cycle)).get(leaver.id)
        keeps_others = any(holder is leaver for holder, _ in self.kept)
        if seat is None or keeps_others or leaver.id in self.leaving or self.chance.random() < 0.5:
            return False
        self.leaving.add(leaver.id)
        successor = await self.world.person(superior) if self.chance.random() < 0.6 else None
        body = {"reason": "left the company"} | ({"successor_id": successor.id} if successor else {})
        if not self.expect(await superior.post(f"{self.path}/seats/{seat['seat_id']}/successions", body), 201):
            return False
        follows = successor or superior
        self._take_over(leaver, follows, seat["seat_id"])
        for opportunity in self.opportunities:
            if opportunity["principal_id"] == leaver.id:
                self.world.peers.change(opportunity, "principal_changed", principal_id=follows.id)
        await self.hear()
        return True

    def _take_over(self, leaver: Client, follows: Client, seat_id: str) -> None:
        """Put somebody in the place of who left: someone new, or the superior with a second seat."""
        self.former[leaver.id] = leaver
        if follows in self.people:
            self.people.remove(leaver)
            self.kept.append((follows, seat_id))
        else:
            self.people[self.people.index(leaver)] = follows
            self.superior[follows.id] = self.superior[leaver.id]
            self.depth_of[follows.id] = self.depth_of[leaver.id]
        for person, above in self.superior.items():
            if above == leaver.id:
                self.superior[person] = follows.id

    async def join(self) -> bool:
        """Let somebody join after the cycle has opened, below who asks for it."""
        above = self.somebody()
        if self.depth_of[above.id] >= self.deepest:
            return False
        person = await self.world.person(above)
        body = {"person_id": person.id, "superior_id": above.id, "reason": "joined in November"}
        if not self.expect(await self.operations.post(f"{self.path}/seats", body), 201, 409):
            return False
        self._seat(person, above)
        return True

    async def gathered(self) -> tuple[Client, Record] | None:
        """Gather somebody's forecast."""
        holder, seat_id = self.holder()
        answer = await holder.post(f"{self.path}/forecasts", {"seat_id": seat_id} if seat_id else None)
        return (holder, answer.json()) if self.expect(answer, 201, 409) else None

    async def gather(self) -> bool:
        """Gather, and leave it at that."""
        return await self.gathered() is not None

    async def adjust(self) -> bool:
        """Adjust a fresh draft."""
        found = await self.gathered()
        if found is None:
            return False
        holder, draft = found
        mode, value = self.chance.choice(ADJUSTMENTS)
        category = self.chance.choice([None, None, "commit", "pipeline"])
        given = {} if category is None else {"category": category}
        return self.expect(await self.world.adjust(holder, draft, mode, value, **given), 201, 422)

    async def submit(self) -> bool:
        """Submit somebody's fresh draft."""
        found = await self.gathered()
        return found is not None and await self.hand_in(*found)

    async def hand_in(self, holder: Client, draft: Record) -> bool:
        """Submit a draft, its flagged adjustments confirmed or withdrawn."""
        path = f"/v1/forecasts/{draft['id']}"
        for adjustment in draft["adjustments"]:
            here = f"{path}/adjustments/{adjustment['id']}"
            keeps = not adjustment["needs_figure"] and self.chance.random() < 0.8
            if not keeps or not self.expect(await holder.post(f"{here}/confirmations"), 201, 422):
                self.expect(await holder.delete(here), 200)
        return self.expect(await holder.post(f"{path}/submissions"), 201, 409)

    async def decide(self) -> bool:
        """Let a superior return or approve the forecast of somebody directly below."""
        superior = self.client(self.superior[self.chance.choice(self.people[1:]).id])
        levels = await self.world.levels(superior, self.cycle)
        handed_in = [
            each for person, each in levels.items() if each["forecast_id"] and self.superior.get(person) == superior.id
        ]
        if not handed_in:
            return False
        kind = self.chance.choice(["returns", "approvals"])
        chosen = {"id": self.chance.choice(handed_in)["forecast_id"]}
        return self.expect(await self.world.decide(superior, chosen, kind), 201, 409)

    async def publish(self) -> bool:
        """Let sales operations approve the top and publish, if it can be."""
        (top,) = (await self.operations.done("GET", f"{self.path}/tops"))["items"]
        if top["state"] != "submitted":
            return False
        if not self.expect(await self.world.decide(self.operations, {"id": top["forecast_id"]}, "approvals"), 201, 409):
            return False
        answer = await self.operations.post(f"{self.path}/demand-plans")
        return self.expect(answer, 201, 409) or answer.json()["code"] == "plan_unchanged"

    async def finish(self) -> Record:
        """Let everybody hand in again, from the bottom up, and publish; return the plan."""
        await self.world.settle()
        levels = await self.levels(self.operations)
        holders = {level["seat_id"]: self.client(level["person_id"]) for level in levels}
        for level in reversed(levels):
            holder, superior = holders[level["seat_id"]], holders.get(level["superior_seat_id"], self.operations)
            if level["state"] == "approved" and superior is not holder:
                answer = await self.world.decide(superior, {"id": level["forecast_id"]}, "returns")
                assert answer.status_code == 201, answer.text
            answer = await holder.post(f"{self.path}/forecasts", {"seat_id": level["seat_id"]})
            assert answer.status_code == 201 or superior is holder, answer.text
            assert answer.status_code == 409 or await self.hand_in(holder, answer.json())
        assert await self.publish()
        plans = await self.operations.done("GET", f"/v1/demand-plans?cycle_id={self.cycle['id']}")
        plan: Record = await self.operations.done("GET", f"/v1/demand-plans/{plans['items'][0]['id']}")
        return plan
