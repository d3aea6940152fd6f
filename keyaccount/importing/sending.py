"""Sending a plan through the public batch API, chunk by chunk, as an ordinary client."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from keyaccount.api_client import ApiClient, Refused, sentence
from keyaccount.importing.bars import Advance
from keyaccount.importing.catalogue import Catalogue, Named, Planned, Reference
from keyaccount.importing.entries import place_of
from keyaccount.importing.journal import ItemOutcome, Journal
from keyaccount.importing.levels import chunks, levels
from keyaccount.importing.outcomes import Outcome, Outcomes
from keyaccount.importing.planning import Plan, RecordSet

AT_ONCE = 3
"""Chunks in flight where their order does not matter; more only queue at the database."""

_ITEM_POINTER = re.compile(r"^#?/(?:body/)?items/(\d+)(/.*)?$")


@dataclass
class Ids:
    """The ids of records by name: from this run's outcomes, else asked of the API once."""

    client: ApiClient
    catalogue: Catalogue
    known: dict[Named, str] = field(default_factory=dict)
    absent: set[Named] = field(default_factory=set)

    async def learn(self, names: Sequence[Named]) -> None:
        """Ask the API for the names that the files do not hold."""
        for named in names:
            if named not in self.known and named not in self.absent and self.catalogue.get(named) is None:
                found = await self._ask(named)
                if found is None:
                    self.absent.add(named)
                else:
                    self.known[named] = found

    async def _ask(self, named: Named) -> str | None:
        asked: dict[str, str | int | bool | None] = {
            "external_system": named.system,
            "external_id": named.id,
            "limit": 1,
        }
        page = await self.client.get(f"/v1/{named.kind}", asked)
        return str(page["items"][0]["id"]) if page["items"] else None

    def missing(self, record: Planned) -> str | None:
        """Return why a record's references cannot be resolved, or `None`."""
        for named in record.references:
            if named not in self.known:
                target = self.catalogue.get(named)
                said = f"line {target.line} of {target.file}, was rejected" if target else "unknown here and in the API"
                return f"it refers to '{named.id}' of {named.kind}: {said}"
        return None

    def written(self, value: Any) -> str:
        """Return the id for a reference while an item is written as JSON."""
        if isinstance(value, Reference):
            return self.known[value.target]
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")


@dataclass
class Sender:
    """Sends what is planned and collects the outcomes."""

    client: ApiClient
    plan: Plan
    journal: Journal
    outcomes: Outcomes
    progress: Advance

    def __post_init__(self) -> None:
        self.ids = Ids(self.client, self.plan.catalogue)
        self._free = asyncio.Semaphore(AT_ONCE)

    async def send(self) -> None:
        """Send everything; what the journal has as done is not sent again.

        Each set waits for those before it that are of its kind or of kinds it refers to; others go side by side.
        """
        self.outcomes.add(left_out(self.plan))
        done = [asyncio.Event() for _ in self.plan.sets]
        try:
            async with asyncio.TaskGroup() as tasks:
                for number, records in enumerate(self.plan.sets):
                    waits = [done[before] for before in _waits_for(self.plan.sets, number)]
                    tasks.create_task(self._send_set(number, records, waits, done[number]))
        except ExceptionGroup as errors:
            raise _first_of(errors) from None

    async def _send_set(
        self, number: int, records: RecordSet, waits: Sequence[asyncio.Event], done: asyncio.Event
    ) -> None:
        for before in waits:
            await before.wait()
        for depth, level in enumerate(levels(records.records)):
            async with asyncio.TaskGroup() as tasks:
                for place, chunk in enumerate(chunks(level)):
                    tasks.create_task(self._send_chunk(f"{number}.{depth}.{place}", chunk))
        done.set()

    async def _send_chunk(self, name: str, chunk: Sequence[Planned]) -> None:
        async with self._free:
            done = self.journal.done.get(name)
            if done is None:
                done = await self._post(name, chunk)
                self.journal.finish(name, done)
        self._note(chunk, done)

    async def _post(self, name: str, chunk: Sequence[Planned]) -> list[ItemOutcome]:
        await self.ids.learn([named for record in chunk for named in record.references])
        refusals = {
            at: refusal
            for at, record in enumerate(chunk)
            if (refusal := record.refused or self.ids.missing(record)) is not None
        }
        answered = await self._batch(name, chunk, refusals)
        return [answered.get(at) or ("rejected", None, refusals[at]) for at in range(len(chunk))]

    async def _batch(self, name: str, chunk: Sequence[Planned], refusals: dict[int, str]) -> dict[int, ItemOutcome]:
        """Send the records that are not refused; those that make the whole batch malformed join the refused ones."""
        while sent := [at for at in range(len(chunk)) if at not in refusals]:
            written = {"items": [chunk[at].item for at in sent], "atomic": False}
            body = orjson.dumps(written, default=self.ids.written)
            path = f"/v1/{chunk[0].kind}/batches"
            try:
                answer = await self.client.send("POST", path, content=body, key=self.journal.key(name, body))
            except Refused as refused:
                blamed = _blamed_items(refused)
                if not blamed:
                    raise
                refusals.update({sent[number]: said for number, said in blamed.items()})
            else:
                return {at: _outcome(chunk[at], one) for at, one in zip(sent, answer.body["items"], strict=True)}
        return {}

    def _note(self, chunk: Sequence[Planned], done: Sequence[ItemOutcome]) -> None:
        rows = []
        for record, (outcome, identifier, reason) in zip(chunk, done, strict=True):
            if identifier is not None and outcome != "rejected":
                self.ids.known[Named(record.kind, self.plan.mapping.system, record.id)] = identifier
            said = reason or record.note
            rows.append(Outcome(record.file, record.line, record.kind, record.id, outcome, identifier, said))
        self.outcomes.add(rows)
        self.progress(chunk[0].kind, len(chunk))


