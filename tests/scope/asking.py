"""What a trial asks, by whom, and how its answer is judged."""

import random
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from servicekit.values.ids import new_id
from tests.scope.rule import Actor, World

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFUSED = frozenset({401, 403, 404})
FIRST_FAILURE = 500
Judge = Callable[[World, Actor, "Answer"], str | None]
"""Returns what is wrong with an answer, if the world was so; None where it is right."""

Effect = Callable[[World, "Answer"], Awaitable[None]]
"""Alters a copy of the world by what a change that was carried out has done."""

Fits = Callable[[World, Actor], bool]
Shows = Callable[[World, Actor], Collection[str]]
"""Returns the ids that a list shows."""


@dataclass(frozen=True)
class Answer:
    """A status and what came with it; `text` is all that was told."""

    status: int
    content: Any
    text: str = ""
    etag: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @cached_property
    def ids(self) -> frozenset[str]:
        """All the ids that it tells, wherever they stand."""
        return frozenset(ID.findall(self.text))


@dataclass(frozen=True)
class Ask:
    """A request. One with an `effect` changes who may see what: such requests go one after the other."""

    judge: Judge
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Any = None
    version_of: str = ""
    effect: Effect | None = None
    judge_too: Judge | None = None
    """Judges a part of the answer that may be of another instant than the rest, such as a total."""
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: Shows | None = None
    """What a list shows, for who judges its export."""
    is_local: bool = False
    """The effect concerns nobody but the service that is asked: nothing has to reach the others first."""
    task: Any = None
    """What the job is about that such a request is answered with."""

    @property
    def judges(self) -> list[Judge]:
        """Every judge of the answer."""
        return [self.judge, self.judge_too] if self.judge_too else [self.judge]


@dataclass
class Memory:
    """What clients remember between requests; it decides nothing."""

    versions: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    adjustments: dict[str, list[str]] = field(default_factory=dict)
    contact_names: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, Any] = field(default_factory=dict)
    products: list[str] = field(default_factory=list)
    calibrations: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    segments: dict[str, str] = field(default_factory=dict)
    """Whose each saved segment is."""
    evaluations: dict[str, str] = field(default_factory=dict)
    """The latest evaluation of a customer."""
    assessments: dict[str, str] = field(default_factory=dict)
    """The latest assessment of an opportunity."""
    erp: dict[str, dict[str, str]] = field(default_factory=lambda: {"systems": {}, "references": {}, "orders": {}})
    """ERP systems and codes there by their ids: what a system is called, of which system a code is."""
    rules: list[str] = field(default_factory=list)
    today: str = ""
    ten_days_on: str = ""
    quarter: str = ""
    quarters_end: str = ""

    def hear(self, content: Any) -> None:
        """Remember the versions, parts and records that an answer tells of."""
        if not isinstance(content, dict):
            return
        for each in [content, content.get("webhook"), *(content.get("items") or [])]:
            if not isinstance(each, dict):
                continue
            if "reports_to_id" in each and each["name"]:
                self.contact_names[each["id"]] = each["name"]
            if isinstance(each.get("id"), str) and isinstance(each.get("version"), int):
                self.versions[each["id"]] = each["version"]
            if "other_names" in each:
                self.parts[each["id"]] = {
                    kind: [part["id"] for part in each[kind]] for kind in ("other_names", "identifiers", "addresses")
                }
            if "revision" in each and each.get("id"):
                self.records[each["id"]] = each["seat_id"]
                self.adjustments.setdefault(each["id"], []).extend(made["id"] for made in each.get("adjustments", ()))


