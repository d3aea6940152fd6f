"""Random hierarchies, random work: confirm, omit, win, lose, hand over, gather, adjust, submit, return, approve.

After every step each total is the sum of its parts, and what stands holds each opportunity at most once.
"""

import random
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from tests.forecast.world import Record, World
from tests.house import Client

ADJUSTMENTS = [("delta", "-7.31"), ("delta", "11.00"), ("absolute", "123.45"), ("ratio", "0.83"), ("ratio", "1.17")]
STEPS = 60


@dataclass
class Company:
    """A random reporting line, at most eight deep, and what happens in it."""

    world: World
    chance: random.Random
    people: list[Client] = field(default_factory=list)
    superior: dict[str, str] = field(default_factory=dict)
    opportunities: list[Record] = field(default_factory=list)
    products: list[Record] = field(default_factory=list)
    cycle: Record = field(default_factory=dict)

    async def found(self) -> None:
        """Hire everybody and open a cycle."""
        depths: list[int] = []
        for _ in range(self.chance.randint(4, 10)):
            above = self.chance.choice([at for at, depth in enumerate(depths) if depth < 8][-3:]) if depths else None
            person = await self.world.person(None if above is None else self.people[above])
            if above is not None:
                self.superior[person.id] = self.people[above].id
            depths.append(1 if above is None else depths[above] + 1)
            self.people.append(person)
        self.products = [self.world.peers.add_product(), self.world.peers.add_product("kg", is_whole=False)]
        self.cycle = await self.world.cycle(self.people[0])

    def somebody(self) -> Client:
        """Return anybody."""
        return self.chance.choice(self.people)

    def client(self, person_id: str) -> Client:
        """Return somebody by id."""
        return next(person for person in self.people if person.id == person_id)

    async def step(self) -> None:
        """Do something; what stands against it is refused with a reason, never with a failure of ours."""
        steps = [
            self.confirm,
            self.confirm,
            self.change,
            self.gather,
            self.adjust,
            self.submit,
            self.submit,
            self.decide,
        ]
        await self.chance.choice(steps)()

    async def confirm(self) -> None:
        """Confirm a new opportunity or one that there is."""
        if not self.opportunities or self.chance.random() < 0.5:
            product = self.chance.choice(self.products)
            quantity = str(self.chance.randint(1, 40))
            line = {"product_id": product["id"], "quantity": quantity, "unit_price": "3.33", "delivery_date": None}
            amount = f"{self.chance.randint(0, 20_000) / 100:.2f}"
            principal = self.somebody()
            place = self.chance.choice(["Ghent", "Lyon", None])
            made = self.world.peers.add_opportunity(
                principal.person_id, amount=amount, lines=[line | {"place": place}, line | {"place": None}]
            )
            self.opportunities.append(made)
        opportunity = self.chance.choice(self.opportunities)
        category = self.chance.choice(["commit", "commit", "best_case", "pipeline", "omitted"])
        answer = await self.world.confirm(self.client(opportunity["principal_id"]), self.cycle, opportunity, category)
        assert answer.status_code in {201, 409}, answer.text

    async def change(self) -> None:
        """Win, lose, reopen or hand over an opportunity, and let the service hear of it."""
        if not self.opportunities:
            return
        opportunity, peers = self.chance.choice(self.opportunities), self.world.peers
        if opportunity["state"] != "open":
            peers.change(opportunity, "reopened", state="open", stage="negotiate", decided_on=None)
        elif self.chance.random() < 0.3:
            peers.win(opportunity)
        elif self.chance.random() < 0.3:
            peers.change(opportunity, "lost", state="lost", decided_on="2026-11-01")
        else:
            peers.change(opportunity, "principal_changed", principal_id=self.somebody().id)
        await self.world.settle()

    async def gather(self) -> Record | None:
        """Gather somebody's forecast."""
        answer = await self.somebody().post(f"/v1/forecast-cycles/{self.cycle['id']}/forecasts")
        assert answer.status_code in {201, 409}, answer.text
        return answer.json() if answer.status_code == 201 else None

    async def adjust(self) -> None:
        """Adjust a fresh draft."""
        draft = await self.gather()
        if draft is not None:
            mode, value = self.chance.choice(ADJUSTMENTS)
            category = self.chance.choice([None, None, "commit", "pipeline"])
            given = {} if category is None else {"category": category}
            answer = await self.world.adjust(self.client(draft["person_id"]), draft, mode, value, **given)
            assert answer.status_code in {201, 422}, answer.text

    async def submit(self) -> None:
        """Submit a fresh draft, its flagged adjustments confirmed or withdrawn."""
        draft = await self.gather()
        if draft is None:
            return
        holder, path = self.client(draft["person_id"]), f"/v1/forecasts/{draft['id']}"
        for adjustment in draft["adjustments"]:
            here = f"{path}/adjustments/{adjustment['id']}"
            if (
                adjustment["needs_figure"]
                or self.chance.random() < 0.2
                or (await holder.post(f"{here}/confirmations")).status_code != 201
            ):
                await holder.done("DELETE", here)
        answer = await holder.post(f"{path}/submissions")
        assert answer.status_code in {201, 409}, answer.text

    async def decide(self) -> None:
        """Let a superior return or approve somebody's forecast."""
        levels = await self.world.levels(self.people[0], self.cycle)
        handed_in = [each for each in levels.values() if each["forecast_id"] and each["person_id"] in self.superior]
        if handed_in:
            chosen = self.chance.choice(handed_in)
            superior = self.client(self.superior[chosen["person_id"]])
            kind = self.chance.choice(["returns", "approvals"])
            answer = await self.world.decide(superior, {"id": chosen["forecast_id"]}, kind)
            assert answer.status_code in {201, 409}, answer.text

    async def check(self) -> None:
        """Compare what stands with its parts, and count each opportunity in it."""
        pool = self.world.house.service("forecast").database.pool
        wrong = await pool.fetch(BROKEN_SUMS, self.cycle["id"])
        assert not wrong, wrong
        doubled = await pool.fetch(DOUBLED, self.cycle["id"])
        assert not doubled, doubled
        levels = await self.world.levels(self.people[0], self.cycle)
        for level in levels.values():
            if level["result"] is not None:
                parts = [Decimal(level[name]) for name in ("own", "gathered", "adjustment")]
                assert sum(parts) == Decimal(level["result"])