def _waits_for(sets: Sequence[RecordSet], number: int) -> list[int]:
    """Return which sets have to be in before the set at `number` is sent."""
    own = sets[number]
    needed = {own.kind} | {named.kind for record in own.records for named in record.references}
    return [before for before in range(number) if sets[before].kind in needed]


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what went wrong first, out of the groups it came up in."""
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


def _blamed_items(refused: Refused) -> dict[int, str]:
    """Return what a refusal of a whole batch says about single items, by their position."""
    blamed: dict[int, str] = {}
    for error in refused.problem.get("errors") or ():
        found = _ITEM_POINTER.match(str(error.get("pointer", "")))
        if found is None:
            return {}
        said = f"{found[2] or '/'}: {error.get('message', '')}"
        number = int(found[1])
        blamed[number] = f"{blamed[number]}; {said}" if number in blamed else said
    return blamed


def _outcome(record: Planned, answer: dict[str, Any]) -> ItemOutcome:
    problem = answer.get("problem")
    return answer["outcome"], answer.get("id"), _said(record, problem) if problem else None


def _said(record: Planned, problem: dict[str, Any]) -> str:
    """Return why a record was refused; where an entry made of a row of another file is to blame, with file and line.

    A refusal that tells of many entries at once (`lines`) is told entry by entry.
    """
    faults = problem.get("lines")
    if isinstance(faults, list):
        return "; ".join(_fault(record, fault) for fault in faults)
    places = [place_of(record.item, str(one.get("pointer", ""))) for one in problem.get("errors") or ()]
    first = next((place for place in places if place), None)
    return f"{first}: {sentence(problem)}" if first else sentence(problem)


def _fault(record: Planned, fault: dict[str, Any]) -> str:
    place = place_of(record.item, fault["pointer"]) or fault["pointer"]
    return f"{place}: {fault['field']}: {fault['message']}"


def left_out(plan: Plan) -> list[Outcome]:
    """Return the outcomes of the rows that are not sent."""
    return [
        Outcome(out.file, out.line, out.kind, out.id, "skipped" if out.skipped else "rejected", None, out.reason)
        for out in plan.left_out
    ]


async def rehearse(client: ApiClient, plan: Plan, outcomes: Outcomes) -> None:
    """Check all references as sending would, asking the API only for what the files do not hold; send nothing."""
    outcomes.add(left_out(plan))
    ids = Ids(client, plan.catalogue)
    for records in plan.sets:
        for level in levels(records.records):
            outcomes.add(await _rehearse_level(ids, level, plan))


async def _rehearse_level(ids: Ids, level: Sequence[Planned], plan: Plan) -> list[Outcome]:
    rows = []
    for record in level:
        await ids.learn(record.references)
        record.refused = record.refused or ids.missing(record)
        if record.refused is None:
            ids.known[Named(record.kind, plan.mapping.system, record.id)] = "would be made"
        outcome, said = ("rejected", record.refused) if record.refused else ("would_be_sent", record.note)
        rows.append(Outcome(record.file, record.line, record.kind, record.id, outcome, None, said))
    return rows