@dataclass(frozen=True)
class Draw:
    """What a trial draws its request from."""

    world: World
    actor: Actor
    chance: random.Random
    memory: Memory

    def one(self, things: Iterable[str]) -> str:
        """Return one of some ids, an id that nothing has where there are none."""
        known = sorted(things)
        return self.chance.choice(known) if known else str(new_id())

    def seen(self, things: Iterable[str], sees: Callable[[Actor, str], bool]) -> str:
        """Return one of some ids: mostly one that the actor sees, so that hidden and shown are tried alike."""
        known = list(things)
        self.chance.shuffle(known)
        if not known or self.chance.random() < 0.05:
            return str(new_id())
        if self.chance.random() < 0.6:
            return next((each for each in known if sees(self.actor, each)), known[0])
        return known[0]

    def customer(self) -> str:
        """Return a customer."""
        return self.seen(self.world.customers, self.world.sees_customer)

    def opportunity(self) -> str:
        """Return an opportunity."""
        return self.seen(self.world.opportunities, self.world.sees_opportunity)

    def seat(self, cycle: str = "") -> str:
        """Return a seat, of a cycle if it is named."""
        return self.seen(self.world.seats_of(cycle) if cycle else self.world.seats, self.world.sees_seat)

    def cycle(self) -> str:
        """Return an open cycle."""
        return self.one(cycle for cycle, is_open in self.world.cycles.items() if is_open)

    def record(self) -> str:
        """Return a forecast of some seat."""
        seats = self.memory.records
        return self.seen(seats, lambda actor, record: self.world.sees_seat(actor, seats[record]))

    def person(self, *, there: bool = True) -> str:
        """Return somebody, one who is there unless said otherwise."""
        return self.one(
            person
            for person, known in self.world.people.items()
            if not known.is_machine and (known.is_there or not there)
        )

    def below(self) -> str:
        """Return somebody below the actor, or anybody."""
        known = self.world.people
        people = [each for each in self.world.below(self.actor) if known[each].is_there and not known[each].is_machine]
        return self.one(people) if people and self.chance.random() < 0.6 else self.person()

    def either(self) -> bool:
        """Toss a coin."""
        return self.chance.random() < 0.5


def word() -> str:
    """Return a word that nothing else is called."""
    return new_id().hex[-12:]


# Judging


def expect(answer: Answer, *statuses: int) -> str | None:
    """Return what is wrong where the status is another."""
    return None if answer.status in statuses else f"{answer.status} instead of {' or '.join(map(str, statuses))}"


def served(answer: Answer) -> str | None:
    """Return what is wrong where somebody was sent away who may do it."""
    if answer.status in REFUSED or answer.status >= FIRST_FAILURE:
        return f"{answer.status} to somebody who may do this"
    return None


def everybody(_: World, __: Actor, answer: Answer) -> str | None:
    """Whoever is signed in is served."""
    return served(answer)


def only(may: Fits) -> Judge:
    """Whoever may is served, others may not do what is no secret."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return served(answer) if may(world, actor) else expect(answer, 403)

    return judge


def roles(*names: str) -> Judge:
    """Whoever has one of the roles is served."""
    return only(lambda world, actor: world.has(actor, *names))


def always(_: World, __: Actor) -> bool:
    """Whoever sees it may do it."""
    return True


def thing(sees: Fits, may: Fits = always) -> Judge:
    """What one may not see is not there; what one sees and may not do is refused."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not sees(world, actor):
            return expect(answer, 404)
        return served(answer) if may(world, actor) else expect(answer, 403)

    return judge


def named(sees: Fits, may: Fits = always) -> Judge:
    """Who names something in a body that they may not see is told that there is none."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not sees(world, actor):
            return expect(answer, 422)
        if not may(world, actor):
            return expect(answer, 403)
        is_hidden = answer.status == 422 and str(answer.content.get("code", "")).startswith("unknown_")
        return "told that there is none" if is_hidden else served(answer)

    return judge


def listing(visible: Shows, key: str = "id") -> Judge:
    """A list holds what its reader may see: all of it, and nothing else."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        if answer.content.get("next"):
            return "more than a page: the world has grown too large to be judged"
        return same(set(visible(world, actor)), {each[key] for each in answer.content["items"]})

    return judge


def same(due: set[str], shown: set[str]) -> str | None:
    """Return what is shown and should not be, and what is missing."""
    if due == shown:
        return None
    return f"shows too much: {sorted(shown - due)}, and too little: {sorted(due - shown)}"


def batch(judge: Judge) -> Judge:
    """Judge a batch of one by what became of its item; the whole may be refused like the item."""

    def judge_item(world: World, actor: Actor, answer: Answer) -> str | None:
        if answer.status != 200:
            return judge(world, actor, answer)
        (item,) = answer.content["items"]
        problem = item["problem"]
        if problem is None and item["outcome"] == "rejected":
            return "rejected without a reason"
        inner = Answer(problem["status"], problem) if problem else Answer(200, item)
        return judge(world, actor, inner)

    return judge_item
