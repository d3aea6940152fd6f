"""What customers are found by is what their rows say, whoever changed them, however many at once."""

import asyncio
import random
from typing import Any
from uuid import UUID

import pytest

from servicekit.data.transactions import reading, writing
from services.customer.customers import rebuild
from services.customer.customers.actions.matchable import findable
from services.customer.customers.store import records
from services.customer.matching.actions import checking, counting, keeping
from services.customer.matching.actions.deriving import derive
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.statistics import Statistics
from services.customer.matching.store import keys
from services.customer.matching.tables import match_key, search_word
from tests.house import Client, House
from tests.make import Make, word

LETTERS = str.maketrans("0123456789", "ghijklmnop")
HELD = f"""
SELECT (SELECT array_agg(key ORDER BY key) FROM {match_key.name} WHERE customer_id = $1),
    (SELECT array_agg(word ORDER BY word) FROM {search_word.name} WHERE customer_id = $1)
"""


def mark() -> str:
    """Return a word of letters that nothing else in the house is called."""
    return word().translate(LETTERS)


async def check_findable(house: House, customer_id: str) -> None:
    """Compare what is kept of a customer with what its row, names, identifiers and addresses say, nothing counted."""
    async with reading(house.service("customer").database) as tx:
        (detail,) = await tx.all(records.READ_MANY, ids=[UUID(customer_id)])
        wanted = derive(findable(detail), Statistics())
        kept = (await keys.kept(tx, [detail.id]))[detail.id]
        held = await (await tx.raw_connection()).fetchrow(HELD, detail.id)
    assert (kept.profile, list(kept.keys), list(kept.words)) == (wanted.profile, wanted.keys, wanted.words)
    assert (held[0], sorted(held[1])) == (wanted.keys, wanted.words)


async def version_of(client: Client, customer_id: str) -> str:
    answer = await client.get(f"/v1/customers/{customer_id}")
    return answer.headers["etag"]


async def change(client: Client, customer: dict[str, Any], chance: random.Random) -> None:
    """Change something of a customer, as somebody would; what is refused changes nothing."""
    path, kind = f"/v1/customers/{customer['id']}", chance.randrange(7)
    fields: dict[str, Any] = {}
    if kind == 0:
        fields = {"legal_name": f"{mark()} {chance.choice(['Schuh', '鞋业'])} GmbH"}
    elif kind == 1:
        fields = {"phone": f"+49 40 {chance.randrange(10**6, 10**7)}", "website": f"{mark()}.de"}
    elif kind == 2:
        fields = {"city": chance.choice(["Köln", "深圳", None])}
    if kind < 3:
        await client.patch(path, fields, headers={"If-Match": await version_of(client, customer["id"])})
        return
    detail = await client.done("GET", path)
    if kind == 3:
        await client.post(f"{path}/names", {"kind": "brand", "name": chance.choice([mark(), f"深圳{mark()}"])})
    elif kind == 4:
        await client.post(f"{path}/identifiers", {"scheme": "domain", "value": f"{mark()}.com"})
    elif kind == 5:
        street = {"kind": "other", "line_1": f"{mark()}weg {chance.randrange(1, 99)}", "country": "DE"}
        await client.post(f"{path}/addresses", street)
    else:
        living = [each for each in (*detail["identifiers"], *detail["addresses"]) if each["ended_on"] is None]
        for each in living[:1]:
            part = "addresses" if "line_1" in each else "identifiers"
            await client.post(f"{path}/{part}/{each['id']}/endings", {})


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_changes_it_is_what_a_plain_derivation_says(house: House, make: Make, seed: int) -> None:
    chance, seller = random.Random(seed), await make.seller()  # noqa: S311 (a test's choice)
    customer = await make.customer(seller)
    for _ in range(8):
        await change(seller, customer, chance)
    await check_findable(house, customer["id"])


async def test_many_who_change_one_customer_at_once_leave_it_findable(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    await asyncio.gather(*(change(seller, customer, chance) for chance in map(random.Random, range(12))))
    await check_findable(house, customer["id"])


async def test_checks_go_on_while_customers_are_made(make: Make) -> None:
    seller = await make.seller()
    names = [f"{mark()} Handels" for _ in range(6)]
    companies = [{"legal_name": name, "country": "DE", "city": "Hamburg"} for name in names]

    async def check() -> list[str]:
        answer = await seller.done("POST", "/v1/matches", {"companies": companies})
        return [item["decision"] for item in answer["items"]]

    both = await asyncio.gather(*(make.customer(seller, legal_name=name) for name in names), *(check() for _ in names))
    for decisions in both[len(names) :]:
        assert set(decisions) <= {"matched", "new"}
    assert await check() == ["matched"] * len(names)


async def test_a_base_from_before_is_derived_in_chunks_and_counted(empty_house: House) -> None:
    make = Make(empty_house)
    seller, database = await make.seller(), empty_house.service("customer").database
    made = [await make.customer(seller, legal_name=f"{mark()} Leder") for _ in range(4)]
    async with writing(database) as tx:
        await keeping.drop(tx, [UUID(one["id"]) for one in made[:3]])
    company = {"legal_name": made[0]["legal_name"], "country": "DE", "city": "Hamburg"}
    asked = await seller.done("POST", "/v1/matches", {"companies": [company]})
    assert asked["items"][0]["decision"] == "new"

    await rebuild.bring_up_to_date(database)

    for one in made:
        await check_findable(empty_house, one["id"])
    async with reading(database) as tx:
        statistics = await counting.statistics_of(tx)
        assert not await counting.is_due(tx)
    assert (statistics.companies, statistics.counts["t:leder"]) == (4, 4)


async def test_who_was_found_by_its_rarest_grams_is_found_after_a_new_count(empty_house: House) -> None:
    make = Make(empty_house)
    seller, database = await make.seller(), empty_house.service("customer").database
    customer = await make.customer(seller, legal_name="Rheinische Präzisionswerkzeuge", city="Köln")
    for number in range(5):
        await make.customer(seller, legal_name=f"Präzisionswerkzeuge {mark()} {number}", city="Bonn")
    slip = Company(names=(Name("Rheinische Präzisionwerkzeug"),))
    for _ in range(2):
        async with reading(database) as tx:
            (found,) = await checking.candidates_of(tx, [slip])
        assert UUID(customer["id"]) in found
        await rebuild.recount(database)
