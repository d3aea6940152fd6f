"""Whatever has happened, in whatever order it became known: the funnel of every past day is what the histories say."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from servicekit.data.transactions import writing
from services.opportunity.funnel.store import rebuilding
from tests.house import Client, House
from tests.make import Make, word
from tests.opportunity.definitions.test_definitions import publish
from tests.opportunity.histories import batch, codes, item
from tests.opportunity.oracle import PROBABILITIES, Whose, read_oracle, shown

CURRENCIES = ("USD", "EUR", "CHF")
STAGES = list(PROBABILITIES)
OPEN_CRITERIA = {1: ["contact_named", "budget_known"], 2: ["contact_named"]}
"""By version of the funnel: what is done of whatever is entered."""
MOVES = "/v1/funnel-definitions/moves/batches"
LONG_AGO = 800
"""Days before the test begins."""


@dataclass
class Enterprise:
    """People, customers and products, and the opportunities that happened to them."""

    house: House
    draw: random.Random
    operations: Client
    top: Client
    managers: list[Client]
    sellers: list[Client]
    customers: list[dict[str, Any]]
    products: list[dict[str, Any]]
    principal: dict[str, Client] = field(default_factory=dict)
    imported: dict[str, dict[str, Any]] = field(default_factory=dict)
    stages: Sequence[str] = tuple(STAGES)
    version: int = 1
    refused: int = 0

    def scopes(self) -> list[tuple[Client, str, Whose]]:
        """Return who asks for what, and what the oracle calls it."""
        asked = [
            (self.operations, "scope=everything", Whose()),
            *((one, "scope=subtree", Whose(subtree=one.person_id)) for one in (self.top, *self.managers)),
            *((self.top, f"scope=person&person_id={one.id}", Whose(person=one.person_id)) for one in self.sellers[:2]),
        ]
        for customer in self.customers[:2]:
            path = f"scope=customer&customer_id={customer['id']}"
            asked.append((self.operations, path, Whose(customer=UUID(customer["id"]))))
        for line in {product["product_line_id"] for product in self.products}:
            path = f"scope=product_line&product_line_id={line}"
            asked.append((self.operations, path, Whose(product_line=UUID(line))))
        return asked


async def enterprise(house: House, seed: int) -> Enterprise:
    make, operations, admin = Make(house), await house.import_client(), await house.admin()
    top = await make.person()
    managers = [await make.person(top) for _ in range(2)]
    sellers = [await make.person(managers[number % 2]) for number in range(4)]
    superior = {seller.id: managers[number % 2] for number, seller in enumerate(sellers)}
    line_since = (house.clock().date() - timedelta(days=LONG_AGO)).isoformat()
    for person, above in [*((one, top) for one in managers), *((one, superior[one.id]) for one in sellers)]:
        change = {"superior_id": above.id, "from_date": line_since, "reason": "was so all along"}
        await admin.post(f"/v1/people/{person.id}/superior-changes", change)
    parent = await make.customer(top)
    customers = [parent, await make.customer(top, parent_id=parent["id"]), await make.customer(top)]
    products = [await make.product(), await make.product()]
    rate = {"from_currency": "EUR", "to_currency": "USD", "date": line_since, "rate": "1.0837"}
    await operations.done("POST", "/v1/exchange-rates", rate)
    await house.settle()
    draw = random.Random(seed)  # noqa: S311 (it keeps no secret)
    return Enterprise(house, draw, operations, top, managers, sellers, customers, products)


async def reform(world: Enterprise) -> None:
    """The enterprise defines its own funnel; what runs goes on as it did until it is moved."""
    await publish(world.operations)
    world.version, world.stages = 2, ("talk", "offer")


async def move_on(world: Enterprise) -> None:
    """Some opportunities are moved to the present version of the funnel."""
    if not world.principal:
        return
    ids = world.draw.sample(sorted(world.principal), min(3, len(world.principal)))
    items = [{"opportunity_id": each, "to_version": world.version, "reason": "Three steps now."} for each in ids]
    answer = await world.operations.done("POST", MOVES, {"items": items})
    assert set(codes(answer["items"])) <= {"updated", "unchanged", "opportunity_closed"}


async def happen(world: Enterprise) -> None:
    """Let something happen; what the product refuses has not happened."""
    draw = world.draw
    if world.version > 1 and draw.random() < 0.15:
        await move_on(world)
        return
    happenings = [
        arrive,
        arrive,
        move,
        move,
        move,
        decide,
        reopen,
        change,
        change,
        say,
        say,
        hand_over,
        reorganise,
        tell_again,
    ]
    await draw.choice(happenings)(world)


async def arrive(world: Enterprise) -> None:
    """A new opportunity is entered, or comes with a long history, perhaps of what is long over."""
    draw = world.draw
    seller = draw.choice(world.sellers)
    terms = _terms(world) | {"name": f"Opportunity {word()}"}
    if draw.random() < 0.5:
        body = terms | {"principal_id": seller.id, "stage": draw.choice(world.stages)}
        body["criteria"] = OPEN_CRITERIA[world.version]
        made = await world.operations.done("POST", "/v1/opportunities", body)
        world.principal[made["id"]] = seller
        return
    told = item(seller, with_owners(world, history(world, draw.randint(0, 12)), seller), **terms)
    (outcome,) = await batch(world.operations, told)
    assert outcome["outcome"] == "created", outcome
    world.principal[outcome["id"]] = seller
    world.imported[outcome["id"]] = told


def history(
    world: Enterprise,
    length: int,
    since: datetime | None = None,
    *,
    is_open: bool = True,
    stages: Sequence[str] = (),
) -> list[Any]:
    """Return a history that can have been: stages skipped and gone back to, outcomes, reopenings, equal instants."""
    draw, now = world.draw, world.house.clock()
    at = since or now - timedelta(days=draw.randint(1, LONG_AGO), minutes=draw.randint(0, 1440))
    entries: list[dict[str, Any]] = []
    for number in range(length):
        gap = timedelta(days=draw.choice([0, 0, 1, 7, 40]), minutes=draw.choice([0, 0, 90, 700]))
        at = min(at + gap, now - timedelta(seconds=1))
        entry: dict[str, Any] = {"at": at.astimezone(UTC).isoformat()}
        kind = draw.random()
        if is_open and kind < 0.2 and (number or since):
            entry["outcome"] = draw.choice(["won", "lost"])
            is_open = False
        elif kind < 0.85 or not (number or since):
            entry["to_stage"] = draw.choice(stages or world.stages)
            is_open = True
        if not (entry.keys() & {"outcome", "to_stage"}) or draw.random() < 0.3:
            entry["amount"] = f"{draw.randint(0, 90_000)}.{draw.randint(0, 99):02}"
        if draw.random() < 0.3:
            other = {
                name: told for name, told in _terms(world).items() if name in {"customer_id", "expected_close", "lines"}
            }
            entry |= dict(draw.sample(sorted(other.items()), draw.randint(1, 3)))
        entries.append(entry)
    return entries


def with_owners(world: Enterprise, entries: list[dict[str, Any]], last: Client) -> list[dict[str, Any]]:
    """Return the history with principal owners, perhaps: somebody from the beginning, at last the present one."""
    if not entries or world.draw.random() < 0.5:
        return entries
    for number, entry in enumerate(entries):
        if number == 0 or world.draw.random() < 0.2:
            entry["principal_id"] = world.draw.choice(world.sellers).id
    entries[-1]["principal_id"] = last.id
    return entries


async def move(world: Enterprise) -> None:
    if (one := _drawn(world)) is None:
        return
    body: dict[str, Any] = {"to_stage": world.draw.choice(world.stages), "reason": "so it is"}
    body["ends_manual_probability"] = world.draw.random() < 0.3
    who = world.principal[one]
    if world.draw.random() < 0.4:
        who, body["at"] = world.operations, _earlier(world)
    await _try(world, who, f"/v1/opportunities/{one}/stage-changes", body)


async def decide(world: Enterprise) -> None:
    if (one := _drawn(world)) is None:
        return
    outcome = world.draw.choice(["won", "lost"])
    body: dict[str, Any] = {"outcome": outcome} | ({"loss_reason": "price"} if outcome == "lost" else {})
    who = world.principal[one]
    if world.draw.random() < 0.4:
        who, body["decided_at"] = world.operations, _earlier(world)
    await _try(world, who, f"/v1/opportunities/{one}/outcomes", body)


async def reopen(world: Enterprise) -> None:
    if (one := _drawn(world)) is not None:
        body = {"to_stage": world.draw.choice(world.stages), "reason": "they called again"}
        await _try(world, world.principal[one], f"/v1/opportunities/{one}/reopenings", body)


async def change(world: Enterprise) -> None:
    """Amount, currency, customer, lines or expected close become others."""
    if (one := _drawn(world)) is None:
        return
    path, who = f"/v1/opportunities/{one}", world.operations
    version = (await who.done("GET", path))["version"]
    terms = _terms(world)
    changed = {name: terms[name] for name in world.draw.sample(sorted(terms), world.draw.randint(1, 3))}
    if "currency" in changed:
        changed |= {"amount": terms["amount"], "lines": terms["lines"]}
    answer = await who.patch(path, changed, if_match=version)
    assert answer.status_code in {200, 409}, answer.text
    world.refused += answer.status_code == 409


async def say(world: Enterprise) -> None:
    """Somebody says how likely a win is, or that the stage says it again."""
    if (one := _drawn(world)) is None:
        return
    body: dict[str, Any] = {"probability": world.draw.choice([None, "0", "0.42", "1"]), "reason": "a feeling"}
    who = world.principal[one]
    if world.draw.random() < 0.4:
        who, body["at"] = world.operations, _earlier(world)
    await _try(world, who, f"/v1/opportunities/{one}/probability-changes", body)


async def hand_over(world: Enterprise) -> None:
    """A superior gives an opportunity to somebody else."""
    if (one := _drawn(world)) is None:
        return
    present, proposed = world.principal[one], world.draw.choice(world.sellers)
    body = {"principal_id": proposed.id, "reason": "moves on"}
    if await _try(world, world.top, f"/v1/opportunities/{one}/principal-changes", body) and proposed is not present:
        world.principal[one] = proposed


async def reorganise(world: Enterprise) -> None:
    """Somebody reports to another manager from today on, or as it turns out since some time."""
    seller, manager = world.draw.choice(world.sellers), world.draw.choice(world.managers)
    since = world.house.clock().date() - timedelta(days=world.draw.choice([0, 0, 20, 200]))
    change = {"superior_id": manager.id, "from_date": since.isoformat(), "reason": "reorganised"}
    admin = await world.house.admin()
    await admin.post(f"/v1/people/{seller.id}/superior-changes", change)
    await world.house.settle()


async def tell_again(world: Enterprise) -> None:
    """The other system tells the same again, or what has happened there since."""
    if not world.imported:
        return
    one = world.draw.choice(sorted(world.imported))
    told, now = world.imported[one], world.house.clock()
    last = told["history"][-1] if told["history"] else None
    since = datetime.fromisoformat(last["at"]) if last else now - timedelta(days=1)
    is_open = all("outcome" not in entry for entry in told["history"][-1:])
    runs_on = (await world.operations.done("GET", f"/v1/opportunities/{one}"))["funnel_version"]
    stages = STAGES if runs_on == 1 else world.stages
    later = history(world, world.draw.randint(0, 3), since, is_open=is_open, stages=stages)
    more = told | {"history": [*told["history"], *later]}
    (outcome,) = await batch(world.operations, more)
    if outcome["problem"]:
        assert outcome["problem"]["code"] in {
            "principal_conflict",
            "history_out_of_order",
            "history_after_end",
            "decided_before_opened",
        }, outcome
        world.refused += 1
    else:
        world.imported[one] = more
        assert codes(await batch(world.operations, more)) == ["unchanged"]


def _terms(world: Enterprise) -> dict[str, Any]:
    draw, today = world.draw, world.house.clock().date()
    wanted = draw.sample(world.products, draw.randint(0, 2))
    customer = draw.choice([*world.customers, None])
    return {
        "currency": draw.choice(CURRENCIES),
        "amount": draw.choice([None, f"{draw.randint(0, 90_000)}.{draw.randint(0, 99):02}"]),
        "customer_id": customer["id"] if customer else None,
        "expected_close": draw.choice([None, (today + timedelta(days=draw.randint(-30, 300))).isoformat()]),
        "lines": [
            {
                "product_id": product["id"],
                "quantity": str(draw.randint(1, 9)),
                "unit_price": draw.choice([None, "19.99", "0.01"]),
            }
            for product in wanted
        ],
    }


def _drawn(world: Enterprise) -> str | None:
    return world.draw.choice(sorted(world.principal)) if world.principal else None


def _earlier(world: Enterprise) -> str:
    return (world.house.clock() - timedelta(hours=world.draw.randint(1, 600))).isoformat()


async def _try(world: Enterprise, who: Client, path: str, body: dict[str, Any]) -> bool:
    answer = await who.post(path, body)
    assert answer.status_code in {200, 201, 409, 422}, answer.text
    world.refused += answer.status_code >= 400
    return answer.is_success


async def check(world: Enterprise, days: Sequence[date]) -> None:
    """Compare what the funnel of every scope says of each day with what the histories say."""
    oracle = await read_oracle(world.house)
    for client, scope, whose in world.scopes():
        for day in days:
            answer = await client.done("GET", f"/v1/funnel?{scope}&as_of={day.isoformat()}")
            rates = {"USD": Decimal(1)} | {one["from_currency"]: Decimal(one["factor"]) for one in answer["rates"]}
            told = oracle.told(oracle.funnel_on(day, whose), rates)
            assert shown(answer) == told, f"{scope} as of {day}"


async def live(
    house: House, seed: int, *, days: int, happenings: int, looked_at: int, reformed_on: int | None = None
) -> Enterprise:
    """Let an enterprise live for so many days, with so many happenings on each, and look at days gone by.

    On the last happening of day `reformed_on`, counted from 1, it defines its own funnel.
    """
    world = await enterprise(house, seed)
    began = house.clock().date()
    lived = []
    for _ in range(days):
        lived.append(house.clock().date())
        for _ in range(happenings):
            await happen(world)
        if len(lived) == reformed_on:
            await reform(world)
        await check(world, [house.clock().date()])
        if world.draw.random() < 0.5:
            await house.service("opportunity").relay.fold()
        house.clock.move(days=world.draw.choice([1, 1, 3, 25]), minutes=world.draw.randint(0, 600))
    today = house.clock().date()
    past = [began - timedelta(days=world.draw.randint(0, LONG_AGO)) for _ in range(looked_at)]
    between = [began + timedelta(days=world.draw.randint(0, (today - began).days)) for _ in range(looked_at)]
    await check(world, [today, *past, *lived, *between])
    async with writing(house.service("opportunity").database) as tx:
        await rebuilding.rebuild(tx)
    await check(world, [today, *lived[:2]])
    return world


async def test_every_answer_about_the_past_is_what_the_histories_say(empty_house: House) -> None:
    world = await live(empty_house, 6, days=5, happenings=14, looked_at=5, reformed_on=3)
    assert len(world.principal) > 8, "too little happened to be worth looking at"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(8))
async def test_the_same_of_longer_and_other_lives(empty_house: House, seed: int) -> None:
    reformed_on = 6 if seed % 2 else None
    world = await live(empty_house, seed, days=12, happenings=40, looked_at=20, reformed_on=reformed_on)
    assert min(len(world.imported), world.refused) > 0, "too little happened to be worth looking at"
