"""What a uniqueness check and a search cost beside a single read, and how many of the true ones are candidates at all.

The base is loaded with what the service derives, by the service's own code; requests are names as people write them, so
the truth is known. `blocking_recall` is how often the company meant is among those that are compared.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from random import Random
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psutil
from rich.console import Console
from rich.table import Table

from bench.data import copy, fill_in_people, inside
from bench.instance import Instance, fresh_instance
from bench.intakes import intake_operations, measure_intakes
from bench.load import Job
from bench.loading import LoadGenerator, Measured
from bench.measuring import Plan
from bench.operations import SLOTS, Request
from bench.people import Organisation
from bench.registered import Registered, misspelled, registered
from keyaccount.database_urls import with_database
from keyaccount.provisioning import DATABASE
from servicekit.data.database import Database
from servicekit.data.transactions import reading
from services.customer.customers import rebuild
from services.customer.customers.actions.rederiving import AT_ONCE as _DERIVED_AT_ONCE
from services.customer.matching.actions import checking
from services.customer.matching.actions.deriving import REVISION, Findable, counted_keys, derive
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_city
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.statistics import Statistics, count

SERVICE = "customer"
ALLOWED = {"check_latin": 10.0, "check_chinese": 30.0}
"""How many times the p99 of a single read a check may take at most."""
_LONGER, _PATIENCE, _LEAST = 8, 2, 100
"""A run is so many times as long as others', for a p99 needs answers; slow ones are waited for so much longer."""
_AT_ONCE = 10_000
_COUNTED_BEFORE = 30_000
_ASKED = 400
_LOOKED_UP = 1_000
_COLUMNS = (
    *("id", "kind", "legal_name", "name_key", "country", "city", "city_key", "discriminator", "phone", "tier"),
    *("account_manager_id", "origin", "attributes", "search_text", "created_by", "created_at", "updated_at"),
)
_INDEXED = {"match_key": "key, customer_id", "search_word": "word, customer_id"}


@dataclass
class Checks:
    """What was measured at one size."""

    customers: int
    filling_seconds: float = 0.0
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    recall: dict[str, float] = field(default_factory=dict)
    memory_mb: list[float] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    intakes: list[dict[str, Any]] = field(default_factory=list)

    def p99(self, name: str) -> float:
        """Return the median of the rounds' p99, in milliseconds."""
        return median(one.p99_ms for one in self.runs[name])

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""
        read = self.p99("get")
        return {
            "customers": self.customers,
            "filling_seconds": round(self.filling_seconds),
            "rows_of_tables": self.rows,
            "rows": [
                {
                    "operation": name,
                    "p50_ms": round(median(one.p50_ms for one in runs), 2),
                    "p99_ms": round(self.p99(name), 2),
                    "times_a_read": round(self.p99(name) / read, 1),
                    "most_times": ALLOWED.get(name),
                    "kept": None if name not in ALLOWED else self.p99(name) <= ALLOWED[name] * read,
                    "requests": sum(one.requests for one in runs),
                    "cpu_ms": {who: round(spent, 2) for who, spent in runs[-1].cpu_ms.items()},
                }
                for name, runs in self.runs.items()
            ],
            "blocking_recall": {name: round(share, 4) for name, share in self.recall.items()},
            "service_memory_mb": self.memory_mb,
            "intakes": self.intakes,
        }

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(title=f"checks and searches on {self.customers:,} customers, one connection")
        table.add_column("operation")
        for heading in ("p50 ms", "p99 ms", "× a read", "at most"):
            table.add_column(heading, justify="right")
        for row in self.content()["rows"]:
            figures = (f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['times_a_read']:.1f}")
            table.add_row(row["operation"], *figures, "" if row["most_times"] is None else f"{row['most_times']:.0f}")
        console.print(table)
        told = ", ".join(f"{name} {share:.1%}" for name, share in self.recall.items())
        console.print(
            f"blocking recall: {told}; service's memory over the rounds: {self.memory_mb} MB", highlight=False
        )
        for row in self.intakes:
            console.print(", ".join(f"{name} {value}" for name, value in row.items()), highlight=False)