BROKEN_SUMS = """
WITH cell AS (
    SELECT forecast_id, category, sum(own_amount) AS own, sum(gathered_amount) AS gathered,
           sum(adjustment_amount) AS adjustment,
           sum(gathered_quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM submission_cell GROUP BY 1, 2
), below AS (
    SELECT part.forecast_id, cell.category,
           sum(own_amount + gathered_amount + adjustment_amount) AS amount,
           sum(own_quantity + gathered_quantity + adjustment_quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM submission_part part JOIN submission_cell cell ON cell.forecast_id = part.from_forecast_id GROUP BY 1, 2
), own AS (
    SELECT forecast_id, category, sum(amount) AS amount
    FROM submission_confirmation JOIN confirmation ON id = confirmation_id GROUP BY 1, 2
), adjusted AS (
    SELECT forecast_id, sum(delta) AS amount FROM submission_adjustment GROUP BY 1
)
SELECT total.* FROM submission_total total JOIN forecast ON forecast.id = total.forecast_id
LEFT JOIN cell USING (forecast_id, category) LEFT JOIN below USING (forecast_id, category)
LEFT JOIN own USING (forecast_id, category)
WHERE forecast.cycle_id = $1::uuid AND (
    total.own <> cell.own OR total.gathered <> cell.gathered OR total.adjustment <> cell.adjustment
    OR total.own <> coalesce(own.amount, 0) OR total.gathered <> coalesce(below.amount, 0)
    OR coalesce(cell.pieces, 0) <> coalesce(below.pieces, 0) OR cell.pieces <> trunc(cell.pieces)
)
UNION ALL
SELECT forecast_id, 'adjustments', sum(total.adjustment), max(adjusted.amount), 0
FROM submission_total total JOIN forecast ON forecast.id = total.forecast_id LEFT JOIN adjusted USING (forecast_id)
WHERE forecast.cycle_id = $1::uuid GROUP BY 1, 2
HAVING sum(total.adjustment) <> coalesce(max(adjusted.amount), 0)
"""
"""Submitted totals that are not the sums of their cells, their confirmations, what they gathered, their adjustments."""

DOUBLED = """
WITH RECURSIVE part (top_id, id) AS (
    SELECT handed_in_id, handed_in_id FROM standing
    WHERE cycle_id = $1::uuid AND handed_in_id IS NOT NULL AND stale_since IS NULL
    UNION ALL
    SELECT top_id, from_forecast_id FROM submission_part JOIN part ON submission_part.forecast_id = part.id
)
SELECT top_id, opportunity_id, count(*) FROM part
JOIN submission_confirmation ON submission_confirmation.forecast_id = part.id
JOIN confirmation ON confirmation.id = confirmation_id
GROUP BY 1, 2 HAVING count(*) > 1
"""
"""Opportunities that a record which holds counts more than once."""


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_company_at_random_work(world: World, seed: int) -> None:
    company = Company(world, random.Random(seed))  # noqa: S311 (a company that can be founded again)
    await company.found()
    for number in range(STEPS):
        await company.step()
        if number % 10 == 9:
            await company.check()
    await company.check()
