"""One company told of from several processes at once: whatever they write, the base has it once.

Each process is a client of its own with connections of its own; all wait for one another before they send.
"""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from threading import BrokenBarrierError
from typing import Any

import httpx

from servicekit.values.ids import new_id
from tests.customer.intakes.spellings import told_of
from tests.system.instance import Person

CLIENTS, EACH = 5, 10
AT_ONCE = CLIENTS * EACH
PATIENCE_SECONDS = 60.0
BUSY = 409

_together: Any = None


@dataclass(frozen=True)
class Teller:
    """Who tells of a company, and where to."""

    url: str
    token: str


def tell(teller: Teller, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send intakes all at once, when the other clients do, and return what was answered."""
    return asyncio.run(_tell(teller, bodies))


async def _tell(teller: Teller, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {teller.token}"}
    async with httpx.AsyncClient(base_url=teller.url, headers=headers, timeout=PATIENCE_SECONDS) as http:
        await asyncio.gather(*(http.get("/v1/intakes?limit=1") for _ in bodies))  # so that each has its connection
        try:
            _together.wait(PATIENCE_SECONDS)
        except BrokenBarrierError as broken:
            raise AssertionError("The other clients are not ready.") from broken
        return await asyncio.gather(*(_taken(http, body) for body in bodies))


async def _taken(http: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Send an intake, with its key, until it is taken in: whoever is told that somebody is at it sends it again."""
    key = str(new_id())
    while True:
        answer = await http.post("/v1/intakes", json=body, headers={"idempotency-key": key})
        if answer.status_code != BUSY:
            assert answer.is_success, answer.text
            taken: dict[str, Any] = answer.json()
            return taken


def _take_barrier(barrier: Any) -> None:
    global _together  # noqa: PLW0603 - a barrier is only handed to a process when it starts
    _together = barrier


@contextmanager
def clients() -> Iterator[ProcessPoolExecutor]:
    """Yield as many processes as tell at once."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(CLIENTS)
    with ProcessPoolExecutor(CLIENTS, spawn, initializer=_take_barrier, initargs=(barrier,)) as pool:
        yield pool


def told_at_once(pool: ProcessPoolExecutor, sellers: Sequence[Person], everything: Person, round_: int) -> None:
    """Tell of one company in 20 spellings, and see that the base has it once and every word of it."""
    chance = Random(round_)  # noqa: S311 - any order will do
    bodies = told_of(chance, AT_ONCE, chinese=bool(round_ % 2))
    before = [_total(everything, "customers"), _total(everything, "intakes")]
    given = [
        pool.submit(tell, Teller(str(seller.http.base_url), seller.token), bodies[place::CLIENTS])
        for place, seller in enumerate(sellers)
    ]
    taken = [one for each in given for one in each.result()]

    assert [_total(everything, "customers"), _total(everything, "intakes")] == [before[0] + 1, before[1] + AT_ONCE]
    latest = everything.get(f"/v1/intakes?limit={AT_ONCE}")["items"]
    assert {one["id"] for one in latest} == {one["id"] for one in taken}
    assert Counter(one["outcome"] for one in latest) == {"new": 1, "matched": AT_ONCE - 1}, bodies
    sent = Counter(body["company"]["legal_name"].strip() for body in bodies)
    assert Counter(one["legal_name"] for one in latest) == sent
    (customer_id,) = {one["customer_id"] for one in latest}
    customer = everything.get(f"/v1/customers/{customer_id}")
    assert [one["scheme"] for one in customer["identifiers"]] == ["domain"]
    assert customer["phone"] in {body["company"].get("phone") for body in bodies} - {None}


def _total(person: Person, what: str) -> int:
    return int(person.get(f"/v1/{what}?total=true&limit=1")["total"])