async def run(plan: Plan, tell: Callable[[str], None]) -> Checks:
    """Measure at the largest size of the plan."""
    size = max(plan.sizes)
    found = Checks(size)
    fresh = fresh_instance(durable=plan.durable, measured=SERVICE, serving=("team", SERVICE))
    async with fresh as instance, LoadGenerator.started() as load:
        url = with_database(instance.server.admin_url, DATABASE)
        staff, now = await fill_in_people(url, plan.people)
        tell(f"filling in {size:,} customers")
        began = asyncio.get_running_loop().time()
        await _fill(url, staff, now, size, tell)
        database = await Database.connect(instance.urls[SERVICE].login, SERVICE, connections=2)
        try:
            tell("counting keys")
            await rebuild.recount(database)
            found.filling_seconds = asyncio.get_running_loop().time() - began
            tell("looking for the true ones among candidates")
            found.recall = await _recall(database, size)
        finally:
            await database.close()
        found.rows = await _rows(url)
        await instance.start()
        asked = _requests(size, instance.token(staff.operations.id))
        for name, requests in asked.items():
            slots = [[one.raw() for one in requests[place::SLOTS] or requests] for place in range(SLOTS)]
            await load.define(name, slots)
            found.runs[name] = []
            await load.run(_job(instance, name, plan.seconds / 4))
        for number in range(1, plan.rounds + 1):
            tell(f"round {number} of {plan.rounds}")
            for name in asked:
                found.runs[name].append(await load.run(_job(instance, name, plan.seconds)))
            found.memory_mb.append(round(psutil.Process(instance.pids[SERVICE]).memory_info().rss / 1e6, 1))
        intakes = intake_operations(_told_of(size), instance.token(staff.operations.id))
        found.intakes = await measure_intakes(instance, load, plan, intakes, tell)
    return found


def _job(instance: Instance, name: str, seconds: float) -> Job:
    return Job(
        set=name,
        port=instance.port_of("direct"),
        connections=1,
        warm_up=seconds / 4,
        seconds=seconds * _LONGER,
        most_seconds=seconds * _LONGER * _PATIENCE,
        least=_LEAST,
        processes=instance.processes,
    )


async def _fill(url: str, staff: Organisation, now: datetime, size: int, tell: Callable[[str], None]) -> None:
    """Load customers and what they are found by, as the service derives it; indexes of keys are built at the end."""
    statistics = _beforehand(size)
    chunks = _chunks(staff, now, size, statistics)
    async with inside(url, SERVICE) as connection:
        for table in _INDEXED:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}")
        ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))
        done = 0
        while (rows := await ahead) is not None:
            ahead = asyncio.create_task(asyncio.to_thread(next, chunks, None))  # while PostgreSQL takes these
            await copy(connection, "customer", rows["customer"], _COLUMNS)
            await copy(connection, "match_profile", rows["match_profile"], _PROFILE_COLUMNS)
            await copy(connection, "match_key", rows["match_key"], ("key", "customer_id"))
            await copy(connection, "search_word", rows["search_word"], ("word", "customer_id"))
            done += len(rows["customer"])
            if done % (_AT_ONCE * 10) == 0:
                tell(f"{done:,} are in")
        for table, columns in _INDEXED.items():
            await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({columns})")
        await connection.execute(_ALL_DERIVED, REVISION)
        await connection.execute(_AGES)
        await connection.execute("RESET ROLE")
        await connection.execute("VACUUM (ANALYZE) customer.match_key, customer.search_word, customer.match_profile")
        await connection.execute("ANALYZE customer.customer")
        await connection.execute("CHECKPOINT")


_PROFILE_COLUMNS = ("customer_id", "revision", "profile", "held_keys", "held_words")
_AGES = """
INSERT INTO customer_age (customer_id, confirmed, oldest_at)
SELECT id, jsonb_build_object('legal_name', created_at, 'city', created_at), created_at FROM customer
"""
"""What a trigger writes for customers that come through the service."""
_ALL_DERIVED = "UPDATE match_statistics SET derived_by = $1, derived_up_to = NULL"


