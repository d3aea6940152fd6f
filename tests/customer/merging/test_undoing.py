"""An undoing is exact, whatever was there before and whatever was added meanwhile."""

import random
from typing import Any

import pytest

from tests.customer.merging.companies import line_of, merge, state_of, undo
from tests.house import Client
from tests.make import Make, word

KINDS = ("names", "addresses", "contacts", "identifiers", "children")


async def _add(
    make: Make, by: Client, customer_id: str, kind: str, *, chance: random.Random, emails: list[str]
) -> None:
    path = f"/v1/customers/{customer_id}"
    if kind == "names":
        await by.done("POST", f"{path}/names", {"kind": "brand", "name": f"Brand {word()}"})
    elif kind == "addresses":
        await by.done("POST", f"{path}/addresses", {"kind": "other", "line_1": word(), "country": "DE"})
    elif kind == "identifiers":
        await by.done("POST", f"{path}/identifiers", {"scheme": "domain", "value": f"{word()}.com"})
    elif kind == "children":
        await make.customer(by, parent_id=customer_id)
    else:
        there = (await by.done("GET", f"/v1/contacts?customer_id={customer_id}&limit=500"))["items"]
        taken = {each["email"] for each in there}
        free = [each for each in emails if each not in taken]
        body: dict[str, Any] = {"customer_id": customer_id, "name": f"Contact {word()}"}
        body |= {"email": chance.choice(free)} if free and chance.random() < 0.6 else {}
        body |= {"reports_to_id": chance.choice(there)["id"]} if there and chance.random() < 0.5 else {}
        await by.done("POST", "/v1/contacts", body)


@pytest.mark.parametrize("seed", range(3))
async def test_what_came_returns_and_what_was_added_stays(make: Make, operations: Client, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (the same each time)
    line = await line_of(make)
    emails = [f"{word()}@firm.com" for _ in range(4)]
    ours, theirs, third = [await make.customer(each) for each in (line.first, line.second, line.first)]
    three = (ours["id"], theirs["id"], third["id"])
    for _ in range(12):
        await _add(make, operations, chance.choice(three), chance.choice(KINDS), chance=chance, emails=emails)
    before = {each: await state_of(operations, each) for each in three}

    made = [await merge(line.head, ours["id"], theirs["id"])]
    if chance.random() < 0.7:
        made.append(await merge(line.head, third["id"], ours["id"]))
    last = made[-1]["survivor_id"]
    added = []
    for kind in ("names", "addresses", "identifiers"):
        await _add(make, operations, chance.choice(three[:2]), kind, chance=chance, emails=emails)
        added.append(kind)
    chance.shuffle(made)
    for each in made:
        await undo(line.head, each["survivor_id"], each["id"])

    parts = {"names": "other_names", "addresses": "addresses", "identifiers": "identifiers"}
    for each in three:
        now = await state_of(operations, each)
        for kind, field in parts.items():
            here, there = now["customer"][field], before[each]["customer"][field]
            news = [one for one in here if one not in there]
            assert len(news) == (kind in added and each == last), f"{kind} that were added are the survivor's"
            now["customer"][field] = [one for one in here if one not in news]
        assert now == before[each]
