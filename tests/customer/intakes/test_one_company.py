"""Invariant 1: intakes of one company give one customer, at once and in any order."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.customer.intakes.spellings import intakes_of
from tests.customer.intakes.test_intakes import about, arrive
from tests.house import Client
from tests.make import Make, word

AT_ONCE = 50


async def outcomes(by: Client, mark: str) -> Counter[tuple[str, str]]:
    """Return how often what became of the intakes of a word, and of which customer."""
    listed = await by.done("GET", "/v1/intakes?limit=500")
    return Counter(
        (one["outcome"], one["customer_id"]) for one in listed["items"] if mark in one["legal_name"].casefold()
    )


async def received(by: Client, body: dict[str, Any]) -> dict[str, Any]:
    """Send an intake until it is taken in: whoever is told that somebody is at it sends it again."""
    while True:
        answer = await by.post("/v1/intakes", body)
        if answer.status_code != 409:
            assert answer.status_code == 201, answer.text
            made: dict[str, Any] = answer.json()
            return made


@pytest.mark.parametrize("round_", range(5))
async def test_fifty_intakes_of_one_company_at_once_are_one_customer(
    make: Make, credit_code: Callable[[], str], round_: int
) -> None:
    head = await make.person()
    sellers = [await make.person(head) for _ in range(5)]
    bodies = intakes_of(word(), credit_code(), Random(round_), AT_ONCE)  # noqa: S311 - any order will do

    made = await asyncio.gather(*(received(sellers[place % 5], body) for place, body in enumerate(bodies)))

    kept = [await head.done("GET", f"/v1/intakes/{one['id']}") for one in made]
    reviewed = [one for one in kept if one["outcome"] == "review"]
    assert Counter(one["outcome"] for one in kept) == {"new": 1, "matched": AT_ONCE - 1}, str(reviewed)
    assert len({one["customer_id"] for one in kept}) == 1


async def test_single_ones_and_batches_and_typed_ones_at_once_are_one_customer(
    make: Make, operations: Client, credit_code: Callable[[], str]
) -> None:
    mark = word()
    bodies = intakes_of(mark, credit_code(), Random(7), 60)  # noqa: S311
    others = [about(f"{mark} {number}", country="CN", city="Shanghai") for number in range(8)]

    async def batch(place: int) -> None:
        items = [*bodies[20 + place * 10 : 30 + place * 10], *others]
        Random(place).shuffle(items)  # noqa: S311
        answer = await operations.done("POST", "/v1/intakes/batches", {"items": items})
        assert {one["outcome"] for one in answer["items"]} == {"created"}

    async def typed(body: dict[str, Any]) -> None:
        assert (await operations.post("/v1/customers", body["company"])).status_code in {201, 409}

    await asyncio.gather(
        *(received(operations, body) for body in bodies[:15]),
        *(batch(place) for place in range(4)),
        *(typed(body) for body in bodies[15:20]),
    )

    customers = await operations.done("GET", f"/v1/customers?search={mark}&limit=500")
    assert len(customers["items"]) == 1 + len(others)


@pytest.mark.parametrize("shared", ["name", "number"])
async def test_one_who_types_it_and_ones_who_tell_of_it_make_one_customer(
    make: Make, operations: Client, credit_code: Callable[[], str], shared: str
) -> None:
    """Whoever types it makes it, or is told that it is there; whoever tells of it then tells of that one."""
    for round_ in range(6):
        mark, number = word(), [{"scheme": "uscc", "value": credit_code()}]

        def spelled(place: int, mark: str = mark, number: Any = number) -> dict[str, Any]:
            if shared == "number":
                return about(f"{word()} {mark}", country="CN", city="Shanghai", identifiers=number)
            return about((f"{mark} GmbH", f"{mark.upper()} AG", f"{mark}, G.m.b.H.")[place % 3])

        told, typed = await asyncio.gather(
            asyncio.gather(*(received(operations, spelled(place)) for place in range(3))),
            asyncio.gather(*(operations.post("/v1/customers", spelled(place)["company"]) for place in range(3))),
        )

        statuses = Counter(answer.status_code for answer in typed)
        assert statuses[201] <= 1, round_
        assert statuses[201] + statuses[409] == 3
        kept = [await operations.done("GET", f"/v1/intakes/{one['id']}") for one in told]
        (customer,) = {one["customer_id"] for one in kept}
        assert {answer.json()["id"] for answer in typed if answer.status_code == 201} <= {customer}
        assert Counter(one["outcome"] for one in kept)["new"] == 1 - statuses[201]
        found = await operations.done("GET", f"/v1/customers?search={mark}&limit=500")
        assert [one["id"] for one in found["items"]] == [customer]


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_gives_the_same_customers(make: Make, credit_code: Callable[[], str], seed: int) -> None:
    """Several companies, each of several intakes: whatever comes first, there are as many customers as companies."""
    seller, chance = await make.seller(), Random(seed)  # noqa: S311
    marks = [word() for _ in range(4)]
    bodies = [body for mark in marks for body in intakes_of(mark, credit_code(), chance, 6)]
    chance.shuffle(bodies)

    for body in bodies:
        await arrive(seller, body)

    for mark in marks:
        found = await outcomes(seller, mark)
        assert sorted(found.values()) == [1, 5], found
        assert len({customer for _, customer in found}) == 1


def near(mark: str, number: int, street: str = "Hauptstraße") -> dict[str, Any]:
    """Return an intake of a company whose name nobody spells alike: phone and address say that it is one."""
    name = f"{mark.capitalize()} {('Shoe Factory', 'Shoes Factory', 'Shoe Factories', 'Shoefactory')[number % 4]} GmbH"
    own = int(mark, 16)  # a phone and a house that no other test has
    address = {
        "kind": "headquarters",
        "line_1": f"{street} {own % 899 + 1}",
        "postal_code": "50667",
        "city": "Köln",
        "country": "DE",
    }
    return about(name, phone=f"+49 221 {own % 10**7:07d}", addresses=[address])


async def test_what_only_the_score_tells_is_never_made_twice_at_once(make: Make) -> None:
    seller, mark = await make.seller(), word()

    made = await asyncio.gather(*(received(seller, near(mark, number)) for number in range(12)))

    assert Counter(one["outcome"] == "new" for one in made) == {True: 1, False: 11}
    known = {one["customer_id"] for one in made if one["outcome"] == "matched"}
    assert known <= {one["customer_id"] for one in made if one["outcome"] == "new"}


async def test_the_same_name_and_phone_at_another_address_is_a_question(make: Make) -> None:
    seller, mark = await make.seller(), word()
    first = await arrive(seller, near(mark, 0))

    asked = await arrive(seller, near(mark, 0, "Aachener Weg"))

    assert (first["outcome"], asked["outcome"]) == ("new", "review")
    (candidate,) = asked["candidates"]
    assert {"name", "phone"} <= set(candidate["agreed"])
    assert "address" not in candidate["agreed"]