def _beforehand(size: int) -> Statistics:
    """Return how frequent keys will be about, so that the base is derived as one that has grown and was counted."""
    step = max(size // _COUNTED_BEFORE, 1)
    chunks = range(0, size, step * _DERIVED_AT_ONCE)
    some = [one for start in chunks for one in registered(start, min(start + _DERIVED_AT_ONCE, size))]
    counted = count(counted_keys(profile_of(one.company)) for one in some)
    scale = size / len(some)
    return Statistics(size, {key: round(many * scale) for key, many in counted.counts.items()})


def _chunks(
    staff: Organisation, now: datetime, size: int, statistics: Statistics
) -> Iterator[Mapping[str, list[tuple[object, ...]]]]:
    made = registered(0, size)
    sellers = staff.sellers
    while some := list(islice(made, _AT_ONCE)):
        rows: dict[str, list[tuple[object, ...]]] = {
            table: [] for table in ("customer", "match_profile", "match_key", "search_word")
        }
        for one in some:
            derived = derive(Findable(one.company), statistics)
            rows["customer"].append(_row(one, sellers[one.number % len(sellers)].id, now))
            held = (derived.profile, derived.keys, derived.words)
            rows["match_profile"].append((one.id, REVISION, *held))
            rows["match_key"] += [(key, one.id) for key in derived.keys]
            rows["search_word"] += [(word, one.id) for word in derived.words]
        yield rows


def _row(one: Registered, manager_id: UUID, at: datetime) -> tuple[object, ...]:
    """Return a customer's row, told apart from others of its name by its number; the list's search is not filled."""
    key, city_key = normalise_name(one.name), normalise_city(one.city)
    named = (one.id, "customer", one.name, key, one.country, one.city, city_key, str(one.number), one.phone)
    return (*named, "standard", manager_id, "simulated", "{}", "", manager_id, at, at)


def _sample(size: int, country: str, many: int) -> list[Registered]:
    """Return companies from all over the base."""
    step = max(size // 200, 1)
    found = [one for start in range(0, size, step) for one in registered(start, min(start + 20, size))]
    return [one for one in found if one.country == country][:many]


def _requests(size: int, token: str) -> dict[str, list[Request]]:
    latin, chinese = (_sample(size, country, _ASKED) for country in ("DE", "CN"))
    asked = {"get": [Request("GET", f"/v1/customers/{one.id}", token) for one in (*latin, *chinese)]}
    for name, some in (("latin", latin), ("chinese", chinese)):
        random = Random(7)
        bodies = [_body(one, misspelled(one, random)) for one in some]
        asked[f"check_{name}"] = [Request("POST", "/v1/matches", token, {"companies": [body]}) for body in bodies]
        lists = [bodies[start : start + 20] for start in range(0, len(bodies), 20)]
        asked[f"check_20_{name}"] = [Request("POST", "/v1/matches", token, {"companies": some}) for some in lists]
        typed = {
            "name": [one.name for one in some],
            "slip": [misspelled(one, random) for one in some],
            "beginning": [one.name[:6] if name == "latin" else one.name[:4] for one in some],
            "part": [one.name.split()[0] if name == "latin" else one.name[2:5] for one in some],
        }
        for kind, queries in typed.items():
            asked[f"search_{kind}_{name}"] = [
                Request("GET", f"/v1/search?{urlencode({'q': query})}", token) for query in queries
            ]
    return asked


def _body(one: Registered, name: str) -> dict[str, Any]:
    known: dict[str, Any] = {"legal_name": name, "country": one.country, "city": one.city}
    if one.phone and one.number % 2:
        known["phones"] = [one.phone]
    return known


def _told_of(size: int) -> list[dict[str, Any]]:
    """Return companies as the base has them: what is learned anew could not be learned twice by a floor."""
    some = _sample(size, "DE", _ASKED) + _sample(size, "CN", _ASKED)
    return [{"legal_name": one.name, "country": one.country, "city": one.city} for one in some]


async def _recall(database: Database, size: int) -> dict[str, float]:
    """Return how many of the companies meant are candidates, by the name alone and as checks are asked for."""
    found: dict[str, float] = {}
    for name, country in (("latin", "DE"), ("chinese", "CN")):
        some, random = _sample(size, country, _LOOKED_UP), Random(11)
        names = [misspelled(one, random) for one in some]
        alone = [
            Company(names=(Name(typed),), country=one.country, city=one.city)
            for one, typed in zip(some, names, strict=True)
        ]
        found[f"{name}, by name"] = await _share_found(database, some, alone)
        known = [
            Company(names=(Name(typed),), country=one.country, city=one.city, phones=one.company.phones)
            for one, typed in zip(some, names, strict=True)
        ]
        found[f"{name}, by name and phone where known"] = await _share_found(database, some, known)
    return found


async def _share_found(database: Database, meant: Sequence[Registered], asked: Sequence[Company]) -> float:
    met = 0
    async with reading(database) as tx:
        for start in range(0, len(asked), 20):
            candidates = await checking.candidates_of(tx, asked[start : start + 20])
            met += sum(one.id in ids for one, ids in zip(meant[start : start + 20], candidates, strict=True))
    return met / max(len(asked), 1)


async def _rows(url: str) -> dict[str, int]:
    async with inside(url, SERVICE) as connection:
        return {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in ("match_profile", *_INDEXED)
        }
